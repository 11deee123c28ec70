"""Reads about mails: what was sent to whom, and what needs a person."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Invitation, Mail
from accounts.notices import all_notices, notice_named
from subscriptions.rules.terms import RECENT_DAYS

LATE = timedelta(minutes=15)


def mails() -> "QuerySet[Mail]":
    """Give all mails, the newest first."""
    return Mail.objects.select_related("person").order_by("-pk")


def notice_choices() -> list[tuple[str, str]]:
    """Give the kinds of mails there are, each with what it is called."""
    return [(notice.name, notice.label) for notice in all_notices()]


def label_of(name: str) -> str:
    """Give what a kind of mail is called; one that this version does not know keeps its stored name."""
    try:
        return notice_named(name).label
    except KeyError:
        return name.replace("_", " ").capitalize()


def unsent(rows: "QuerySet[Mail]") -> "QuerySet[Mail]":
    """Give the mails that did not go out, or perhaps not, and were not sent again."""
    return rows.filter(state__in=[Mail.State.GIVEN_UP, Mail.State.PERHAPS_SENT], again=None)


def lately_unsent(now: datetime) -> "QuerySet[Mail]":
    """Give those of the last days."""
    return unsent(mails()).filter(ended_at__gte=now - timedelta(days=RECENT_DAYS))


def late(now: datetime) -> "QuerySet[Mail]":
    """Give the mails that were tried and still wait: the mail server is away, or refuses them for now."""
    return mails().filter(state=Mail.State.QUEUED, tries__gt=0, created_at__lte=now - LATE)


def address_of_subject(mail: Mail) -> str:
    """Give the page of what a mail is about, or an empty text where there is none."""
    if mail.about_kind == "subscription":
        return reverse("subscriptions:subscription-detail", args=[mail.about_code])
    if mail.about_kind == "customer":
        return reverse("subscriptions:customer-detail", args=[mail.about_code])
    if mail.about_kind == "invitation":
        found = Invitation.objects.select_related("customer").filter(code__in=[mail.about_code]).first()
        if found is None:
            return ""
        if found.customer is None:
            return reverse("subscriptions:staff-list")
        return reverse("subscriptions:customer-detail", args=[found.customer.code])
    return ""
