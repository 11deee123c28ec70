"""Pure rules: domain names, how long a quote holds, the price guard, and what readings prove.

Nothing here reads the clock, the database or a setting.
"""

import ipaddress
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from urllib.parse import urlsplit

import idna
from publicsuffixlist import PublicSuffixList

MAX_NAME_LENGTH = 255  # of `domainName`, "Add a domain" in the CaaS guide
MAX_DNS_LENGTH = 253  # RFC 1035 2.3.4, without the final dot
MAX_NAMES_PER_QUOTE = 500
TERM_DAYS = {1: 365, 2: 730, 3: 1095}  # "Create an ACME account" in the CaaS guide


# --- Domain names ---------------------------------------------------------------------------------------------------


class NameProblem(ValueError):  # noqa: N818 - it is what is wrong with a name, shown beside it
    """Why a typed text is not a name that can be added; the message is for the person who typed it."""


@dataclass(frozen=True, slots=True)
class CheckedName:
    """One typed name: `name` in A-labels, or `problem`. `note` tells what was corrected."""

    typed: str
    name: str = ""
    problem: str = ""
    note: str = ""


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


def split_names(text: str) -> list[str]:
    """Give the typed names: separated by line ends, blanks, commas or semicolons."""
    return [part for part in re.split(r"[\s,;]+", text) if part]


def normalise_name(typed: str) -> str:
    """Give a typed name in lower case and A-labels, without a final dot, scheme, path or port.

    Raises NameProblem for what no certificate can be had for: an IP address, a single label, a public suffix, a
    wildcard anywhere but in front, a label or name that is too long (RFC 1035 2.3.4, RFC 5890).
    """
    name = _host_of(typed.strip())
    wildcard = name.startswith("*.")
    bare = name[2:] if wildcard else name
    if "*" in bare:
        raise NameProblem("A wildcard is one asterisk in front, as in *.example.com.")
    ascii_name = _a_labels(bare)
    _refuse_public_suffix(ascii_name, wildcard=wildcard)
    full = f"*.{ascii_name}" if wildcard else ascii_name
    if len(ascii_name) > MAX_DNS_LENGTH or len(full) > MAX_NAME_LENGTH:
        raise NameProblem(f"The name is longer than the {MAX_DNS_LENGTH} characters DNS allows.")
    return full


def _host_of(text: str) -> str:
    if "://" in text:
        host = _netloc(text).rpartition("@")[2]
    elif "@" in text:
        raise NameProblem("This looks like an e-mail address, not a domain name.")
    else:
        host = text.split("/")[0].split("?")[0].split("#")[0]
    if host.startswith("[") or host.count(":") > 1 or _is_ip(host.partition(":")[0].rstrip(".")):
        raise NameProblem("An IP address cannot be added: only domain names can.")
    return host.partition(":")[0].rstrip(".").lower()


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        raise NameProblem("This address cannot be read.") from None


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _a_labels(name: str) -> str:
    if not name:
        raise NameProblem("There is no domain name in this.")
    if ".." in name or name.startswith("."):
        raise NameProblem("The name has an empty label: two dots in a row, or a dot in front.")
    if "_" in name:
        raise NameProblem("A name in a certificate cannot hold an underscore.")
    try:
        ascii_name = idna.encode(name, uts46=True).decode().lower()
    except idna.IDNAError as error:
        raise NameProblem(_idna_message(error)) from error
    if _is_ip(ascii_name):
        raise NameProblem("An IP address cannot be added: only domain names can.")
    return ascii_name


def _idna_message(error: idna.IDNAError) -> str:
    text = str(error).lower()
    if "domain too long" in text:
        return f"The name is longer than the {MAX_DNS_LENGTH} characters DNS allows."
    if "too long" in text:
        return "A label (the part between two dots) is longer than the 63 characters DNS allows."
    return "The name has a character that is not allowed in domain names, or a hyphen where none may stand."


def _refuse_public_suffix(name: str, *, wildcard: bool) -> None:
    if "." not in name:
        raise NameProblem("The name needs at least two labels, as in example.com.")
    if _suffixes().privatesuffix(name) is None:
        shown = f"*.{name}" if wildcard else name
        raise NameProblem(f"{shown} belongs to a registry, not to one owner: no certificate can be had for it.")


def registrable_domain(name: str) -> str:
    """Give the registrable domain of a name: `example.co.uk` for `*.www.example.co.uk`."""
    bare = name.removeprefix("*.")
    return str(_suffixes().privatesuffix(bare) or bare)


def check_names(typed: Sequence[str], *, present: Iterable[str] = (), pending: Iterable[str] = ()) -> list[CheckedName]:
    """Check typed names one by one, also against each other, the subscription's names and those being added."""
    seen: set[str] = set()
    taken, coming = frozenset(present), frozenset(pending)
    return [_check_name(text, seen, taken, coming) for text in typed]


def _check_name(typed: str, seen: set[str], taken: frozenset[str], coming: frozenset[str]) -> CheckedName:
    try:
        name = normalise_name(typed)
    except NameProblem as problem:
        return CheckedName(typed, problem=str(problem))
    if name in taken:
        return CheckedName(typed, name, problem="Already in this subscription.")
    if name in coming:
        return CheckedName(typed, name, problem="Already being added to this subscription.")
    if name in seen:
        return CheckedName(typed, name, problem="Listed twice.")
    seen.add(name)
    return CheckedName(typed, name, note="" if typed == name else f"Read as {name}.")


def quoting_order(names: Iterable[str]) -> list[str]:
    """Give names in the order they are quoted: wildcards first, because a wildcard may bring its base name."""
    return sorted(names, key=lambda name: (not name.startswith("*."), name.count("."), name))


def fits_term(expires_at: datetime, *, first_added_at: datetime, years: int) -> bool:
    """Whether an expiry is that of a term of so many years, counted from the first name, to within two days.

    The guide's "Subscription overview" counts "from the next calendar day"; the exact formula is not published.
    """
    return abs(expires_at - first_added_at - timedelta(days=TERM_DAYS[years])) <= timedelta(days=2)


# --- Prices ---------------------------------------------------------------------------------------------------------


def quote_valid_until(priced_at: datetime, validity: timedelta) -> datetime:
    """Give the instant a quote stops to hold: after `validity`, or at the end of its UTC day if that is sooner.

    The CA prices by full days left, so a price of yesterday is another price.
    """
    next_day = datetime.combine(priced_at.astimezone(UTC).date() + timedelta(days=1), time.min, UTC)
    return min(priced_at + validity, next_day)


@dataclass(frozen=True, slots=True)
class ConfirmedPrice:
    """What a person confirmed: the price, and exactly which names it adds."""

    amount: Decimal
    currency: str
    names: frozenset[str]
    quoted_at: datetime
    ov_anchor_order_number: str = ""


def must_quote_again(
    price: ConfirmedPrice,
    *,
    now: datetime,
    validity: timedelta,
    neighbour_ended: bool,
    quoted_anchor: str | None = None,
) -> bool:
    """Whether the worker asks for the price again right before the charge.

    `neighbour_ended`: an operation on the same registrable domain, or on the binding's first name, ended since.
    """
    anchor_differs = quoted_anchor is not None and quoted_anchor != price.ov_anchor_order_number
    passed = now >= quote_valid_until(price.quoted_at, validity)
    return passed or price.amount == 0 or anchor_differs or neighbour_ended


def price_objection(price: ConfirmedPrice, *, amount: Decimal, currency: str, names: Iterable[str]) -> str:
    """Give why a new quote may not be charged, or an empty text where it may."""
    if currency != price.currency:
        return f"The CA now asks in {currency}; {price.currency} was confirmed."
    if amount > price.amount:
        return f"The CA now asks {currency} {amount:,.2f}; {price.currency} {price.amount:,.2f} was confirmed."
    if frozenset(names) != price.names:
        return "The CA would now add other names: " + ", ".join(sorted(names)) + "."
    return ""


# --- What readings prove --------------------------------------------------------------------------------------------


class Verdict(Enum):
    """What is known of an operation whose answer was lost."""

    HAPPENED = "happened"
    DID_NOT_HAPPEN = "did not happen"
    WAIT = "wait"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge the CA lists that no other operation holds."""

    ca_order_number: int | None
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known when an addition whose answer was lost is looked at."""

    was_there_before: bool
    is_there_now: bool
    charge: Charge | None
    is_free: bool
    ended_at: datetime
    absent_since: datetime | None
    transactions_read: bool = True
    is_charged_twice: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, with the sentence that goes into the ledger."""

    verdict: Verdict
    reason: str
    charge: Charge | None = field(default=None)


def judge_addition(evidence: Evidence, *, now: datetime, settle_after: timedelta, apart: timedelta) -> Judgement:
    """Decide whether an addition whose answer was lost took effect, from what was read at the CA.

    `settle_after` counts from the end of the connection; `apart` is the least time between two readings that agree.
    """
    waited = now - evidence.ended_at >= settle_after
    if evidence.is_there_now and not evidence.was_there_before:
        return _judge_present(evidence, waited=waited)
    if evidence.charge is not None or (evidence.is_there_now and evidence.was_there_before):
        return _judge_contradiction(evidence, waited=waited)
    agreed = evidence.absent_since is not None and now - evidence.absent_since >= apart
    if waited and agreed and evidence.transactions_read:
        return Judgement(
            Verdict.DID_NOT_HAPPEN, "Two complete readings agree: the name is not there, nothing was charged."
        )
    if waited and agreed:
        return Judgement(Verdict.UNCLEAR, "The name is not there, but the CA's list of charges cannot be read.")
    return Judgement(Verdict.WAIT, "The name is not there yet; the CA may still be working on it.")


def _judge_present(evidence: Evidence, *, waited: bool) -> Judgement:
    if evidence.is_charged_twice:
        return Judgement(Verdict.UNCLEAR, "The name is there, but the CA lists more than one charge for it.")
    if evidence.charge is not None:
        return Judgement(Verdict.HAPPENED, "The name is there, and the CA lists the charge for it.", evidence.charge)
    if evidence.is_free:
        return Judgement(Verdict.HAPPENED, "The name is there; it was free, so no charge is listed.")
    if not waited:
        return Judgement(Verdict.WAIT, "The name is there; the CA does not list the charge yet.")
    return Judgement(Verdict.HAPPENED, "The name is there; the amount is not confirmed by the CA.")


def _judge_contradiction(evidence: Evidence, *, waited: bool) -> Judgement:
    if not waited:
        return Judgement(Verdict.WAIT, "The readings do not fit together yet.")
    if evidence.charge is not None and not evidence.is_there_now:
        return Judgement(Verdict.UNCLEAR, "The CA lists a charge, but the name is not there.", evidence.charge)
    return Judgement(Verdict.UNCLEAR, "The name was there before the call, so its presence proves nothing.")


# --- Pre-validations ------------------------------------------------------------------------------------------------


def prevalidation_warning(valid_until: date, today: date, *, renewal_mode: str) -> str:
    """Give what to say about a pre-validation whose last day has passed, or an empty text (dates in UTC)."""
    if valid_until >= today:
        return ""
    if renewal_mode == "automatic":
        return (
            f"Its last day, {valid_until.isoformat()}, has passed; the CA renews it by itself. Check its state there."
        )
    return f"Its last day, {valid_until.isoformat()}, has passed: no name can be added under it until it is renewed."


# --- Names that a wildcard covers -----------------------------------------------------------------------------------


def covering_wildcard(name: str, among: Collection[str]) -> str:
    """Give the wildcard among some names whose certificate is good for `name` too, or an empty text.

    A wildcard stands for exactly one label (RFC 9525 6.3): `*.example.com` covers `www.example.com`, but neither
    `example.com` nor `a.b.example.com`. This says nothing of what the CA charges for, or adds at no cost.
    """
    wildcard = f"*.{name.partition('.')[2]}"
    return wildcard if wildcard in among and not name.startswith("*.") else ""


# --- What the CA lets be done until when ----------------------------------------------------------------------------

REFUND_DAYS = 29  # the guide says "within 30 days" in one place and "less than 30 days" in another
EXTENSION_DAYS_BEFORE = 99  # "Extend domains" in the guide: 100 days before the expiry to 30 days after it, without
EXTENSION_DAYS_AFTER = 29  # saying whether the first and the last day count


def refundable_until(charged_at: datetime) -> datetime:
    """Give until when the CA surely gives the price of a name back that is removed."""
    return charged_at + timedelta(days=REFUND_DAYS)


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which something can be done."""

    opens_at: datetime
    closes_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether it lies behind `now`."""
        return now > self.closes_at


def extension_window(expires_at: datetime) -> Window:
    """Give when the CA surely takes the extension of a subscription."""
    opens_at = expires_at - timedelta(days=EXTENSION_DAYS_BEFORE)
    return Window(opens_at, expires_at + timedelta(days=EXTENSION_DAYS_AFTER))
