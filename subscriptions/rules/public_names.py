"""Which names a public CA may certify, by their last labels."""

import re
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from ipaddress import ip_address
from pathlib import Path
from string import ascii_lowercase

import idna
from publicsuffixlist import PSLFILE, PublicSuffixList

from subscriptions.rules.writings import AN_IP_ADDRESS, NameProblem

# IANA's registry of special-use domain names (RFC 6761), as far as no public name lies below them.
SPECIAL_USE = frozenset({"alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "test"})
# What networks use inside, and ICANN will not delegate or has not: SAC113, and the name collision reports.
INTERNAL = frozenset({"corp", "home", "mail", "lan", "intra", "intranet", "priv", "private", "localdomain"}).union(
    {"domain", "localnet", "lokal", "loc", "dmz", "router", "server", "workgroup"}
)
DOCUMENTATION = frozenset({"example", "test"})  # what the demo and the sandbox sell names under
# In the order in which one is meant that was mistyped.
_COMMON = ("com", "net", "org", "info", "biz", "edu", "gov", "io", "eu", "de")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


@cache
def _top_level_domains() -> frozenset[str]:
    """Give every top-level domain that the public suffix list has a rule of ICANN's part for, in A-labels."""
    text = Path(PSLFILE).read_text(encoding="utf-8").partition("===END ICANN DOMAINS===")[0]
    rules = (line.strip() for line in text.splitlines())
    last = {rule.rpartition(".")[2] for rule in rules if rule and not rule.startswith("//")}
    return frozenset(idna.encode(label).decode() for label in last)


def registered_part(name: str) -> str:
    """Give what a registry sells of a name, such as `example.co.uk`; an empty text for what is its own."""
    return str(_suffixes().privatesuffix(name) or "")


def refuse_number(name: str) -> None:
    """Raise NameProblem for a name in A-labels that ends in a number: an IP address in any writing, a date, a version.

    A last label of digits, or of `0x` and hexadecimal digits, makes what it ends an IPv4 address or nothing (the URL
    Standard's "ends in a number").
    """
    *_, last = labels = name.split(".")
    if not _NUMBER.fullmatch(last):
        return
    if _is_ip(name) or (len(labels) == 4 and all(_NUMBER.fullmatch(label) for label in labels)):
        raise NameProblem(AN_IP_ADDRESS)
    raise NameProblem("This ends in a number, as IP addresses, dates and versions do: no domain name does.")


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def refuse_not_public(name: str, *, wildcard: bool, reserved: Collection[str]) -> None:
    """Raise NameProblem for a name in A-labels under which no public CA may certify, or that a registry owns.

    `reserved` are the special-use top-level domains that may be sold all the same.
    """
    if "." not in name:
        raise NameProblem("The name needs at least two labels, as in example.com.")
    shown = f"*.{name}" if wildcard else name
    last = name.rpartition(".")[2]
    if last in reserved:
        return
    if last in SPECIAL_USE or last in INTERNAL:
        raise NameProblem(
            f"Names under .{last} are not public: they are for use inside a network, for documentation or for special "
            "purposes, and no public CA may certify them."
        )
    if last not in _top_level_domains():
        raise NameProblem(f"There is no top-level domain .{last}.{_hint(shown, last)}")
    if not registered_part(name):
        raise NameProblem(f"{shown} belongs to a registry, not to one owner: no certificate can be had for it.")


def _hint(shown: str, last: str) -> str:
    likely = _likely(last)
    meant = f"{shown.removesuffix(last)}{likely}"
    if not likely or not registered_part(meant.removeprefix("*.")):
        return ""
    return f" Did you mean {meant}?"


@lru_cache(maxsize=1024)
def _likely(mistyped: str) -> str:
    """Give the top-level domain that is one slip of the keys away, the most common one of them; or an empty text."""
    if not 2 <= len(mistyped) <= 12:  # what is longer is no slip, and would only take time
        return ""
    near = _top_level_domains().intersection(_one_slip(mistyped))
    return min(near, key=lambda one: _rank(one, mistyped), default="")


def _rank(one: str, mistyped: str) -> tuple[int, int, str]:
    common = _COMMON.index(one) if one in _COMMON else len(_COMMON)
    return common, abs(len(one) - len(mistyped)), one


def _one_slip(word: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for letter in ascii_lowercase:
            yield before + letter + after
            yield before + letter + after[1:]
