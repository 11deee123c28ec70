"""The database refuses to change or delete audit events. Schema only."""

from django.db import migrations

from accounts.models.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_audit_event_user_agent")]

    operations = [append_only("accounts_auditevent", unique=("id", "code"))]
