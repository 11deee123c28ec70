"""Which addresses may be connected to."""

import ipaddress
from collections.abc import Iterable

from django.conf import settings

from .errors import Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA's registries of special-purpose addresses (RFC 6890) as of 2026, and multicast. Python's own `is_global` says
# yes to multicast and to addresses that carry an IPv4 address inside, and changes from one release to the next.
_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: the clouds' metadata are there
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Of IPv6 only this is handed out at all, so mapped, compatible, translated (64:ff9b::/96 and /48), site-local,
# link-local, unique local, discarded and multicast addresses are outside of it.
_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "2620:4f:8000::/48",  # AS112
        "3ffe::/16",  # 6bone, given back
        "3fff::/20",  # documentation
    )
)


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, reached by no detour over another address inside it."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id is not None or address not in _UNICAST_6:
        return False
    return not any(address in network for network in _NOT_PUBLIC_6)


def is_reachable(address: Address) -> bool:
    """Whether an address may be connected to: it is public, or in one of `OUTBOUND_ALLOWED_NETWORKS`."""
    return is_public(address) or any(address in network for network in allowed_networks())


def allowed_networks() -> list[Network]:
    """Give the networks of `OUTBOUND_ALLOWED_NETWORKS`; one that cannot be read allows nothing."""
    unreadable = unreadable_networks()
    return [ipaddress.ip_network(text.strip()) for text in _allowed() if text not in unreadable]


def unreadable_networks() -> list[str]:
    """Give the texts in `OUTBOUND_ALLOWED_NETWORKS` that name no network."""
    return [text for text in _allowed() if not _is_network(text)]


def require_reachable(address: str) -> str:
    """Give an address as it is connected to; raises Refused where it may not be, or is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError as error:
        raise Refused(address) from error
    if not is_reachable(parsed):
        raise Refused(address)
    return str(parsed)


def _allowed() -> Iterable[str]:
    return [text for text in settings.OUTBOUND_ALLOWED_NETWORKS if text.strip()]


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text.strip())
    except ValueError:
        return False
    return True
