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
    Operation.objects.filter(kind="add_domain").exclude(binding=None).update(
        exclusive=Concat(Value("name:"), Cast("binding_id", CharField()), Value(":"), F("domain_name"))
    )
    # A repeatable call is sent again where its answer was lost: it is never unknown.
    Operation.objects.filter(kind="preregister", state="unknown").update(state="queued", claim_token=None, sent_at=None)
    guessed = Operation.objects.filter(state="succeeded", is_charge_confirmed=False)
    guessed.filter(price__gt=0).update(is_charge_open=True, charged=None)
    Transaction = apps.get_model("subscriptions", "Transaction")
    _drop_second_spellings(Transaction)
    Transaction.objects.update(kind=Lower("kind"), executed_until=F("executed_at"))
    held = Operation.objects.exclude(ca_order_number=None).exclude(binding=None)
    for operation in held.iterator():
        rows = Transaction.objects.filter(
            binding=operation.binding_id, ca_order_number=operation.ca_order_number, kind__in=["adddomain", ""]
        )
        rows.update(explained="operation", operation=operation)
    _take_the_rest_as_history(Operation, Transaction)
    # Names that a reading brought before there were findings were never to be explained.
    apps.get_model("subscriptions", "Domain").objects.filter(operation=None).update(is_taken_over=True)
    Unassigned = apps.get_model("subscriptions", "UnassignedAccount")
    held_keys = apps.get_model("subscriptions", "EabBinding").objects.values("eab_key_id")
    orphans = apps.get_model("subscriptions", "OrphanBinding").objects.exclude(eab_key_id__in=held_keys)
    for orphan in orphans.iterator():
        Unassigned.objects.create(
            eab_key_id=orphan.eab_key_id, first_seen_at=orphan.found_at, last_seen_at=orphan.found_at, state="unassigned"
        )


def _drop_second_spellings(Transaction):
    """Drop what the CA wrote in two ways, which was kept as two rows."""
    seen = set()
    for pk, *spelled in Transaction.objects.order_by("pk").values_list("pk", "binding", "kind", "ca_order_number"):
        key = (spelled[0], spelled[1].lower(), spelled[2])
        if key in seen:
            Transaction.objects.filter(pk=pk).delete()
        seen.add(key)


def _take_the_rest_as_history(Operation, Transaction):
    """Have nothing be asked for an explanation that the old version could not give: refunds, and others' charges."""
    unnumbered = {}
    done = Operation.objects.filter(kind="add_domain", state="succeeded", ca_order_number=None)
    for binding, name in done.values_list("binding", "domain_name"):
        unnumbered.setdefault(binding, set()).add(name)
    for row in Transaction.objects.filter(explained="").iterator():
        names = set(row.names if isinstance(row.names, list) else [])
        if row.kind == "refunddomain" or names.isdisjoint(unnumbered.get(row.binding_id, ())):
            Transaction.objects.filter(pk=row.pk).update(explained="history")


def keep(apps, schema_editor):
    """Going back, the columns are dropped with what is in them."""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0006_ledger_columns")]

    operations = [migrations.RunPython(fill, keep)]
