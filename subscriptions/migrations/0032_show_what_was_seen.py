from django.db import migrations
from django.db.models import F


def show(apps, schema_editor):
    """Keep what people could see before the hand-over counted: all there is."""
    apps.get_model("subscriptions", "Subscription").objects.filter(shown_at=None).update(shown_at=F("created_at"))


def keep(apps, schema_editor):
    """Going back, the column is dropped with what is in it."""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0031_shown_and_pending")]

    operations = [migrations.RunPython(show, keep)]
