"""One case per row of the CA's error table ("Unsuccessful responses" in the CaaS guide)."""

from typing import Any

import httpx
import pytest

from subscriptions.caas import errors
from subscriptions.caas.errors import OutcomeUnknown, RefusalReason, Refused

from .scripted_ca import LOGIN_PASSWORD, MALFORMED, UNAUTHORIZED, refusal, reply, scripted

LOCKED = "Incorrect login details, account is locked, password has expired, or your source IP is blocked!"

DOCUMENTED = [
    (400, MALFORMED, "'xxxx' is an unrecognized argument!", Refused, "unrecognized_argument"),
    (400, MALFORMED, "The 'xxxx' argument is missing!", Refused, "missing_argument"),
    (400, MALFORMED, "The value of the 'xxxx' argument is invalid!", Refused, "invalid_argument"),
    (400, MALFORMED, "Base64url-encoding failed!", Refused, "base64"),
    (401, UNAUTHORIZED, LOCKED, errors.LoginRefused, "login"),
    (403, UNAUTHORIZED, "Use of HTTPS is REQUIRED!", Refused, "https_required"),
    (403, UNAUTHORIZED, "Account could not be deactivated!", Refused, "not_deactivatable"),
    (403, UNAUTHORIZED, "Domain could not be removed!", Refused, "not_removable"),
    (403, UNAUTHORIZED, "Not applicable for DV!", Refused, "dv_only"),
]
# Known by their meaning only, so in words of our own.
BY_KEYWORD = [
    ("You do not have permission for this request. Please contact support.", Refused, "permission"),
    ("The subscription has expired!", Refused, "expired"),
    ("The subscription is beyond the extension window!", Refused, "expired"),
    ("The subscription does not exist!", Refused, "expired"),
    ("Pricing for the subscription is not configured!", errors.PricingProblem, "pricing"),
    ("The prices of your pricing band must be verified!", errors.PricingProblem, "pricing"),
    ("Insufficient funds, top up!", errors.InsufficientFunds, "insufficient_funds"),
    ("Your account could not be debited!", errors.InsufficientFunds, "insufficient_funds"),
    ("Not enough credit!", errors.InsufficientFunds, "insufficient_funds"),
    ("The Tier 1 account failed to process a debit!", errors.ParentAccountProblem, "parent_account"),
    ("The Tier 1 account has reached its credit limit!", errors.ParentAccountProblem, "parent_account"),
    ("The Partner Account ID is missing from the request!", Refused, "other"),
    ("The domain name is already present in the subscription.", Refused, "already_present"),
    ("A refund is no longer possible!", Refused, "other"),
    ("Something new!", Refused, "other"),
]
ROWS = DOCUMENTED + [(403, UNAUTHORIZED, *row) for row in BY_KEYWORD]


def refused(answer: httpx.Response) -> Refused:
    with scripted(answer) as (client, _), pytest.raises(Refused) as caught:
        client.add_domain(acme_account_id="A1", name="domain.com")
    return caught.value


@pytest.mark.parametrize(("status", "error_type", "detail", "error", "reason"), ROWS)
def test_each_row_has_its_error(status: int, error_type: str, detail: str, error: type[Refused], reason: str) -> None:
    caught = refused(refusal(status, detail, error_type))
    assert type(caught) is error
    assert caught.reason == RefusalReason(reason)
    assert (caught.http_status, caught.error_type, caught.detail) == (status, error_type, detail)
    assert str(caught) == f"ADDDOMAIN refused ({status}): {detail}"
    assert caught.evidence["action"] == "ADDDOMAIN"
    assert caught.evidence["http_status"] == status
    assert detail in caught.evidence["body"]


@pytest.mark.parametrize(("status", "error_type", "detail", "error", "reason"), ROWS)
def test_the_protocol_prefix_means_the_same(
    status: int, error_type: str, detail: str, error: type[Refused], reason: str
) -> None:
    caught = refused(refusal(status, detail, error_type.replace("sectigo", "ietf").upper()))
    assert (type(caught), caught.reason) == (error, RefusalReason(reason))


def test_names_match_in_any_case() -> None:
    answer = reply({"Type": UNAUTHORIZED, "DETAIL": "Insufficient funds!"}, 403)
    assert type(refused(answer)) is errors.InsufficientFunds


@pytest.mark.parametrize("body", ["", "<html>Unauthorized</html>", {}, {"type": 5, "detail": None}])
@pytest.mark.parametrize(("status", "error"), [(401, errors.LoginRefused), (429, errors.RateLimited)])
def test_a_401_and_a_429_refuse_whatever_they_say(status: int, error: type[Refused], body: Any) -> None:
    caught = refused(reply(body, status))
    assert type(caught) is error
    assert (caught.http_status, caught.error_type, caught.detail) == (status, "", "")


@pytest.mark.parametrize(("header", "seconds"), [("120", 120), ("soon", None), ("-1", None), ("", None)])
def test_a_wish_how_long_to_wait_is_passed_on(header: str, seconds: int | None) -> None:
    caught = refused(reply({}, 429, **{"retry-after": header}))
    assert isinstance(caught, errors.RateLimited)
    assert caught.retry_after_seconds == seconds


@pytest.mark.parametrize("status", [200, 400, 403])
def test_a_rate_limit_can_be_told_by_its_type(status: int) -> None:
    answer = refusal(status, "Slow down!", "urn:sectigo:params:acme:error:rateLimited")
    assert type(refused(answer)) is errors.RateLimited


def test_an_error_body_with_status_200_is_a_refusal() -> None:
    caught = refused(refusal(200, "Insufficient funds!"))
    assert type(caught) is errors.InsufficientFunds
    assert caught.http_status == 200


@pytest.mark.parametrize("value", [False, "false"])
def test_a_reply_that_denies_its_success_is_a_refusal(value: Any) -> None:
    domains = [{"domainName": "domain.com"}]
    caught = refused(reply({"Success": value, "detail": "No.", "cost": 1, "currency": "USD", "domains": domains}))
    assert type(caught) is Refused
    assert (caught.http_status, caught.detail, caught.reason) == (200, "No.", RefusalReason.OTHER)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, ""),
        (403, "<html>Forbidden</html>"),
        (404, {"detail": "Not found"}),
        (403, {"type": UNAUTHORIZED}),
        (403, {"type": UNAUTHORIZED, "detail": ["Insufficient funds!"]}),
        (403, {"type": "about:blank", "detail": "Insufficient funds!"}),
        (408, {}),
        (403, [{"type": UNAUTHORIZED, "detail": "Insufficient funds!"}]),
        (301, ""),
        (302, {"type": UNAUTHORIZED, "detail": "Insufficient funds!"}),
        (500, {"type": UNAUTHORIZED, "detail": "Insufficient funds!"}),
        (500, {"success": False}),
        (502, "<html>Bad gateway</html>"),
        (503, ""),
        (599, "\x00\xff"),
    ],
)
def test_anything_else_is_an_unknown_outcome(status: int, body: Any) -> None:
    with scripted(reply(body, status)) as (client, ca), pytest.raises(OutcomeUnknown) as caught:
        client.add_domain(acme_account_id="A1", name="domain.com")
    assert type(caught.value) is OutcomeUnknown
    assert caught.value.evidence["http_status"] == status
    assert len(ca.requests) == 1


def test_a_redirect_is_not_followed() -> None:
    answer = reply("", 307, location="https://elsewhere.example/")
    with scripted(answer) as (client, ca), pytest.raises(OutcomeUnknown):
        client.list_servers()
    assert len(ca.requests) == 1


def test_the_tree() -> None:
    def children(error: type[Exception]) -> dict[str, Any]:
        return {child.__name__: children(child) for child in error.__subclasses__()}

    leaves = ["LoginRefused", "RateLimited", "InsufficientFunds", "PricingProblem", "ParentAccountProblem"]
    assert children(errors.CaasError) == {
        "NotSent": {},
        "OutcomeUnknown": {"UnreadableReply": {}},
        "Refused": {leaf: {} for leaf in leaves},
    }


def test_a_password_in_the_words_of_the_ca_is_redacted() -> None:
    caught = refused(refusal(403, f"Who is {LOGIN_PASSWORD}?"))
    assert caught.detail == "Who is [redacted]?"
