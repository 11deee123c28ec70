"""What the portal writes to people: one notice for each occasion, known by its name.

Who wants a mail names its notice; the worker that sends it asks the notice for the text. So the apps that have
notices register them here, and none has to be known.
"""

from abc import ABC, abstractmethod
from typing import Any, TypeVar

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Model, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.contact import support_email
from accounts.models import Mail

Row = TypeVar("Row", bound=Model)


class NotNeededError(Exception):
    """The mail would say what is no longer so; the message tells why, in words for staff."""


class Notice(ABC):
    """An occasion to write to somebody."""

    name: str  # stored with every mail, so it stays as it is
    label: str
    a_day: int  # how many of it one address gets at once, and then within each day

    @abstractmethod
    def write(self, mail: Mail) -> EmailMultiAlternatives:
        """Give the text, with links made for it now; raise NotNeededError where there is nothing to say any more."""

    def sent(self, mail: Mail) -> None:  # noqa: B027 - for those that keep track of it
        """Note that the server took it."""


_registered: dict[str, Notice] = {}


def register(*notices: Notice) -> None:
    """Make notices known by their names; for the `ready` of an app."""
    _registered.update({notice.name: notice for notice in notices})


def notice_named(name: str) -> Notice:
    """Give the notice of this name; raise KeyError where this version of the portal has none."""
    return _registered[name]


def all_notices() -> list[Notice]:
    """Give every notice there is, by label."""
    return sorted(_registered.values(), key=lambda notice: notice.label)


def what_it_is_about(mail: Mail, rows: "QuerySet[Row]") -> Row:
    """Give the one of `rows` that a mail is about; raise NotNeededError where it is gone."""
    found = rows.filter(code__in=[mail.about_code]).first()
    if found is None:
        raise NotNeededError(f"The {mail.about_kind} is not there any more.")
    return found


def triple(template: str, *, to: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    """Give the mail whose templates are `emails/<template>_{subject,text,html}`."""
    context = context | {"portal_name": settings.PORTAL_NAME, "portal_support_email": support_email()}
    subject = " ".join(render_to_string(f"emails/{template}_subject.txt", context).split())
    message = EmailMultiAlternatives(subject, render_to_string(f"emails/{template}_text.txt", context), to=[to])
    message.attach_alternative(render_to_string(f"emails/{template}_html.html", context), "text/html")
    return message


def link_to(route: str, *args: object) -> str:
    """Give the address of a page for a mail, at PORTAL_URL."""
    return f"{settings.PORTAL_URL.rstrip('/')}{reverse(route, args=args)}"
