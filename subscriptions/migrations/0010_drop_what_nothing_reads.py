from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0009_indexes_for_pages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveField(
            model_name='gate',
            name='claims',
        ),
        migrations.RemoveField(
            model_name='workerheartbeat',
            name='run',
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(condition=models.Q(('lane', 'account'), ('state', 'queued')), fields=['binding'], name='operation_goes_first'),
        ),
    ]
