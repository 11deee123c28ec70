"""A table that counts what is refused, so that the audit trail is not filled with it. Schema only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_names_without_web_addresses")]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(editable=False, max_length=64, unique=True)),
                ("since", models.DateTimeField(db_index=True, editable=False)),
                ("number", models.PositiveIntegerField(default=0, editable=False)),
            ],
            options={"verbose_name_plural": "tallies"},
        ),
    ]
