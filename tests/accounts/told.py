"""Notices whose facts a test holds in its hand, and a look at the clock's time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import sending, telling, told_notices
from accounts.models import Mail, Matter, User
from accounts.told_notices import Audience, Link, MatterFound, ToldNotice, Topic


class HeldNotice(ToldNotice):
    """A notice of what stands in `found`."""

    label = "Held"

    def __init__(
        self,
        name: str = "held",
        *,
        audience: Audience = Audience.CUSTOMER,
        topic: Topic = Topic.BUSINESS,
        is_urgent: bool = True,
        is_event: bool = False,
    ) -> None:
        self.name, self.found, self.over = name, list[MatterFound](), set[str]()
        kind: Any = type(self)
        self.__class__ = type(
            "Own", (kind,), {"audience": audience, "topic": topic, "is_urgent": is_urgent, "is_event": is_event}
        )

    def hold(self, key: str = "a", **fields: Any) -> None:
        """Let something be the case."""
        defaults: dict[str, Any] = {"began_at": timezone.now(), "about_name": f"Thing {key}"}
        self.found.append(MatterFound(key=key, **defaults | fields))

    def change(self, key: str, **fields: Any) -> None:
        """Let the facts of something change."""
        self.found = [replace(one, **fields) if one.key == key else one for one in self.found]

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        yield from [one for one in self.found if not self.is_event or one.began_at >= since]

    def is_still_so(self, matter: Matter) -> bool:
        return matter.key not in self.over

    def title(self, matter: Matter) -> str:
        return f"{matter.about_name} is wrong"

    def text(self, matter: Matter) -> str:
        return "Somebody has to look at it."

    def link(self, matter: Matter, person: User | None) -> Link:
        return Link("home")


def hold_only(monkeypatch: pytest.MonkeyPatch, *notices: ToldNotice) -> None:
    """Let these be all the notices there are."""
    monkeypatch.setattr(told_notices, "_registered", {notice.name: notice for notice in notices})


def watch(now: datetime | None = None) -> None:
    """Look and write the mails that are due, as the task does."""
    telling.look(now or timezone.now())
    telling.deliver(now or timezone.now())


def watch_until_said(clock: Any) -> None:
    """Let so much time pass that what is solved is said."""
    clock.forward(minutes=1)
    watch()
    clock.forward(seconds=(telling.SETTLED_FOR + timedelta(minutes=1)).total_seconds())
    watch()


def send() -> list[Mail]:
    """Send what is in the outbox; give all mails that were sent, the first first."""
    sending.send_due()
    return list(Mail.objects.filter(state=Mail.State.SENT).order_by("pk"))
