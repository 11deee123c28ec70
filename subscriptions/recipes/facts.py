"""What a recipe says about its ACME client, apart from the page's text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .providers import DnsPlugin, providers_of
from .sources import read_in
from .values import Challenge, SetupValues


class Platform(StrEnum):
    """Where a client runs; the tiles of the set-up page can be narrowed to one."""

    LINUX = "Linux"
    MACOS = "macOS"
    BSD = "BSD"
    WINDOWS = "Windows"
    CONTAINERS = "Containers"
    APPLIANCES = "Appliances and panels"
    AUTOMATION = "Automation and code"


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
    """An ACME client the portal has instructions for; its text is the template named after the slug.

    `dns_plugins` are its plug-ins by provider: with any, the page has a provider picker for DNS-01. `ran_by_tests` are
    the versions that tests/clients runs; with none, `checked_by` says how the page is checked instead, and `not_run`
    what is not run of a client that is. `not_checked` is what nobody looked at of a
    client that is not run, where more than its steps. `long_names` says what to do where no name is short enough for a
    common name and the client writes one.
    """

    slug: str
    name: str
    audience: str
    platforms: tuple[Platform, ...]
    challenges: frozenset[Challenge]
    supports_wildcards: bool
    homepage: str
    options: tuple[Option, ...] = ()
    dns_plugins: Mapping[str, DnsPlugin] = field(default_factory=dict)
    ran_by_tests: tuple[ClientRun, ...] = ()
    checked_by: str = ""
    not_run: str = ""
    not_checked: str = ""
    long_names: str = ""
    own_refusals: Callable[[SetupValues], tuple[Refusal, ...]] = lambda values: ()

    @property
    def read_in(self) -> tuple[str, ...]:
        """The sources, with their versions, that the words of the page were compared with."""
        return read_in(self.slug)

    @property
    def template_name(self) -> str:
        return f"subscriptions/recipes/{self.slug}.html"

    def options_for(self, challenge: Challenge) -> tuple[Option, ...]:
        """Give the options a page offers for this challenge, in the order of the recipe."""
        return tuple(option for option in self.every_option if option.challenge in (None, challenge))

    @property
    def every_option(self) -> tuple[Option, ...]:
        """The recipe's own options and, where the client has DNS plug-ins, the provider picker."""
        return (*self.options, _provider_option(self.dns_plugins)) if self.dns_plugins else self.options

    def chosen(self, values: SetupValues) -> dict[str, str]:
        """Give every option that applies, with the chosen value or the default."""
        return {
            option.name: values.options.get(option.name, option.default)
            for option in self.options_for(values.challenge)
        }


def _provider_option(plugins: Mapping[str, DnsPlugin]) -> Option:
    return Option(
        name="dns_provider",
        label="DNS provider",
        challenge=Challenge.DNS_01,
        choices=tuple(Choice(provider.slug, provider.name) for provider in providers_of(plugins)),
    )
