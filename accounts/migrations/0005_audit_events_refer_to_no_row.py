"""Audit events no longer refer to rows, so that the deletion of one changes no event. Schema only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_fill_audit_event_names")]

    operations = [
        migrations.RemoveField("auditevent", "actor"),
        migrations.RemoveField("auditevent", "customer"),
        migrations.AlterField("auditevent", "target_code", models.UUIDField(editable=False, null=True)),
        migrations.AddIndex(
            "auditevent", models.Index(fields=["actor_code", "at", "id"], name="audit_of_actor")
        ),
        migrations.AddIndex(
            "auditevent", models.Index(fields=["customer_code", "at", "id"], name="audit_of_customer")
        ),
        migrations.AddIndex(
            "auditevent", models.Index(fields=["target_code", "at", "id"], name="audit_of_target")
        ),
    ]
