"""Which subscriptions those see who see some of a customer only."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0028_limited_places'),
        ('subscriptions', '0033_notes_on_subscriptions'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscription',
            name='invitations',
            field=models.ManyToManyField(blank=True, editable=False, help_text='Limited ones that give it.', related_name='subscriptions', to='accounts.invitation'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='memberships',
            field=models.ManyToManyField(blank=True, editable=False, help_text='Limited ones that see it.', related_name='subscriptions', to='accounts.membership'),
        ),
    ]
