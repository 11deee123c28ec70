"""One case per row of the CA's error table ("Unsuccessful responses" in the CaaS guide)."""

from typing import Any

import httpx
import pytest

from subscriptions.caas import errors
from subscriptions.caas.errors import OutcomeUnknown, RefusalReason, Refused

from .scripted_ca import LOGIN_PASSWORD, MALFORMED, UNAUTHORIZED, refusal, reply, scripted, yes

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
    ("The ACME account has been deactivated!", Refused, "account"),
    ("The ACME account does not exist!", Refused, "account"),
    ("Something new!", Refused, "other"),
]
SAID = {
    errors.LoginRefused: "The CA refused the portal's login",
    errors.PricingProblem: "The CA refused to charge",
    errors.InsufficientFunds: "The CA refused to charge",
    errors.ParentAccountProblem: "The CA refused to charge",
}
ROWS = DOCUMENTED + [(403, UNAUTHORIZED, *row) for row in BY_KEYWORD]


def refused(answer: httpx.Response) -> Refused:
    with scripted(answer) as (client, _), pytest.raises(Refused) as caught:
        client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    return caught.value


@pytest.mark.parametrize(("status", "error_type", "detail", "error", "reason"), ROWS)
def test_each_row_has_its_error(status: int, error_type: str, detail: str, error: type[Refused], reason: str) -> None:
    caught = refused(refusal(status, detail, error_type))
    assert type(caught) is error
    assert caught.reason == RefusalReason(reason)
    assert (caught.http_status, caught.error_type, caught.detail) == (status, error_type, detail)
    assert str(caught) == f"{SAID.get(error, 'The CA refused it')}: {detail}"
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
    said = "The CA refused the portal's login" if status == 401 else "The CA asked to slow down"
    assert str(caught) == f"{said} (HTTP {status})."


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("soon", None),
        ("-1", None),
        ("", None),
        ("\u0662", None),
        ("Wed, 25 Nov 2026 10:02:00 GMT", 120),
        ("Wed, 25 Nov 2026 09:00:00 GMT", 0),
        ("Thu, 26 Nov 2026 10:00:00 GMT", 3600),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_wish_how_long_to_wait_is_passed_on(header: str, seconds: int | None, status: int) -> None:
    headers = httpx.Headers({b"retry-after": header.encode(), b"date": b"Wed, 25 Nov 2026 10:00:00 GMT"})
    with scripted(httpx.Response(status, headers=headers)) as (client, _), pytest.raises(errors.CaasError) as caught:
        client.list_servers()
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("status", [200, 400, 403])
def test_a_rate_limit_can_be_told_by_its_type(status: int) -> None:
    answer = refusal(status, "Slow down!", "urn:sectigo:params:acme:error:rateLimited")
    assert type(refused(answer)) is errors.RateLimited


def test_an_error_body_with_status_200_is_a_refusal() -> None:
    caught = refused(refusal(200, "Insufficient funds!"))
    assert type(caught) is errors.InsufficientFunds
    assert caught.http_status == 200


@pytest.mark.parametrize("value", [False, "false", "FALSE", 0, "no", []])
@pytest.mark.parametrize("said", [{}, {"detail": "No."}, {"type": UNAUTHORIZED}, {"type": "no", "detail": "No."}])
def test_a_reply_that_denies_its_success_without_the_error_body_is_an_unknown_outcome(value: Any, said: Any) -> None:
    domains = [{"domainName": "domain.com"}]
    body = {"Success": value, "cost": 1, "currency": "USD", "domains": domains, **said}
    with scripted(reply(body)) as (client, _), pytest.raises(OutcomeUnknown) as caught:
        client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    assert type(caught.value) is OutcomeUnknown
    assert str(caught.value) == "The CA answered that it did not succeed, and did not say why."
    assert caught.value.evidence["http_status"] == 200


def test_a_reply_that_denies_its_success_in_the_error_body_is_a_refusal() -> None:
    caught = refused(reply({"success": False, "type": UNAUTHORIZED, "detail": "Domain could not be removed!"}))
    assert caught.reason is RefusalReason.NOT_REMOVABLE


@pytest.mark.parametrize("value", [True, "true", "True", None, ""])
def test_a_reply_that_does_not_deny_its_success_is_one(value: Any) -> None:
    body = {"success": value, "cost": 1, "currency": "USD", "domains": [{"domainName": "domain.com"}]}
    with scripted(reply(body)) as (client, _):
        assert client.quote_domain(acme_account_id="A1", name="domain.com").names == ("domain.com",)


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
        client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    assert type(caught.value) is OutcomeUnknown
    assert caught.value.evidence["http_status"] == status
    pointed = f"The CA's server pointed to another address, which is not followed (HTTP {status})."
    failed = f"The CA's server answered with an error page (HTTP {status})."
    assert str(caught.value) == (pointed if status < 400 else failed)
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
        "NotSent": {"LookRefused": {}},
        "OutcomeUnknown": {"UnreadableReply": {}},
        "Refused": {leaf: {} for leaf in leaves},
    }


@pytest.mark.parametrize(
    ("error", "closes", "is_final", "surely_not_done"),
    [
        (errors.CaasError, "nothing", False, False),
        (errors.NotSent, "nothing", False, True),
        (errors.LookRefused, "nothing", False, True),
        (errors.OutcomeUnknown, "nothing", False, False),
        (errors.UnreadableReply, "nothing", False, False),
        (errors.Refused, "nothing", True, True),
        (errors.LoginRefused, "all", False, True),
        (errors.RateLimited, "nothing", False, True),
        (errors.InsufficientFunds, "charges", False, True),
        (errors.ParentAccountProblem, "charges", False, True),
        (errors.PricingProblem, "server_charges", False, True),
    ],
)
def test_what_each_error_decides(
    error: type[errors.CaasError], closes: str, *, is_final: bool, surely_not_done: bool
) -> None:
    assert (error.closes, error.is_final, error.surely_not_done) == (errors.Closes(closes), is_final, surely_not_done)


def test_a_password_in_the_words_of_the_ca_is_redacted() -> None:
    caught = refused(refusal(403, f"Who is {LOGIN_PASSWORD}?"))
    assert caught.detail == "Who is [redacted]?"
