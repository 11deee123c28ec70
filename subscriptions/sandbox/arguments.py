"""The form post of a call: what it holds and what an action takes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from .pricing import TERM_DAYS
from .replies import Refusal

FORM_TYPE = "application/x-www-form-urlencoded"
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
MAX_PAGE_SIZE = 1000


@dataclass(frozen=True)
class Parameter:
    """One argument an action takes. `check` says whether a value is one of those the guide names."""

    name: str
    max_length: int
    required: bool = False
    check: Callable[[str], bool] = bool
    repeatable: bool = False
    any_case: bool = False
    base64url: bool = False

    def matches(self, sent: str) -> bool:
        """Whether an argument sent under that name is this one."""
        return sent.lower() == self.name.lower() if self.any_case else sent == self.name


def is_yes_or_no(value: str) -> bool:
    """Flags are one upper-case character."""
    return value in ("Y", "N")


def flag(name: str) -> Parameter:
    """A `Y`/`N` argument."""
    return Parameter(name, 1, check=is_yes_or_no)


def one_of(*values: int) -> Callable[[str], bool]:
    """A check for a whole number out of a few."""
    return lambda value: value in [str(number) for number in values]


ACME_ACCOUNT = Parameter("acmeAccountID", 32, required=True, base64url=True)
OPTIONAL_ACME_ACCOUNT = Parameter("acmeAccountID", 32, base64url=True)
DOMAIN_NAME = Parameter("domainName", 255, required=True)
PAGE = Parameter("page", 9, check=str.isdecimal)
SIZE = Parameter("size", 9, check=lambda value: value.isdecimal() and 0 < int(value) <= MAX_PAGE_SIZE)
YEARS = Parameter("years", 1, check=one_of(1, 2, 3))
DAYS = Parameter("days", 4, check=one_of(*TERM_DAYS))

COMMON = (
    Parameter("loginName", 64, required=True),
    Parameter("loginPassword", 128, required=True),
    Parameter("action", 30, required=True),
)


@dataclass(frozen=True)
class Form:
    """The pairs of a form post, in the order sent."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, body: bytes, content_type: str) -> "Form":
        """The form in a body; anything but a URL-encoded form is read as an empty one."""
        if content_type.split(";")[0].strip().lower() != FORM_TYPE:
            return cls(())
        return cls(tuple(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))

    def first(self, name: str) -> str:
        """The first value under exactly that name, or the empty string."""
        return next((value for sent, value in self.pairs if sent == name), "")

    def has(self, name: str) -> bool:
        """Whether exactly that name was sent."""
        return any(sent == name for sent, _ in self.pairs)


class Arguments:
    """The checked arguments of one call, by the names of the action's parameters."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        """The value, or the default when it was not sent."""
        return self._values.get(name, [default])[0]

    def all(self, name: str) -> list[str]:
        """Every value of a repeatable argument."""
        return self._values.get(name, [])

    def number(self, name: str, default: int) -> int:
        """The value as a whole number."""
        return int(self.text(name, str(default)))

    def yes(self, name: str) -> bool:
        """Whether a flag was sent as `Y`; those asked for here default to `N`."""
        return self.text(name, "N") == "Y"


def term_days(arguments: Arguments) -> int:
    """The term asked for in days: `years` wins over `days`, one year when neither is sent."""
    if arguments.text("years"):
        return arguments.number("years", 1) * TERM_DAYS[0]
    return arguments.number("days", TERM_DAYS[0])


def check_arguments(form: Form, parameters: tuple[Parameter, ...]) -> Arguments:
    """The call's arguments. Raises Refusal for an unknown, missing or invalid one, in that order."""
    values: dict[str, list[str]] = {}
    for sent, value in form.pairs:
        parameter = next((known for known in parameters if known.matches(sent)), None)
        if parameter is None:
            raise Refusal("unrecognized-argument", sent)
        values.setdefault(parameter.name, []).append(value)
    for parameter in parameters:
        if parameter.required and not any(values.get(parameter.name, [])):
            raise Refusal("missing-argument", parameter.name)
    for parameter in parameters:
        _check_values(parameter, values.get(parameter.name, []))
    return Arguments(values)


def _check_values(parameter: Parameter, values: list[str]) -> None:
    if len(values) > 1 and not parameter.repeatable:
        raise Refusal("invalid-argument", parameter.name)
    for value in values:
        if len(value) > parameter.max_length or not parameter.check(value):
            raise Refusal("invalid-argument", parameter.name)
        if parameter.base64url and not BASE64URL.fullmatch(value):
            raise Refusal("base64url")
