"""A table of the settings that people change in the portal. Schema only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_addresses_are_guarded")]

    operations = [
        migrations.CreateModel(
            name="Setting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(editable=False, max_length=60, unique=True)),
                ("value", models.CharField(editable=False, max_length=200)),
            ],
            options={"ordering": ["name"]},
        ),
    ]
