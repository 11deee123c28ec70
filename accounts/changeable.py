"""The settings that a reseller admin changes in the portal: the one list of them, and the one way to read each.

The environment says how far each may go. A value that was kept before the environment allowed less counts as far as it
goes now. What protects the money and what opens doors stays in the environment: README.md says what is where.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from django import forms
from django.conf import settings

from accounts.fields import AddressFormField
from accounts.kept_settings import setting

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Changeable(ABC):
    """A setting of which the environment holds what counts until somebody changes it."""

    name: str  # stored, so it stays as it is
    variable: str  # of the environment
    label: str
    text: str

    @property
    def title(self) -> str:
        """Give what it is called beside its value."""
        return self.label

    @abstractmethod
    def field(self) -> forms.Field:
        """Give the field to type it in; empty means the environment's value."""

    @abstractmethod
    def kept(self, typed: Any) -> str:
        """Give what is stored of what a form has cleaned."""

    @abstractmethod
    def shown(self, kept: str) -> str:
        """Give a stored value as the form shows it, which is also how people are told of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(Changeable):
    """An e-mail address."""

    def value(self) -> str:
        """Give what counts now; an empty text where there is none."""
        return setting(self.name) or self.of_environment()

    def of_environment(self) -> str:
        """Give what the environment says, without a look at the database."""
        return str(getattr(settings, self.variable))

    def field(self) -> forms.Field:
        """Give the field to type it in."""
        default = self.of_environment() or "none"
        help_text = f"{self.text} Empty: that of the environment ({default})."
        return AddressFormField(required=False, label=self.title, help_text=help_text)

    def kept(self, typed: Any) -> str:
        """Give the address as it is written everywhere."""
        return str(typed or "")

    def shown(self, kept: str) -> str:
        """Give it as it is."""
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Changeable):
    """A number that the environment bounds on one side and the list on the other.

    It is kept in the variable's own unit, and typed in one that people count in.
    """

    environment_is: Literal["most", "least"]
    other_bound: float
    unit: str = ""
    in_unit: int = 1  # of the variable's own, such as seconds in a minute
    is_whole: bool = False

    @property
    def title(self) -> str:
        """Give what it is called, with what is counted."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def least(self) -> float:
        """Give the smallest number that counts."""
        given = self._given
        return given if self.environment_is == "least" else min(given, self.other_bound)

    @property
    def most(self) -> float:
        """Give the largest number that counts."""
        given = self._given
        return given if self.environment_is == "most" else max(given, self.other_bound)

    @property
    def _given(self) -> float:
        return float(getattr(settings, self.variable))

    def value(self) -> float:
        """Give what counts now, in the variable's own unit: never beyond what the environment allows."""
        number = _number(setting(self.name))
        return self._given if number is None else min(max(float(number), self.least), self.most)

    def whole(self) -> int:
        """Give what counts now of a number that is whole."""
        return int(self.value())

    def duration(self) -> timedelta:
        """Give what counts now of a number of seconds."""
        return timedelta(seconds=self.value())

    def field(self) -> forms.Field:
        """Give the field to type it in."""
        least, most = (self._typed(bound) for bound in (self.least, self.most))
        default = self._typed(self._given)
        bounds = f"From {_plain(least)} to {_plain(most)}. Empty: {_plain(default)}, as in the environment."
        told: dict[str, Any] = {"required": False, "label": self.title, "help_text": f"{self.text} {bounds}"}
        if self.is_whole:
            return forms.IntegerField(min_value=int(least), max_value=int(most), **told)
        widget = forms.NumberInput(attrs={"step": "any"})
        return forms.DecimalField(min_value=least, max_value=most, widget=widget, **told)

    def kept(self, typed: Any) -> str:
        """Give the number in the variable's own unit."""
        return "" if typed is None else _plain(Decimal(typed) * self.in_unit)

    def shown(self, kept: str) -> str:
        """Give the number in the unit that people count in."""
        number = _number(kept)
        return "" if number is None else _plain(number / self.in_unit)

    def _typed(self, number: float) -> Decimal:
        return Decimal(_plain(Decimal(str(number)) / self.in_unit))


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _plain(number: Decimal) -> str:
    """Write a number without an exponent and without zeros that say nothing."""
    text = f"{round(number, 4):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


SUPPORT_EMAIL = Address(
    name="support_email",
    variable="PORTAL_SUPPORT_EMAIL",
    label="Support address",
    text="Customers are told on every page and in every mail to write there.",
)
INVITATION_DAYS = Number(
    name="invitation_days",
    variable="INVITATION_DAYS",
    label="Invitations are valid for",
    text="How long an invitation’s link works. Those that were sent keep their day.",
    environment_is="most",
    other_bound=1,
    unit="days",
    is_whole=True,
)
QUOTE_VALIDITY = Number(
    name="quote_validity",
    variable="CAAS_QUOTE_VALIDITY",
    label="Quotes are valid for",
    text="How long a person may confirm a quote. Its prices are asked for again right before each charge all the same.",
    environment_is="most",
    other_bound=5 * MINUTE,
    unit="minutes",
    in_unit=MINUTE,
)
CALLS_AT_ONCE = Number(
    name="calls_at_once",
    variable="CAAS_MAX_CONCURRENCY",
    label="Calls at once",
    text="Over all workers. Where more than one may be under way, one is kept free of readings.",
    environment_is="most",
    other_bound=1,
    is_whole=True,
)
CALLS_A_SECOND = Number(
    name="calls_a_second",
    variable="CAAS_REQUESTS_PER_SECOND",
    label="Calls a second",
    text="Over all workers, readings included.",
    environment_is="most",
    other_bound=0.2,
)
SYNC_INTERVAL = Number(
    name="sync_interval",
    variable="CAAS_SYNC_INTERVAL",
    label="Between two readings",
    text="Each subscription is read at the CA that often, and compared with the ledger.",
    environment_is="least",
    other_bound=DAY,
    unit="minutes",
    in_unit=MINUTE,
)
WATCH_INTERVAL = Number(
    name="watch_interval",
    variable="CAAS_WATCH_INTERVAL",
    label="Between two readings while its page is open",
    text="The same while somebody looks at the subscription.",
    environment_is="least",
    other_bound=HOUR,
    unit="minutes",
    in_unit=MINUTE,
)
LATE_SHARE = Number(
    name="late_share",
    variable="CERTIFICATE_LATE_PERCENT",
    label="A renewal is late after",
    text=(
        "A certificate is due for renewal past two thirds of its lifetime, or when the CA says so; so many percent of "
        "its lifetime later it is late. It counts for each subscription from its next reading on."
    ),
    environment_is="most",
    other_bound=1,
    unit="% of the lifetime",
)

# What the page shows, in its order.
GROUPS: dict[str, tuple[Changeable, ...]] = {
    "People": (SUPPORT_EMAIL, INVITATION_DAYS),
    "Orders": (QUOTE_VALIDITY,),
    "Calls to the CA": (CALLS_AT_ONCE, CALLS_A_SECOND),
    "Readings at the CA": (SYNC_INTERVAL, WATCH_INTERVAL),
    "Certificates": (LATE_SHARE,),
}
CHANGEABLE: dict[str, Changeable] = {one.name: one for group in GROUPS.values() for one in group}
