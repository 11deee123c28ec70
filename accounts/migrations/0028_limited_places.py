"""Who sees some subscriptions of a customer only."""

from django.db import migrations, models

from accounts.address_guard import guard_addresses


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0027_archived_customers'),
    ]

    operations = [
        migrations.AddField(
            model_name='invitation',
            name='is_limited',
            field=models.BooleanField(default=False, editable=False, help_text='For some subscriptions of the customer only.'),
        ),
        migrations.AddField(
            model_name='membership',
            name='is_limited',
            field=models.BooleanField(default=False, editable=False, help_text='Sees some subscriptions of the customer only.'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('is_limited', False), models.Q(('role', 'owner'), _negated=True), _connector='OR'), name='invitation_owner_sees_all'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('is_limited', False), models.Q(('role', 'owner'), _negated=True), _connector='OR'), name='membership_owner_sees_all'),
        ),
        guard_addresses(),
    ]
