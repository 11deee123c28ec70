"""What a recipe says about its ACME client, apart from the page's text."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .values import Challenge, SetupValues


class Platform(StrEnum):
    LINUX = "Linux"
    MACOS = "macOS"
    BSD = "BSD"
    WINDOWS = "Windows"


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Option:
    """A choice a page offers beside names and challenge. The first choice is the default.

    `challenge` limits the option to one challenge; None offers it always.
    """

    name: str
    label: str
    choices: tuple[Choice, ...]
    challenge: Challenge | None = None

    @property
    def default(self) -> str:
        return self.choices[0].value

    def allows(self, value: str) -> bool:
        return any(choice.value == value for choice in self.choices)


@dataclass(frozen=True, kw_only=True)
class ClientRun:
    """A version of the client that tests/clients runs against a real ACME server, and how far."""

    version: str
    source: str
    proved: str


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why no command is shown, and what to do about it."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """An ACME client the portal has instructions for; its text is the template named after the slug."""

    slug: str
    name: str
    audience: str
    platforms: tuple[Platform, ...]
    challenges: frozenset[Challenge]
    supports_wildcards: bool
    homepage: str
    options: tuple[Option, ...]
    ran_by_tests: tuple[ClientRun, ...]
    own_refusals: Callable[[SetupValues], tuple[Refusal, ...]] = lambda values: ()

    @property
    def template_name(self) -> str:
        return f"subscriptions/recipes/{self.slug}.html"

    def options_for(self, challenge: Challenge) -> tuple[Option, ...]:
        """The options a page offers for this challenge, in the order of the recipe."""
        return tuple(option for option in self.options if option.challenge in (None, challenge))

    def chosen(self, values: SetupValues) -> dict[str, str]:
        """Every option that applies, with the chosen value or the default."""
        return {
            option.name: values.options.get(option.name, option.default)
            for option in self.options_for(values.challenge)
        }
