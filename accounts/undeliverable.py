"""What becomes of addresses that mails do not reach: the mail provider's reports, and who is left without any."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.audit import record_event
from accounts.clearing import clear as delete_in_parts
from accounts.email_addresses import normal_form
from accounts.happenings import Happening
from accounts.models import Customer, Invitation, Mail, Membership, UndeliverableAddress, User
from portal.redaction import redact

WRITTEN_WITHIN = timedelta(days=60)  # a report about an address that had no mail for so long is not believed

KEPT_FOR = timedelta(days=400)  # after which no report of before comes any more
SHOWN = 20

Reason = UndeliverableAddress.Reason


def is_marked(address: str) -> bool:
    """Whether an address gets no notices because mails do not reach it."""
    return UndeliverableAddress.objects.marked().filter(address=address).exists()


def marked_among(addresses: Iterable[str]) -> set[str]:
    """Give those of some addresses that get no notices."""
    rows = UndeliverableAddress.objects.marked().filter(address__in=list(addresses))
    return set(rows.values_list("address", flat=True))


def marks_at(customer: Customer) -> list[UndeliverableAddress]:
    """Give the addresses of a customer and its people that get no notices, some of them where they are many."""
    people = Membership.objects.filter(customer=customer, user__is_active=True).order_by().values("user__email")
    own = Q(address__in=people) | Q(address=customer.contact_email)
    return list(UndeliverableAddress.objects.marked().filter(own).order_by("address")[:SHOWN])


def newest_marks() -> list[UndeliverableAddress]:
    """Give the addresses that get no notices, the newest first, some of them where they are many."""
    return list(UndeliverableAddress.objects.marked().order_by("-marked_at")[:SHOWN])


def mark_of(person: User) -> UndeliverableAddress | None:
    """Give why a person gets no notices by mail; None where they do."""
    return UndeliverableAddress.objects.marked().filter(address=person.email).first()


def customer_of(mark: UndeliverableAddress) -> Customer | None:
    """Give a customer that an address belongs to, as its own or as a person's."""
    rows = Customer.objects.filter(Q(contact_email=mark.address) | Q(memberships__user__email=mark.address))
    return rows.order_by("pk").first()


def mark(text: str, reason: str, *, words: str, at: datetime | None) -> bool:
    """Note that mails do not reach an address; give whether that was news.

    Not believed of an address that the portal has not written to lately, and of what was reported, cleared or reached
    later than `at`, the time of the report.
    """
    address, now = _normal(text), timezone.now()
    at = min(at or now, now)
    if not address or not _has_written(address, now):
        return False
    fields = {"reason": reason, "words": _short(words), "marked_at": at, "cleared_at": None, "cleared_by": None}
    row, is_new = UndeliverableAddress.objects.get_or_create(address=address, defaults=fields)
    if is_new:
        return True
    rows = UndeliverableAddress.objects.filter(pk=row.pk, cleared_at__lt=at)
    return bool(rows.update(**fields))


def reached(text: str, *, at: datetime | None) -> bool:
    """Note that a mail has reached an address; give whether it was marked until then."""
    now = timezone.now()
    at = min(at or now, now)
    rows = UndeliverableAddress.objects.marked().filter(address=_normal(text), marked_at__lt=at)
    return bool(rows.update(cleared_at=at, cleared_by=None))


def clear(mark: UndeliverableAddress, *, actor: User) -> None:
    """Let an address get notices again: somebody says that it works."""
    rows = UndeliverableAddress.objects.marked().filter(pk=mark.pk)
    if rows.update(cleared_at=timezone.now(), cleared_by=actor):
        record_event(Happening.ADDRESS_CLEARED, actor=actor, about=mark.address, reason=mark.get_reason_display())


def clear_expired(now: datetime) -> int:
    """Delete what is known of addresses that work again for long; give how many rows."""
    return delete_in_parts(UndeliverableAddress.objects.filter(cleared_at__lt=now - KEPT_FOR))


def unreachable_customers() -> "QuerySet[Customer]":
    """Give the customers that no mail reaches: without a role address, a person and an invitation that could.

    Archived ones, and those who have bought nothing, need not be reached. Indexed look-ups for each customer: for
    workers, and for single customers of a page.
    """
    marked = UndeliverableAddress.objects.marked()
    people = Membership.objects.filter(customer=OuterRef("pk"), user__is_active=True)
    invited = Invitation.objects.usable(timezone.now()).filter(customer=OuterRef("pk"))
    role = Q(contact_email="") | Exists(marked.filter(address=OuterRef("contact_email")))
    return Customer.objects.filter(
        role,
        ~Exists(people.exclude(Exists(marked.filter(address=OuterRef("user__email"))))),
        ~Exists(invited.exclude(Exists(marked.filter(address=OuterRef("email"))))),
        Exists(_subscriptions()),
        archived_at=None,
    ).order_by("pk")


def _subscriptions() -> "QuerySet[Customer]":
    return Customer.objects.filter(pk=OuterRef("pk"), subscriptions__isnull=False)


def _has_written(address: str, now: datetime) -> bool:
    return Mail.objects.filter(address=address, created_at__gt=now - WRITTEN_WITHIN).exists()


def _normal(text: str) -> str:
    try:
        return normal_form(text)
    except ValidationError:
        return ""


def _short(words: str) -> str:
    return redact(" ".join(words.split()))[: UndeliverableAddress.WORDS_LENGTH]
