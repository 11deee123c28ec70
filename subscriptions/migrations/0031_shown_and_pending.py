"""From when on a subscription is seen, and hand-overs that wait for somebody to accept."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0022_sessions_by_digest'),
        ('subscriptions', '0030_list_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='subscription',
            name='hand_over_pending_since',
            field=models.DateTimeField(blank=True, editable=False, help_text='Decided, and done as soon as an invited person accepts.', null=True),
        ),
        migrations.AddField(
            model_name='subscription',
            name='shown_at',
            field=models.DateTimeField(blank=True, editable=False, help_text="Since when its customer's people see it.", null=True),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('hand_over_pending_since__isnull', False)), fields=['hand_over_pending_since'], name='subscription_hand_over_pending'),
        ),
    ]
