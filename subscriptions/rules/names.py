"""Domain names as they are typed and as they are compared."""

import ipaddress
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import idna
from publicsuffixlist import PublicSuffixList

MAX_NAME_LENGTH = 255  # of `domainName`, "Add a domain" in the CaaS guide
MAX_DNS_LENGTH = 253  # RFC 1035 2.3.4, without the final dot
MAX_NAMES_PER_QUOTE = 500


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


def covering_wildcard(name: str, among: Collection[str]) -> str:
    """Give the wildcard among some names whose certificate is good for `name` too, or an empty text.

    A wildcard stands for exactly one label (RFC 9525 6.3): `*.example.com` covers `www.example.com`, but neither
    `example.com` nor `a.b.example.com`. This says nothing of what the CA charges for, or adds at no cost.
    """
    wildcard = f"*.{name.partition('.')[2]}"
    return wildcard if wildcard in among and not name.startswith("*.") else ""
