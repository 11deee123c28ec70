"""The sign-in library's own addresses go: each was good for a link to choose a new password."""

from typing import Any

from django.db import migrations


def take_away(apps: Any, schema_editor: Any) -> None:
    """Delete every row."""
    apps.get_model("account", "EmailAddress").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_tally"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(take_away, migrations.RunPython.noop)]
