"""Addresses written before there was one writing of each are written anew; what cannot be is left alone, and told."""

import logging
import unicodedata
from collections.abc import Iterator
from typing import Any

import idna
from django.core.exceptions import ValidationError
from django.db import migrations
from django.utils import timezone

from accounts.email_addresses import normal_form

logger = logging.getLogger(__name__)


def read_again(text: str) -> str | None:
    """Give the one writing of what an older version took, as mail servers understood it; None where there is none."""
    seen = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) not in ("Cc", "Cf"))
    local, _, domain = seen.strip().rpartition("@")
    try:
        return normal_form(f"{local}@{idna.uts46_remap(domain, std3_rules=False)}")
    except (ValidationError, idna.IDNAError):
        return None


def other_writings(model: Any, field: str) -> Iterator[tuple[int, str, str | None]]:
    """Give the rows whose address is not in its one writing, oldest first: key, address, and the one writing of it."""
    for pk, text in list(model.objects.exclude(**{field: ""}).order_by("pk").values_list("pk", field)):
        if (address := read_again(text)) != text:
            yield pk, text, address


def write_anew(apps: Any, schema_editor: Any) -> None:
    """Write every address anew. Two people with one address stay as they are: only a person knows what is to be done."""
    user, invitation, customer = (apps.get_model("accounts", name) for name in ("User", "Invitation", "Customer"))
    for pk, text, address in other_writings(user, "email"):
        if address is None or user.objects.filter(email__iexact=address).exclude(pk=pk).exists():
            why = f"is another writing of {address}, which somebody else has" if address else "is no address any more"
            logger.warning("The address %a of person %s %s: a superuser gives another in Django admin.", text, pk, why)
        else:
            user.objects.filter(pk=pk).update(email=address)
    for pk, text, address in other_writings(customer, "contact_email"):
        if address is None:
            logger.warning("The contact address %a of customer %s is no address any more.", text, pk)
        else:
            customer.objects.filter(pk=pk).update(contact_email=address)
    for pk, _, address in other_writings(invitation, "email"):
        if address is not None:
            invitation.objects.filter(pk=pk).update(email=address)
        else:  # nobody could use it up
            unused = invitation.objects.filter(pk=pk, accepted_at=None, revoked_at=None)
            unused.update(revoked_at=timezone.now(), token_digest="")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_audit_events_stay_as_they_are")]

    operations = [migrations.RunPython(write_anew, migrations.RunPython.noop)]
