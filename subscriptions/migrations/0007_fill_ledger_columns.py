from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat, Lower
from django.db.models import CharField

UNSETTLED = ["queued", "sending", "unknown", "attention"]


def fill(apps, schema_editor):
    """Give what is there the lane and the exclusiveness of its kind; amounts that nobody confirmed are open."""
    Operation = apps.get_model("subscriptions", "Operation")
    Operation.objects.filter(kind="preregister").update(
        lane="alone", exclusive=Concat(Value("made:"), Cast("subscription_id", CharField()))
    )
    Operation.objects.filter(kind="add_domain").update(
        exclusive=Concat(Value("name:"), Cast("binding_id", CharField()), Value(":"), F("domain_name"))
    )
    # A repeatable call is sent again where its answer was lost: it is never unknown.
    Operation.objects.filter(kind="preregister", state="unknown").update(state="queued", claim_token=None, sent_at=None)
    guessed = Operation.objects.filter(state="succeeded", is_charge_confirmed=False)
    guessed.filter(price__gt=0).update(is_charge_open=True, charged=None)
    Transaction = apps.get_model("subscriptions", "Transaction")
    Transaction.objects.update(kind=Lower("kind"), executed_until=F("executed_at"))
    held = Operation.objects.exclude(ca_order_number=None).exclude(binding=None)
    for operation in held.iterator():
        rows = Transaction.objects.filter(
            binding=operation.binding_id, ca_order_number=operation.ca_order_number, kind="adddomain"
        )
        rows.update(explained="operation", operation=operation)
    # Names that a reading brought before there were findings were never to be explained.
    apps.get_model("subscriptions", "Domain").objects.filter(operation=None).update(is_taken_over=True)
    Unassigned = apps.get_model("subscriptions", "UnassignedAccount")
    for orphan in apps.get_model("subscriptions", "OrphanBinding").objects.iterator():
        Unassigned.objects.create(
            eab_key_id=orphan.eab_key_id, first_seen_at=orphan.found_at, last_seen_at=orphan.found_at, state="unassigned"
        )


def keep(apps, schema_editor):
    """Going back, the columns are dropped with what is in them."""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0006_ledger_columns")]

    operations = [migrations.RunPython(fill, keep)]
