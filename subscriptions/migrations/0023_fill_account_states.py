import uuid

from django.db import migrations

AT_ONCE = 1000


def fill(apps, schema_editor):
    """Give each ACME account a code of its own, and take what is known of its client for told."""
    AcmeAccount = apps.get_model("subscriptions", "AcmeAccount")
    rows = AcmeAccount.objects.order_by("pk")
    last = 0
    while some := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        for row in some:
            row.code = uuid.uuid4()
            row.known_user_agents = [row.user_agent] if row.user_agent else []
            row.known_addresses = [row.ip_address] if row.ip_address else []
            if row.user_agent or row.ip_address or row.status.lower() in ("valid", "active"):
                row.registered_at = row.first_seen_at
        AcmeAccount.objects.bulk_update(some, ["code", "known_user_agents", "known_addresses", "registered_at"])
        last = some[-1].pk


def keep(apps, schema_editor):
    """Going back, the columns are dropped with what is in them."""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0022_account_states")]

    operations = [migrations.RunPython(fill, keep)]
