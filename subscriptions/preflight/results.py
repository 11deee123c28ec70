"""What the looks at a name give: one outcome, one code of this list and its facts, as JSON can hold them.

Beside the facts named at a code each may be without those that were not learnt. Instants are ISO 8601 texts with their
offset. Words for them are elsewhere: a code is what was seen, never what to do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self


class Outcome(StrEnum):
    """How a look ended: `UNKNOWN` could not be told, `OFF` was not looked at because the portal may not reach out."""

    FINE = "fine"
    WARNING = "warning"
    PROBLEM = "problem"
    UNKNOWN = "unknown"
    OFF = "off"


class Topic(StrEnum):
    """What was looked at."""

    DNS = "dns"
    DELEGATION = "delegation"
    DNSSEC = "dnssec"
    CAA = "caa"
    HTTP = "http"
    ACME_TXT = "acme_txt"
    SERVED = "served"


# Of any topic.
OFF = "off"
"""The portal may not reach out (`OUTBOUND`). Outcome OFF."""
NO_ANSWER = "no_answer"
"""Nobody answered, so nothing is known: `asked` (what was asked for), `why` (`timed_out`, `unreachable`,
`no_route`: this machine has no way there, `refused`: the way leads to an address that is not public). UNKNOWN."""
UNREADABLE = "unreadable"
"""An answer came that cannot be understood: `asked`, `detail`. Outcome UNKNOWN."""
OUT_OF_TIME = "out_of_time"
"""The time for all looks ended before this one. Outcome UNKNOWN."""
NOT_NEEDED = "not_needed"
"""It says nothing about this name: an HTTP request for a wildcard, or for a client that proves by DNS. Outcome FINE."""
NOTHING_TO_REACH = "nothing_to_reach"
"""The name has no public address that could be connected to (see the topic `dns`). Outcome UNKNOWN."""

# dns: A and AAAA records, through aliases. For a wildcard its base name is looked up.
ADDRESSES = "addresses"
"""It has addresses: `addresses` (list), `chain` (the aliases followed, in order). Outcome FINE."""
NO_ADDRESS = "no_address"
"""The name is there without an address: `chain`. PROBLEM where an HTTP request has to reach it, or else FINE."""
NO_NAME = "no_name"
"""There is no such name: `missing` (the name that is not there: the last of the chain), `chain`. PROBLEM or WARNING.
Of the chain no more is kept than up to the first alias outside the name's registrable domain; so with the next two."""
NOT_PUBLIC = "not_public"
"""Addresses that cannot be reached from outside: `addresses` (these; not kept behind an alias, which may lead into a
zone that is nobody's business outside), `public` (the others), `chain`.
PROBLEM where there is no other and HTTP is wanted, or else WARNING."""
ALIAS_LOOP = "alias_loop"
"""Its aliases lead in a circle, or to too many: `chain`. PROBLEM."""
DNS_FAILED = "dns_failed"
"""The resolver answers with a failure: `asked`, `answer` (SERVFAIL, REFUSED …), `detail` (the resolver's words, RFC
8914, may be empty). Of `dns` and `acme_txt`. PROBLEM."""

# delegation: the zone's name servers, each asked directly.
DELEGATED = "delegated"
"""All answer alike: `zone`, `servers` (names). FINE."""
LAME = "lame"
"""Name servers that do not answer for the zone: `zone`, `servers` (list of `server`, `address`, `why`: `timed_out`,
`unreachable`, `not_authoritative`, `no_address`, `unreadable`, or the answer, such as REFUSED), `answering` (names).
WARNING, or PROBLEM where none answers."""
SERVERS_DIFFER = "servers_differ"
"""They answer differently for the name: `zone`, `answers` (by server: `yes`, `no_name`, `empty`). PROBLEM."""
SERIALS_DIFFER = "serials_differ"
"""They hold different versions of the zone: `zone`, `serials` (by server). WARNING: it may pass by itself."""
PARENT_DIFFERS = "parent_differs"
"""The zone above names other name servers than the zone itself: `zone`, `parent`, `child` (names). WARNING."""
SERVER_NOT_PUBLIC = "server_not_public"
"""Name servers with an address that cannot be reached from outside: `zone`, `servers` (list of `server`; the addresses
are not kept: a name may lead into a zone that is nobody's business outside). WARNING."""
NO_ZONE = "no_zone"
"""No zone was found that holds the name: `name`. PROBLEM."""

# dnssec: what a validating resolver says.
SIGNED = "signed"
"""Signed, and the signatures hold: `name`. FINE."""
UNSIGNED = "unsigned"
"""Not signed: `name`. FINE."""
BROKEN = "broken"
"""Signed, and the signatures do not hold, so a CA sees nothing: `name`, `detail` (the resolver's words). PROBLEM."""
NOT_VALIDATING = "not_validating"
"""The resolver asked does not validate, so nothing is known: `name`. UNKNOWN."""

# caa: as the CA evaluates it (RFC 8659).
CAA_NONE = "caa_none"
"""No CAA record at the name or above: any CA may issue. `looked_at` (names). FINE."""
CAA_ALLOWS = "caa_allows"
"""The records let this CA issue: `at` (where they are), `tag` (`issue`, `issuewild`; empty where no record restricts),
`records` (as in a zone file), `chain` (aliases followed). FINE."""
CAA_LIMITED = "caa_limited"
"""They let it issue under conditions only: also `conditions` (by parameter, RFC 8657: `accounturi`, `validationmethods`
or the CA's own). WARNING."""
CAA_FORBIDS = "caa_forbids"
"""They name other CAs only: `at`, `tag`, `records`, `chain`, `allowed` (the CAs named), `wanted` (the CA's
identifiers). PROBLEM."""
CAA_FORBIDS_ALL = "caa_forbids_all"
"""They let no CA issue (`issue ";"`): `at`, `tag`, `records`, `chain`, `wanted`. PROBLEM."""
CAA_CRITICAL = "caa_critical"
"""A record marked critical has a tag that a CA need not know: `at`, `tag`, `records`, `chain`. PROBLEM."""
CAA_FAILED = "caa_failed"
"""The look-up itself fails, and a CA must not take that for "none": `at`, `answer`, `detail`. PROBLEM."""

# http: port 80 of every address, with a path under /.well-known/acme-challenge/ that does not exist.
HTTP_ANSWERS = "http_answers"
"""Every address answers, redirects included: `path`, `addresses` (list of `address`, `status`, `redirects`: list of
the URLs gone to; `status` is null where it ends at an https server whose certificate does not hold). FINE."""
HTTP_SILENT = "http_silent"
"""Addresses where nothing answers on port 80: `addresses` (list of `address`, `why`: `timed_out`, `unreachable`,
`unreadable`), `answering` (addresses). PROBLEM, since a CA may take any of them."""
HTTP_REDIRECT_BROKEN = "http_redirect_broken"
"""A redirect a CA does not follow, or in vain: `address`, `to`, `why` (`port`, `scheme`, `userinfo`, `not_public`,
`too_many`, `no_name`, `timed_out`, `unreachable`, `unreadable`). PROBLEM."""
HTTP_PATH_LOST = "http_path_lost"
"""A redirect leads to another path, so that the proof would not be found: `address`, `to`. WARNING."""
HTTP_ERROR = "http_error"
"""It answers with an error of its own or asks for a login: `address`, `status`, `at` (where). WARNING."""
WILDCARD_NEEDS_DNS = "wildcard_needs_dns"
"""A wildcard can be proved by DNS-01 only, and HTTP-01 is wanted. PROBLEM."""

# acme_txt: `_acme-challenge` of the name.
TXT_NONE = "txt_none"
"""Nothing is there: `at`. FINE."""
TXT_LEFT = "txt_left"
"""Values from an earlier time, or of an order under way: `at`, `values`, `chain`. WARNING."""
TXT_DELEGATED = "txt_delegated"
"""An alias hands it to another name: `at`, `to`, `chain`. FINE."""

# served: the certificate that port 443 serves for the name.
SERVED = "served"
"""One that holds for the name and for now: `address`, `serial_number` (hex), `issuer`, `issuer_organization`,
`valid_from`, `valid_until`, `names` (the first 100), `names_count`, `covers_name`, `self_signed`,
`renewal_id` (RFC 9773 4.1), `serials` (by address; where they differ the one that ends first is described). FINE. So
have the next four."""
SERVED_EXPIRED = "served_expired"
"""One whose time is over. WARNING."""
SERVED_EARLY = "served_early"
"""One whose time has not begun. WARNING."""
SERVED_OTHER_NAME = "served_other_name"
"""One that is not for this name. WARNING."""
SERVED_SELF_SIGNED = "served_self_signed"
"""One that no CA signed. WARNING."""
SERVED_NOTHING = "served_nothing"
"""Port 443 serves no certificate: `addresses` (list of `address`, `why`: `timed_out`, `unreachable`, `unreadable`).
WARNING: there may be no website."""


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # and the halves of characters, which no database keeps


@dataclass(frozen=True, slots=True)
class Look:
    """What one look saw: its topic, its outcome, one code of this module and the code's facts."""

    topic: Topic
    outcome: Outcome
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """Give it as JSON can hold it, and PostgreSQL, which keeps no NUL: its texts are `plain`."""
        facts = plain(dict(self.facts))
        return {"topic": self.topic.value, "outcome": self.outcome.value, "code": self.code, "facts": facts}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Read back what `kept` gave."""
        return cls(Topic(kept["topic"]), Outcome(kept["outcome"]), kept["code"], dict(kept["facts"]))


def plain(value: Any) -> Any:
    """Give a value with each control character in its texts, however deep, written as `\\xNN`."""
    match value:
        case str():
            return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", value)
        case Mapping():
            return {plain(name): plain(held) for name, held in value.items()}
        case list() | tuple():
            return [plain(held) for held in value]
    return value


CODES = frozenset(value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str))
"""Every code there is."""
