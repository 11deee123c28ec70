"""Write the codes and names into the audit events there are, as they are known today. Data only."""

from django.db import migrations
from django.db.models import CharField, F, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Substr, Upper

LONGEST = 300


def fill(apps, schema_editor):
    """Take actor, customer and target from their rows; of what is sold, whose rows are not known here, tell the code."""
    events = _rows(apps, schema_editor, "AuditEvent")
    actor = _rows(apps, schema_editor, "User").filter(pk=OuterRef("actor"))
    name = Coalesce(NullIf("name", Value("")), "email", output_field=CharField())
    events.exclude(actor=None).update(
        actor_code=Subquery(actor.values("code")),
        actor_name=Subquery(actor.annotate(shown=name).values("shown")),
        actor_email=Subquery(actor.values("email")),
    )
    customer = _rows(apps, schema_editor, "Customer").filter(pk=OuterRef("customer"))
    events.exclude(customer=None).update(
        customer_code=Subquery(customer.values("code")), customer_name=Subquery(customer.values("name"))
    )
    _fill_targets(apps, schema_editor, events, name)


def _fill_targets(apps, schema_editor, events, name):
    short_code = Substr(Cast("target_code", TextField()), 1, 8)
    kind = Concat(Upper(Substr("target_kind", 1, 1)), Substr("target_kind", 2))
    events.exclude(target_code=None).update(target_name=Concat(kind, Value(" "), short_code, output_field=TextField()))
    shown = {
        "User": name,
        "Customer": F("name"),
        "Invitation": Concat("email", Value(" – "), "customer__name", output_field=CharField()),
    }
    for model, words in shown.items():
        target = _rows(apps, schema_editor, model).filter(code=OuterRef("target_code")).annotate(shown=words)
        found = Subquery(target.values("shown"))
        events.filter(target_kind=model.lower(), target_code__isnull=False).update(
            target_name=Substr(Coalesce(found, F("target_name")), 1, LONGEST)
        )


def refer_again(apps, schema_editor):
    """Point to the actors and customers that are still there."""
    events = _rows(apps, schema_editor, "AuditEvent")
    actor = _rows(apps, schema_editor, "User").filter(code=OuterRef("actor_code"))
    customer = _rows(apps, schema_editor, "Customer").filter(code=OuterRef("customer_code"))
    events.update(actor=Subquery(actor.values("pk")), customer=Subquery(customer.values("pk")))


def _rows(apps, schema_editor, model):
    return apps.get_model("accounts", model)._base_manager.using(schema_editor.connection.alias).order_by()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_audit_event_names")]

    operations = [migrations.RunPython(fill, refer_again)]
