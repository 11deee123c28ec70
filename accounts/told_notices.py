"""The base of a notice: one class for each thing that people are told of by the portal itself.

A notice says what is the case, who is to know, and in which words. Whether it was told already, by which mail and when,
is the business of `accounts/telling.py`: so a new notice is one module and knows no mail. Its words are made of the
matter alone, whose rows may be gone by then; what somebody chose to be called goes through `without_links`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from accounts.models import Matter, User
from accounts.reach import people_who_see
from accounts.roles import RESELLER_PERMISSIONS, Permission


class Audience(StrEnum):
    """Whom a notice is for."""

    CUSTOMER = "customer"
    STAFF = "staff"


class Topic(StrEnum):
    """What a notice is about. Money and security reach at least one person, whatever was chosen."""

    BUSINESS = "business"
    MONEY = "money"
    SECURITY = "security"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterFound:
    """Something that is the case, or has happened, and that somebody is to be told."""

    key: str  # the same thing has the same key at every look
    began_at: datetime
    customer_id: int | None = None
    person_id: int | None = None  # where it is for one person only
    subscription_code: UUID | None = None  # whoever does not see that does not see this
    about_kind: str = ""
    about_code: UUID | None = None
    about_name: str = ""
    facts: dict[str, Any] = field(default_factory=dict)  # JSON; never a secret, and no number that changes by itself


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the portal, by its route."""

    route: str
    args: tuple[object, ...] = ()


class ToldNotice(ABC):
    """Something that people are told of."""

    name: str  # stored with every matter, so it stays as it is
    label: str
    audience: ClassVar[Audience]
    topic: ClassVar[Topic] = Topic.BUSINESS
    is_urgent: ClassVar[bool] = False  # told at once to those who leave it to the portal
    is_event: ClassVar[bool] = False
    is_mailed_apart: ClassVar[bool] = False  # by a mail of its own, so that the portal's pages are enough here
    permission: ClassVar[Permission] = Permission.READ_STAFF_PAGES  # of the staff who are told

    @abstractmethod
    def matters(self, now: datetime, since: datetime) -> Iterable[MatterFound]:
        """Give, as a stream from indexed rows, all that is so now; of an event what has happened since `since`.

        `since` goes back behind the last look, so that nothing is left out: what was given before is not told again.
        A state that is not given any more is solved. What raises leaves all as it is until the next look.
        """

    @abstractmethod
    def title(self, matter: Matter) -> str:
        """Say in one line what is the case; the subject of a mail."""

    @abstractmethod
    def text(self, matter: Matter) -> str:
        """Say in one or two sentences what that means, and the next step."""

    @abstractmethod
    def link(self, matter: Matter, person: User | None) -> Link:
        """Give the page where it stands; `person` is None for a customer's role address."""

    def solved_title(self, matter: Matter) -> str:
        """Say in one line that it is so no more, to those who were told; an empty text where that is no news."""
        return f"Solved: {self.title(matter)}"

    def solved_text(self, matter: Matter) -> str:
        """Say in a sentence what is so instead."""
        return "This is so no more. Nothing is left to do."

    def says_solved(self, matter: Matter) -> bool:
        """Whether it is news that it is so no more, asked when that has been so for a while."""
        return bool(self.solved_title(matter))

    def is_still_so(self, matter: Matter) -> bool:
        """Whether it is still worth telling, asked when a mail is written; where that raises, asked again later."""
        return True

    def recipients(self, matter: Matter) -> list[User]:
        """Give the active people who are to know; nobody who may not see it."""
        if matter.person is not None:
            return [matter.person] if matter.person.is_active else []
        if self.audience == Audience.STAFF:
            roles = [role for role, permissions in RESELLER_PERMISSIONS.items() if self.permission in permissions]
            return list(User.objects.filter(reseller_role__in=roles, is_active=True))
        if matter.customer is None:
            return []
        return people_who_see(matter.customer, matter.subscription_code)


_registered: dict[str, ToldNotice] = {}


def register_told(*notices: ToldNotice) -> None:
    """Make notices known by their names; for the `ready` of an app."""
    _registered.update({notice.name: notice for notice in notices})


def told_notice_named(name: str) -> ToldNotice | None:
    """Give the notice of this name; None where this version of the portal has none."""
    return _registered.get(name)


def all_told_notices() -> list[ToldNotice]:
    """Give every notice there is, by name."""
    return [_registered[name] for name in sorted(_registered)]
