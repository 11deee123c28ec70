from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0008_one_unsettled_of_each'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='domain',
            index=models.Index(condition=models.Q(('removed_at', None)), fields=['ov_anchor_order_number'], name='domain_by_anchor'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(fields=['state', 'created_at'], name='operation_state_age'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(fields=['kind', 'state', 'finished_at'], name='operation_kind_ended'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['-confirmed_at', '-id'], name='order_newest'),
        ),
    ]
