"""Which addresses are never connected to: every kind that is not public, however it is written."""

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from portal.outbound import Refused, is_public, is_reachable
from portal.outbound.addresses import require_reachable

PRIVATE_4 = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
]  # fmt: skip
PRIVATE_6 = [
    "::/128", "::1/128", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32",
    "2001:2::/48", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7",
    "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip


def inside(network: IPv4Network | IPv6Network) -> st.SearchStrategy[IPv4Address | IPv6Address]:
    numbers = st.integers(int(network.network_address), int(network.broadcast_address))
    made = IPv4Address if network.version == 4 else IPv6Address
    return numbers.map(made)


NOT_PUBLIC_4 = st.sampled_from(PRIVATE_4).flatmap(lambda text: inside(IPv4Network(text)))
NOT_PUBLIC = st.sampled_from([*PRIVATE_4, *PRIVATE_6]).flatmap(lambda text: inside(ipaddress.ip_network(text)))
ANY_4 = st.integers(0, 2**32 - 1).map(IPv4Address)


@given(NOT_PUBLIC)
def test_no_address_of_the_registries_is_public(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(address)


@given(ANY_4)
def test_no_address_is_public_that_carries_another_inside(inner: IPv4Address) -> None:
    number = int(inner)
    carriers = [
        number,  # compatible
        0xFFFF << 32 | number,  # mapped
        0x0064FF9B << 96 | number,  # NAT64
        0x0064FF9B0001 << 80 | number,  # NAT64 of a network's own
        0x2002 << 112 | number << 80 | 1,  # 6to4
        0x20010000 << 96 | number,  # Teredo, its server and its client
        0x20010000 << 96 | number << 64 | (number ^ 0xFFFFFFFF),
    ]

    assert not any(is_public(IPv6Address(carrier)) for carrier in carriers)


@given(
    st.one_of(
        ANY_4, st.integers(0, 2**128 - 1).map(IPv6Address), st.integers(0x2 << 124, (0x4 << 124) - 1).map(IPv6Address)
    )
)
def test_nothing_is_public_that_python_does_not_call_global(address: IPv4Address | IPv6Address) -> None:
    # Both ways cannot be asked: Python calls multicast and 6to4 global.
    if is_public(address):
        assert address.is_global
        assert not any((address.is_multicast, address.is_loopback, address.is_link_local, address.is_reserved))


@pytest.mark.parametrize("text", ["1.1.1.1", "8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001::200e"])
def test_public_addresses_are(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


def test_an_address_with_a_zone_is_not_public() -> None:
    assert not is_public(IPv6Address("2606:4700::1111%eth0"))


@given(NOT_PUBLIC_4)
def test_an_allowed_network_opens_itself_only(address: IPv4Address) -> None:
    mapped = IPv6Address(0xFFFF << 32 | int(address))
    with override_settings(OUTBOUND_ALLOWED_NETWORKS=["10.20.0.0/16", "not-a-network"]):
        assert is_reachable(address) is (address in IPv4Network("10.20.0.0/16"))
        assert not is_reachable(mapped)


@pytest.mark.parametrize("text", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "localhost", "1.1.1.1 ", "", "::1%lo"])
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        require_reachable(text)
