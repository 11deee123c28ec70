"""The database refuses to change or delete the steps of operations. Schema only."""

from django.db import migrations

from accounts.models.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_audit_events_stay_as_they_are"),
        ("subscriptions", "0010_drop_what_nothing_reads"),
    ]

    operations = [append_only("subscriptions_operationevent", unique=("id",))]
