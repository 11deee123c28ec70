"""What a set-up page fills into a recipe: the customer's credentials, the chosen names and the chosen way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

MASK = "••••••••"
LONGEST_COMMON_NAME = 64
# What is expected of certificates while none of the subscription is known: the shortest lifetime that is decided on
# (from 15 March 2029, Sectigo's CPS 6.3.2). What is renewed in time for it is renewed in time for any longer one.
SHORTEST_LIFETIME_DAYS = 47


class Challenge(StrEnum):
    """How the CA checks that the applicant controls a name (RFC 8555, section 8)."""

    HTTP_01 = "http-01"
    DNS_01 = "dns-01"


@dataclass(frozen=True, kw_only=True)
class SandboxTrust:
    """Where the sandbox's throw-away root is downloaded from, and the file name to keep it under."""

    ca_url: str
    file_name: str = "sandbox-root.pem"


@dataclass(frozen=True, kw_only=True)
class SetupValues:
    """The values of one set-up page.

    `eab_hmac_key` is None while the key is masked. `trust` is set only while the sandbox is in use.
    `options` holds the recipe's own choices by option name; what is missing takes the option's default.
    `lifetime_days` is that of the subscription's last certificate as the CA gave it, None while there is none.
    """

    directory_url: str
    eab_key_id: str
    eab_hmac_key: str | None = field(repr=False)
    email: str
    names: tuple[str, ...]
    challenge: Challenge
    trust: SandboxTrust | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    lifetime_days: int | None = None

    @property
    def masked(self) -> bool:
        return self.eab_hmac_key is None

    @property
    def expected_lifetime_days(self) -> int:
        """The lifetime that renewals are set up for."""
        return self.lifetime_days or SHORTEST_LIFETIME_DAYS

    @property
    def renew_with_days_left(self) -> int:
        """How many days before the end to renew: a third of the lifetime."""
        return max(self.expected_lifetime_days // 3, 1)

    @property
    def renew_days_after_issue(self) -> int:
        """How many days after the issue to renew: two thirds of the lifetime."""
        return self.expected_lifetime_days - self.renew_with_days_left

    @property
    def expected_lifetime_hours(self) -> int:
        """The same as `expected_lifetime_days`, for Traefik."""
        return self.expected_lifetime_days * 24

    @property
    def hmac_key_text(self) -> str:
        """The key as blocks show it: itself, or a mask that no CA would accept."""
        return MASK if self.eab_hmac_key is None else self.eab_hmac_key

    @property
    def ordered_names(self) -> tuple[str, ...]:
        """The names without repeats: those that fit into a common name first, and wildcards last among them.

        Clients name files after the first, and several write it into the request as its common name.
        """
        return tuple(sorted(dict.fromkeys(self.names), key=lambda name: (is_long(name), is_wildcard(name))))

    @property
    def wildcards(self) -> tuple[str, ...]:
        return tuple(name for name in self.ordered_names if is_wildcard(name))

    @property
    def first_name(self) -> str:
        return self.ordered_names[0]

    @property
    def all_names_are_long(self) -> bool:
        """Whether no name fits into a common name, not even the first."""
        return is_long(self.first_name)

    @property
    def bare_name(self) -> str:
        """The first name without `*.`: a host name to connect to, and certbot's name for the certificate."""
        return self.first_name.removeprefix("*.")

    @property
    def lego_file_stem(self) -> str:
        """lego names its files after the first name, with `_` for `*`."""
        return self.first_name.replace("*", "_")

    @property
    def traefik_rule(self) -> str:
        """Traefik's rule for requests to these names; a wildcard stands for one label."""
        return " || ".join(_traefik_matcher(name) for name in self.ordered_names)

    @property
    def directory_host(self) -> str:
        """The host of the ACME server URL without its port; acme.sh keeps its registration under it."""
        return urlsplit(self.directory_url).hostname or ""

    @property
    def directory_path(self) -> str:
        """Host and path of the ACME server URL; certbot keeps its registration under it."""
        parts = urlsplit(self.directory_url)
        return f"{parts.netloc}{parts.path}".rstrip("/")

    @property
    def directory_folder(self) -> str:
        """The folder that Caddy keeps registrations and certificates of this ACME server in."""
        return re.sub(r"[/:]+", "-", self.directory_path).lower()


def _traefik_matcher(name: str) -> str:
    if is_wildcard(name):
        parent = name.removeprefix("*.").replace(".", "[.]")
        return f"HostRegexp(`^[^.]+[.]{parent}$`)"
    return f"Host(`{name}`)"


def is_long(name: str) -> bool:
    """Whether a common name cannot hold this name (RFC 5280, appendix A: ub-common-name)."""
    return len(name) > LONGEST_COMMON_NAME


def is_wildcard(name: str) -> bool:
    return name.startswith("*.")
