"""Write the plain form of each customer's name. Those named like an older one stay, marked: the dashboard tells of them."""

import unicodedata
from typing import Any

from django.db import migrations


def plain_name(name: str) -> str:
    """Give a name as `accounts.plain_names` did when this was written."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def fill(apps: Any, schema_editor: Any) -> None:
    """Write it, the oldest customer first."""
    customers = apps.get_model("accounts", "Customer")._base_manager.using(schema_editor.connection.alias)
    there: set[str] = set()
    for pk, name in list(customers.order_by("pk").values_list("pk", "name")):
        plain = plain_name(name)
        customers.filter(pk=pk).update(plain_name=plain, is_look_alike=plain in there)
        there.add(plain)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0024_plain_names")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
