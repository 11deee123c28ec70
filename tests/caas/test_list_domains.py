from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from subscriptions.caas.errors import UnreadableReply
from subscriptions.caas.types import ListedDomain

from .scripted_ca import reply, scripted

END = datetime(2025, 9, 20, 23, 59, 59, tzinfo=UTC)


def page(*entries: Any, top: str = "Domains") -> httpx.Response:
    return reply({top: list(entries)})


def test_it_works() -> None:
    first = {"domainName": "brand.example.com", "expiresAt": "2025-09-20T23:59:59Z"}
    second = {"domainName": "service.com", "expiresAt": "2025-09-20T23:59:59Z", "ovAnchorOrderNumber": "1234"}
    with scripted(page(first), page(second), page()) as (client, ca):
        assert client.list_domains(acme_account_id="A1") == (
            ListedDomain("brand.example.com", END, None),
            ListedDomain("service.com", END, "1234"),
        )
    assert ca.forms() == [
        [("action", "LISTDOMAINS"), ("acmeAccountID", "A1"), ("page", str(number)), ("size", "100")]
        for number in range(3)
    ]
    assert ca.connections == ["reads"] * 3


@pytest.mark.parametrize("top", ["Domains", "domains"])
@pytest.mark.parametrize("name", ["ovAnchorOrderNumber", "OvAnchorOrderNumber", "OVANCHORORDERNUMBER"])
@pytest.mark.parametrize("value", [1234, "1234"])
def test_an_anchor_is_text_in_any_spelling(top: str, name: str, value: Any) -> None:
    with scripted(page({"DomainName": "A.example.", name: value}, top=top), page()) as (client, _):
        assert client.list_domains(acme_account_id="A1") == (ListedDomain("a.example", None, "1234"),)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("M\u00fcller.example", "xn--mller-kva.example"),
        ("*.m\u00fcller.example.", "*.xn--mller-kva.example"),
        ("XN--MLLER-KVA.example", "xn--mller-kva.example"),
        ("\u00fc..example", "xn--tda..example"),
    ],
)
def test_a_name_is_compared_in_a_labels(text: str, name: str) -> None:
    with scripted(page({"domainName": text}), page()) as (client, _):
        assert client.list_domains(acme_account_id="A1") == (ListedDomain(name, None, None),)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2025-09-20T23:59:59Z", END),
        ("2025-09-20T23:59:59", END),
        ("2025-09-20 23:59:59", END),
        ("2025-09-21T01:59:59+02:00", END),
        ("2025-09-20", datetime(2025, 9, 20, tzinfo=UTC)),
        (None, None),
        ("", None),
    ],
)
def test_an_instant_is_in_utc(text: Any, instant: datetime | None) -> None:
    with scripted(page({"domainName": "a.example", "expiresAt": text}), page()) as (client, _):
        (domain,) = client.list_domains(acme_account_id="A1")
    assert domain.expires_at == instant
    assert domain.expires_at is None or domain.expires_at.tzinfo is UTC


@pytest.mark.parametrize("text", ["later", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", {}, "1e400"])
def test_an_instant_that_cannot_be_read_is_not_left_out_in_silence(text: Any) -> None:
    answer = page({"domainName": "a.example", "expiresAt": text})
    with scripted(answer) as (client, _), pytest.raises(UnreadableReply):
        client.list_domains(acme_account_id="A1")


def test_a_name_listed_twice_is_there_once() -> None:
    with scripted(page({"domainName": "a.example"}, {"domainName": "A.EXAMPLE."}), page()) as (client, _):
        assert client.list_domains(acme_account_id="A1") == (ListedDomain("a.example", None, None),)
