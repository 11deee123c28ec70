"""Open invitations end whose sender is gone, was made inactive, removed or demoted before they ended with that."""

from typing import Any

from django.db import migrations
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

STAFF_WHO_INVITE = ("reseller_admin", "operator")


def end_unfounded(apps: Any, schema_editor: Any) -> None:
    """End every open invitation that nobody who may invite stands behind."""
    invitation, membership = (apps.get_model("accounts", name) for name in ("Invitation", "Membership"))
    owns = Exists(membership.objects.filter(customer=OuterRef("customer"), user=OuterRef("invited_by"), role="owner"))
    founded = Q(invited_by__is_active=True) & (Q(invited_by__reseller_role__in=STAFF_WHO_INVITE) | owns)
    open_ones = invitation.objects.filter(accepted_at=None, revoked_at=None)
    unfounded = list(open_ones.exclude(pk__in=open_ones.filter(founded).values("pk")).values_list("pk", flat=True))
    invitation.objects.filter(pk__in=unfounded).update(revoked_at=timezone.now(), token_digest="")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_invitations_end_with_who_sent_them")]

    operations = [migrations.RunPython(end_unfounded, migrations.RunPython.noop)]
