"""Names that look like a slip of the keyboard."""

import pytest

from subscriptions.rules.typos import looks_like, www_meant

KNOWN = {"northwind.example", "example.com", "shop1.example", "abc.example", "contoso.co.uk"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nrothwind.example", "northwind.example"),
        ("northwnd.example", "northwind.example"),
        ("northwindd.example", "northwind.example"),
        ("exmaple.com", "example.com"),
        ("contosso.co.uk", "contoso.co.uk"),
        ("northwind.example", ""),
        ("northwind.com", ""),
        ("southwind.example", ""),
        ("shop2.example", ""),
        ("abd.example", ""),
        ("fabrikam.example", ""),
        ("northwind-shop.example", ""),
    ],
)
def test_what_looks_like_a_known_domain(typed: str, meant: str) -> None:
    assert looks_like(typed, KNOWN) == meant


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ww.example.com", "www.example.com"),
        ("wwww.example.com", "www.example.com"),
        ("wwe.example.com", "www.example.com"),
        ("www.example.com", ""),
        ("web.example.com", ""),
        ("example.com", ""),
    ],
)
def test_a_slip_in_www(name: str, meant: str) -> None:
    assert www_meant(name) == meant
