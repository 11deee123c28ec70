"""Audit events hold the user agent as well. Schema only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_audit_events_refer_to_no_row")]

    operations = [
        migrations.AddField(
            "auditevent",
            "user_agent",
            models.CharField(blank=True, default="", editable=False, max_length=200),
            preserve_default=False,
        ),
        migrations.AlterField(
            "auditevent",
            "ip_address",
            models.GenericIPAddressField(editable=False, null=True, verbose_name="IP address"),
        ),
    ]
