"""Sessions are stored under a digest of their key. Those of before nobody can go on with: people sign in again."""

from typing import Any

from django.db import migrations


def drop(apps: Any, schema_editor: Any) -> None:
    """Delete every session and what was noted of it."""
    for app, name in (("usersessions", "UserSession"), ("sessions", "Session")):
        apps.get_model(app, name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_setting"),
        ("sessions", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]
    operations = [migrations.RunPython(drop, migrations.RunPython.noop)]
