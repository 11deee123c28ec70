"""What a user agent says of an ACME client: samples of real ones, and whatever else is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.user_agents import LONGEST, product_of

SAMPLES = [
    ("CertbotACMEClient/0.31.0 (certbot; Debian 11) Authenticator/nginx", "CertbotACMEClient 0.31.0"),
    ("acme.sh/3.0.8 (https://github.com/acmesh-official/acme.sh)", "acme.sh 3.0.8"),
    ("Caddy/2.6.2 CertMagic acmez (linux; amd64)", "Caddy 2.6.2"),
    ("xenolf-acme/4.1 (release; linux; amd64) lego-cli/4.1", "xenolf-acme 4.1"),
    ("Posh-ACME/4.20.0 PowerShell/7.4", "Posh-ACME 4.20.0"),
    ("dehydrated", "dehydrated"),
    ("  uacme/1.7.4 ", "uacme 1.7.4"),
    ("", ""),
    ("(nobody)", ""),
]


@pytest.mark.parametrize(("user_agent", "product"), SAMPLES)
def test_samples(user_agent: str, product: str) -> None:
    assert product_of(user_agent) == product


@given(st.text())
def test_it_takes_anything(user_agent: str) -> None:
    product = product_of(user_agent)
    assert len(product) <= LONGEST
    assert "\n" not in product
