"""Which names a public CA may certify (Baseline Requirements 3.2.2.4, 4.2.2 and 7.1.4.2)."""

from functools import cache

from publicsuffixlist import PublicSuffixList

# Reserved for documentation and tests (RFC 6761). No CA certifies them; here they are what one can try with.
TO_TRY = ("example", "test")
NEVER = ("arpa", "onion")  # addresses read backwards; services that are validated in a way of their own


@cache
def _registries() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


def why_not_public(name: str) -> str:
    """Why no certificate can be had for the name, in lower case and with or without `*.`; empty where one can."""
    base = name.removeprefix("*.")
    if "_" in base:
        return "has an underscore"
    last = base.rpartition(".")[2]
    if last in TO_TRY:
        return ""
    suffix = _registries().publicsuffix(base, accept_unknown=False)
    if suffix is None or last in NEVER:
        return "ends in no public top-level domain"
    return "belongs to a registry" if suffix == base else ""
