"""An index for each filter of the activity page. Schema only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0017_throttles")]

    operations = [
        migrations.AddIndex("auditevent", models.Index(fields=["at", "id"], name="audit_newest")),
        migrations.AddIndex("auditevent", models.Index(fields=["action", "at", "id"], name="audit_of_action")),
        migrations.AddIndex("auditevent", models.Index(fields=["ip_address", "at", "id"], name="audit_of_ip_address")),
        migrations.AddIndex("auditevent", models.Index(fields=["actor_email", "at", "id"], name="audit_of_actor_email")),
        migrations.AddIndex("auditevent", models.Index(fields=["target_name", "at", "id"], name="audit_of_target_name")),
    ]
