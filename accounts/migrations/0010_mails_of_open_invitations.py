"""Have the open invitations mailed that nobody has been mailed yet: a sweep of their own looked for them until now.

Data only. Going back drops the outbox itself.
"""

from django.db import migrations
from django.utils import timezone


def write_mails(apps, schema_editor):
    """Write a mail for each, as inviting somebody does."""
    using = schema_editor.connection.alias
    invitations = apps.get_model("accounts", "Invitation")._base_manager.using(using)
    mails = apps.get_model("accounts", "Mail")._base_manager.using(using)
    waiting = invitations.filter(accepted_at=None, revoked_at=None, mailed_at=None, expires_at__gt=timezone.now())
    mails.bulk_create(
        mails.model(
            notice="invitation",
            address=one.email,
            about_kind="invitation",
            about_code=one.code,
            about_name=f"{one.email} – {one.customer.name}"[:300],
        )
        for one in waiting.select_related("customer").order_by("pk")
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_outbox")]

    operations = [migrations.RunPython(write_mails, migrations.RunPython.noop)]
