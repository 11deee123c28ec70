"""What a look at a name saw, in words: one sentence for each code, and the next step where something is to be done.

Pure. A fact that was not learnt is left out of the sentence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from subscriptions.preflight import results as seen
from subscriptions.preflight.results import Look, Outcome, Topic

Facts = Mapping[str, Any]
MOST_NAMED = 4

TOPIC_WORDS: Mapping[Topic, str] = {
    Topic.DNS: "Addresses",
    Topic.DELEGATION: "Name servers",
    Topic.DNSSEC: "DNSSEC",
    Topic.CAA: "CAA records",
    Topic.HTTP: "Port 80",
    Topic.ACME_TXT: "_acme-challenge",
    Topic.SERVED: "Certificate on port 443",
}
WHY_WORDS: Mapping[str, str] = {
    "timed_out": "no answer in time",
    "unreachable": "no connection",
    "no_route": "this machine has no way there",
    "refused": "its address is not public",
    "unreadable": "an answer that cannot be read",
    "not_authoritative": "it does not hold the zone",
    "no_address": "it has no address",
    "port": "another port than 80 or 443",
    "scheme": "neither HTTP nor HTTPS",
    "userinfo": "an address with a sign-in",
    "not_public": "an address that is not public",
    "too_many": "too many redirects",
    "no_name": "a name that does not exist",
}


# What stands in a sentence for a fact that was not learnt; for any other a dash.
MISSING: Mapping[str, str] = {
    "tag": "issue",
    "wanted": "sectigo.com",
    "zone": "the domain",
    "name": "The domain",
    "why": "no answer",
}


@dataclass(frozen=True, slots=True)
class LookWords:
    """A look in words: what was seen, and what to do about it; empty where nothing is to be done."""

    text: str
    step: str = ""


# Of each code: what was seen, and what to do. In braces a fact.
WORDS: Mapping[str, tuple[str, str]] = {
    seen.OFF: ("Not looked at: the portal may not reach out.", ""),
    seen.NO_ANSWER: ("Not known: nobody answered when {asked} was asked for ({why}).", ""),
    seen.UNREADABLE: ("Not known: an answer came that cannot be read.", ""),
    seen.OUT_OF_TIME: ("Not known: the time was over before.", "Check the name again."),
    seen.NOT_NEEDED: ("Not needed: this name is proved by DNS-01.", ""),
    seen.NOTHING_TO_REACH: ("Not looked at: the name has no public address.", ""),
    # Addresses
    seen.ADDRESSES: ("The name leads to {addresses}.", ""),
    seen.NO_ADDRESS: (
        "The name exists and has no address.",
        "Set an A or AAAA record for it, or prove it by DNS-01.",
    ),
    seen.NO_NAME: (
        "There is no such name in the DNS: {missing}.",
        "Correct its spelling, or set its record at the domain’s DNS provider.",
    ),
    seen.NOT_PUBLIC: (
        "The name leads to {addresses}, which cannot be reached from the internet.",
        "Set a public address, or prove the name by DNS-01.",
    ),
    seen.ALIAS_LOOP: ("The name’s CNAME records lead in a circle, or to too many.", "Correct the CNAME records."),
    seen.DNS_FAILED: (
        "The DNS answers with a failure ({answer}) when {asked} is asked for.",
        "Have whoever runs the domain’s name servers look at the zone.",
    ),
    # Name servers
    seen.DELEGATED: ("The name servers of {zone} answer alike: {servers}.", ""),
    seen.LAME: (
        "Name servers of {zone} do not answer for it: {servers}.",
        "Correct the name servers at the registrar, or have them serve the zone.",
    ),
    seen.SERVERS_DIFFER: (
        "The name servers of {zone} do not agree about this name: {answers}.",
        "Bring the name servers to the same zone; the CA may ask any of them.",
    ),
    seen.SERIALS_DIFFER: (
        "The name servers of {zone} hold different versions of it: {serials}.",
        "Wait some minutes and check again; if it stays so, mend the transfer of the zone.",
    ),
    seen.PARENT_DIFFERS: (
        "The domain above names other name servers for {zone} ({parent}) than the zone itself ({child}).",
        "Set the same name servers at the registrar and in the zone.",
    ),
    seen.SERVER_NOT_PUBLIC: (
        "Name servers of {zone} have addresses that cannot be reached from the internet: {servers}.",
        "Give the name servers public addresses.",
    ),
    seen.NO_ZONE: (
        "No zone holds this name: the domain is not registered, or not delegated.",
        "Look at the domain at its registrar.",
    ),
    # DNSSEC
    seen.SIGNED: ("{name} is signed, and the signatures hold.", ""),
    seen.UNSIGNED: ("{name} is not signed, which is fine.", ""),
    seen.BROKEN: (
        "The domain’s DNSSEC is broken: {detail}.",
        "Have the zone signed anew, or the DS record at the registrar corrected or removed.",
    ),
    seen.NOT_VALIDATING: ("Not known: the resolver asked does not validate.", ""),
    # CAA
    seen.CAA_NONE: ("No CAA record: any CA may issue.", ""),
    seen.CAA_ALLOWS: ("The CAA records at {at} allow this CA.", ""),
    seen.CAA_LIMITED: (
        "The CAA records at {at} allow this CA under conditions only: {conditions}.",
        "Compare the conditions with how the client orders, or remove them.",
    ),
    seen.CAA_FORBIDS: (
        "The CAA records at {at} allow {allowed} only.",
        'Add a CAA record for this CA at {at}: 0 {tag} "{wanted}".',
    ),
    seen.CAA_FORBIDS_ALL: (
        "A CAA record at {at} forbids every CA to issue.",
        'Replace it at {at} by: 0 {tag} "{wanted}".',
    ),
    seen.CAA_CRITICAL: (
        "A CAA record at {at} is critical and of a sort that CAs need not know: {tag}.",
        "Remove that record, or the mark that it is critical.",
    ),
    seen.CAA_FAILED: (
        "The DNS answers questions for CAA records at {at} with a failure ({answer}), so the CA must not issue.",
        "Have whoever runs the name servers answer CAA questions.",
    ),
    # Port 80
    seen.HTTP_ANSWERS: ("Port 80 answers on every address: {addresses}.", ""),
    seen.HTTP_SILENT: (
        "Port 80 does not answer on {addresses}.",
        "Open port 80 on every address of the name, or remove the address; or prove it by DNS-01.",
    ),
    seen.HTTP_REDIRECT_BROKEN: (
        "Port 80 redirects to {to}, which the CA cannot follow: {why}.",
        "Answer /.well-known/acme-challenge/ without that redirect.",
    ),
    seen.HTTP_PATH_LOST: (
        "Port 80 redirects to another path: {to}.",
        "Keep the path in the redirect, or answer /.well-known/acme-challenge/ without one.",
    ),
    seen.HTTP_ERROR: (
        "The web server answers with {status} below /.well-known/acme-challenge/.",
        "Let that path through without a sign-in and without the site’s own error.",
    ),
    seen.WILDCARD_NEEDS_DNS: ("A wildcard can be proved by DNS-01 only.", "Set the client to DNS-01 for this name."),
    # _acme-challenge
    seen.TXT_NONE: ("Nothing is left at {at}.", ""),
    seen.TXT_LEFT: (
        "TXT records are left at {at}, of an earlier order or of one under way.",
        "Remove them once no order is under way.",
    ),
    seen.TXT_DELEGATED: ("{at} leads to {to}: the client has to write there.", ""),
    # Port 443
    seen.SERVED: ("Port 443 serves a certificate for the name, valid until {valid_until}.", ""),
    seen.SERVED_EXPIRED: (
        "Port 443 serves a certificate that ended on {valid_until}.",
        "If a newer one was issued, reload the server.",
    ),
    seen.SERVED_EARLY: ("Port 443 serves a certificate that is not valid yet.", "Look at which one is installed."),
    seen.SERVED_OTHER_NAME: ("Port 443 serves a certificate for other names.", "Look at which one is installed."),
    seen.SERVED_SELF_SIGNED: ("Port 443 serves a certificate that no CA signed.", "Install the one that was issued."),
    seen.SERVED_NOTHING: ("Port 443 serves no certificate.", ""),
}


# What an order needs, whatever stands on port 443 or was left at `_acme-challenge`.
NEEDED = frozenset({Topic.DNS, Topic.DELEGATION, Topic.DNSSEC, Topic.CAA, Topic.HTTP})


def looks_of(kept: Iterable[Mapping[str, Any]]) -> list[Look]:
    """Read back the looks that a check has kept."""
    return [Look.of(one) for one in kept]


def problems_of(looks: Iterable[Look]) -> list[LookWords]:
    """Give the words of those looks that found what can stop an order."""
    return [words_of(look) for look in looks if look.outcome == Outcome.PROBLEM and look.topic in NEEDED]


def is_off(looks: Iterable[Look]) -> bool:
    """Whether nothing was looked at because the portal may not reach out."""
    return any(look.code == seen.OFF for look in looks)


def words_of(look: Look) -> LookWords:
    """Give what a look saw in words; a code of tomorrow by itself."""
    text, step = WORDS.get(look.code, (look.code, ""))
    if look.outcome in (Outcome.FINE, Outcome.OFF):
        step = ""
    facts = _Shown(_told(look))
    return LookWords(text.format_map(facts), step.format_map(facts))


def _told(look: Look) -> Facts:
    if look.code == seen.NOT_PUBLIC and (look.facts.get("chain") or "addresses" not in look.facts):
        # Behind an alias it may be an address of a zone inside: checks of earlier days have kept it.
        return {**look.facts, "addresses": WHY_WORDS["not_public"]}
    return look.facts


class _Shown(dict[str, str]):
    """The facts of a look as its sentence shows them."""

    def __init__(self, facts: Facts) -> None:
        super().__init__({name: _shown(name, value) for name, value in facts.items()})

    def __missing__(self, name: str) -> str:
        return MISSING.get(name, "–")


def _shown(name: str, value: Any) -> str:
    if name == "why":
        return WHY_WORDS.get(str(value), str(value))
    if name == "wanted" and isinstance(value, list):
        # The CA has one identifier that it names itself; the others are older ones.
        return "sectigo.com" if "sectigo.com" in value or not value else str(value[0])
    if name == "tag":
        return str(value) or "issue"
    if name in ("valid_until", "valid_from"):
        return str(value)[:10]
    if isinstance(value, Mapping):
        return _listed([f"{key}: {part}" for key, part in value.items()])
    if isinstance(value, (list, tuple)):
        return _listed([_part(part) for part in value])
    return str(value) if value not in (None, "") else "–"


def _part(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    main = value.get("server") or value.get("address") or ""
    said = value.get("why") or value.get("status") or ""
    return f"{main} ({WHY_WORDS.get(str(said), str(said))})" if said else str(main)


def _listed(parts: Sequence[str]) -> str:
    shown = ", ".join(parts[:MOST_NAMED])
    return f"{shown} and {len(parts) - MOST_NAMED} more" if len(parts) > MOST_NAMED else shown or "–"
