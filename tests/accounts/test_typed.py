"""What was typed comes back after signing in, to the same person, without scripts."""

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from accounts.typed import mark_of
from subscriptions.models import Subscription
from tests import cast

LOGIN = reverse("account_login")
TYPED_BACK = "It was not sent: you were signed out"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    return html.unescape(found[1]) if found else ""


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def sign_in_again(client: Client, page: str, user: User) -> Any:
    """Send the sign-in page as a browser would."""
    sent = {name: hidden(page, name) for name in ("next", "typed", "csrfmiddlewaretoken")}
    return client.post(LOGIN, {"login": user.email, "password": cast.PASSWORD} | sent)


@pytest.fixture
def late(operator: User, settings: Any) -> Client:
    """The operator's browser, signed out since its page was loaded, where the token of the form is still right."""
    settings.STAFF_MFA_REQUIRED = False
    client = Client(enforce_csrf_checks=True)
    client.get(LOGIN)
    return client


def token_of(client: Client) -> dict[str, str]:
    return {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}


def test_every_form_says_whose_it_is(staff_client: Client, operator: User, customer: Customer) -> None:
    page = staff_client.get(reverse("subscriptions:customer-edit", args=[customer.code])).content.decode()

    # The form, and the one that signs out.
    assert [html.unescape(mark) for mark in re.findall(r'name="typed_by" value="([^"]*)"', page)] == [
        mark_of(operator)
    ] * page.count("csrfmiddlewaretoken")
    assert "typed_by" not in Client().get(LOGIN).content.decode()


def test_it_comes_back_after_signing_in(late: Client, operator: User, customer: Customer) -> None:
    url = reverse("subscriptions:customer-edit", args=[customer.code])
    typed = {"name": "Northwind & <Sons>", "notes": "first line\nsecond “line”", "contact_email": ""}
    sent = token_of(late) | {"typed_by": mark_of(operator)} | typed

    asked = late.post(url, sent, headers={"Referer": f"http://testserver{url}"})

    page = text_of(asked)
    assert asked.status_code == 200
    assert "it comes back once you have signed in" in page
    assert "Northwind & <Sons>" not in page  # whoever sits down here now
    assert sign_in_again(late, asked.content.decode(), operator).url == url
    back = late.get(url)
    assert TYPED_BACK in text_of(back)
    assert 'value="Northwind &amp; &lt;Sons&gt;"' in back.content.decode()
    assert "first line\nsecond “line”" in text_of(back)
    customer.refresh_from_db()
    assert customer.name == "Northwind Traders"  # nothing is sent by itself
    assert TYPED_BACK not in text_of(late.get(url))  # once


def test_a_wrong_password_in_between_loses_nothing(late: Client, operator: User, customer: Customer) -> None:
    url = reverse("subscriptions:customer-edit", args=[customer.code])
    asked = late.post(url, token_of(late) | {"typed_by": mark_of(operator), "name": "Northwind Ltd"})
    sent = {name: hidden(asked.content.decode(), name) for name in ("next", "typed")}

    again = late.post(LOGIN, {"login": operator.email, "password": "wrong", **token_of(late)} | sent)
    sign_in_again(late, again.content.decode(), operator)

    assert 'value="Northwind Ltd"' in late.get(url).content.decode()


def test_never_to_somebody_else(late: Client, operator: User, reseller_admin: User, customer: Customer) -> None:
    url = reverse("subscriptions:customer-edit", args=[customer.code])
    asked = late.post(url, token_of(late) | {"typed_by": mark_of(operator), "name": "Northwind Ltd"})

    sign_in_again(late, asked.content.decode(), reseller_admin)

    assert "Northwind Ltd" not in text_of(late.get(url))


@pytest.mark.parametrize("mark", ["", "forged", "7f1b3a52-0000-4000-8000-000000000000:abc"])
def test_a_form_that_is_nobodys_leads_to_the_sign_in_alone(late: Client, customer: Customer, mark: str) -> None:
    url = reverse("subscriptions:customer-edit", args=[customer.code])

    response = late.post(url, token_of(late) | {"typed_by": mark, "name": "Northwind Ltd"})

    assert (response.status_code, response["Location"]) == (302, f"{LOGIN}?next={url}")


def test_signed_in_again_in_another_tab(operator: User, reseller_admin: User, customer: Customer) -> None:
    """The token of the form is another session's."""
    url = reverse("subscriptions:customer-edit", args=[customer.code])
    browser = cast.sign_in(Client(enforce_csrf_checks=True), operator)
    sent = {"csrfmiddlewaretoken": "x" * 64, "typed_by": mark_of(operator), "name": "Northwind Ltd"}

    answer = browser.post(url, sent, headers={"Referer": f"http://testserver{url}?from=list"})

    assert (answer.status_code, answer["Location"]) == (302, f"{url}?from=list")
    assert 'value="Northwind Ltd"' in browser.get(answer["Location"]).content.decode()
    customer.refresh_from_db()
    assert customer.name == "Northwind Traders"
    theirs = browser.post(url, sent | {"typed_by": mark_of(reseller_admin)})
    assert (theirs.status_code, "This form is no longer valid" in text_of(theirs)) == (403, True)


def test_what_another_site_sends_is_refused(operator: User, customer: Customer) -> None:
    url = reverse("subscriptions:customer-edit", args=[customer.code])
    browser = cast.sign_in(Client(enforce_csrf_checks=True), operator)

    answer = browser.post(url, {"typed_by": mark_of(operator), "name": "x"}, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert "was not sent" not in text_of(browser.get(url))


def test_a_list_of_names_with_a_file(late: Client, operator: User, subscription: Subscription) -> None:
    url = reverse("subscriptions:domain-add", args=[subscription.code])
    names = "shop.example.com\nwww.example.org"
    file = SimpleUploadedFile("names.csv", b"name\nexample.net\n")
    sent = {"names": names, "add_companions": "on", "names_file": file, "typed_by": mark_of(operator)}

    asked = late.post(url, token_of(late) | sent)
    sign_in_again(late, asked.content.decode(), operator)

    page = late.get(url).content.decode()
    assert names in page
    assert re.search(r'<input[^>]*name="add_companions"[^>]* checked', page)
    assert "choose it again" in page


def test_choices_come_back(late: Client, operator: User, customer: Customer, server_ov: Any, server_dv: Any) -> None:
    url = reverse("subscriptions:subscription-add")
    sent = {"customer": customer.name, "server": str(server_ov.code), "term_years": "3", "typed_by": mark_of(operator)}

    asked = late.post(url, token_of(late) | sent)
    sign_in_again(late, asked.content.decode(), operator)

    page = late.get(url).content.decode()
    assert re.findall(r'<input[^>]*name="(?:server|term_years)"[^>]* checked>', page)
    checked = {re.search(r'value="([^"]*)"', one)[1] for one in re.findall(r"<input[^>]* checked>", page)}  # type: ignore[index]
    assert checked == {str(server_ov.code), "3"}


def test_a_form_on_another_page(late: Client, operator: User, customer: Customer) -> None:
    """The address it is sent to shows no page of its own."""
    operation = cast.make_subscription(customer, is_ready=False).operations.get()
    url = reverse("subscriptions:operation-cancel", args=[operation.code])

    asked = late.post(url, token_of(late) | {"typed_by": mark_of(operator), "reason": "A typo."})

    assert sign_in_again(late, asked.content.decode(), operator).url == url
    above = late.get(url, headers={"Accept": "text/html"})["Location"]
    assert above == reverse("subscriptions:operation-detail", args=[operation.code])
    page = late.get(above).content.decode()
    assert re.search(r'<input[^>]*name="reason"[^>]*value="A typo."', page)


def test_where_the_form_is_gone_the_text_is_shown(late: Client, operator: User, reseller_admin: User) -> None:
    url = reverse("subscriptions:renewal-mode")  # for admins: this one is demoted meanwhile
    asked = late.post(url, token_of(late) | {"typed_by": mark_of(operator), "reason": "Because of <it>."})
    sign_in_again(late, asked.content.decode(), operator)

    gone = late.get(url)

    assert gone.status_code == 403
    assert "What you typed was not sent" in text_of(gone)
    assert "Because of &lt;it&gt;." in gone.content.decode()


def test_a_password_and_a_code_are_never_kept(late: Client, operator: User) -> None:
    url = reverse("account_change_password")
    response = late.post(url, token_of(late) | {"typed_by": mark_of(operator), "oldpassword": "hunter2"})
    assert response.status_code == 302

    url = reverse("subscriptions:server-refresh")
    asked = late.post(url, token_of(late) | {"typed_by": mark_of(operator), "new_password": "hunter2", "reason": "x"})
    sign_in_again(late, asked.content.decode(), operator)
    assert late.session["typed"]["fields"] == {"reason": ["x"]}


def test_it_is_gone_at_sign_out(late: Client, operator: User, customer: Customer) -> None:
    url = reverse("subscriptions:customer-edit", args=[customer.code])
    asked = late.post(url, token_of(late) | {"typed_by": mark_of(operator), "name": "Northwind Ltd"})
    sign_in_again(late, asked.content.decode(), operator)
    late.post(reverse("account_logout"), token_of(late))

    cast.sign_in(late, operator)

    assert "Northwind Ltd" not in text_of(late.get(url))


def test_what_was_seen_before_is_compared_still(late: Client, operator: User, reseller_admin: User) -> None:
    """Somebody else saves between the typing and the sign-in: the second save is told so."""
    customer = cast.make_customer("Fabrikam")
    url = reverse("subscriptions:customer-edit", args=[customer.code])
    opened = cast.sign_in(Client(), operator).get(url).context["form"]["version"].value()
    cast.sign_in(Client(), reseller_admin).post(url, {"name": "Fabrikam Ltd"})
    sent = {"typed_by": mark_of(operator), "version": opened, "name": "Fabrikam", "reference": "K-9"}

    asked = late.post(url, token_of(late) | sent)
    sign_in_again(late, asked.content.decode(), operator)
    page = late.get(url).content.decode()

    answer = late.post(
        url, token_of(late) | {"name": "Fabrikam", "reference": "K-9", "version": hidden(page, "version")}
    )
    assert "Ada Admin changed it from “Fabrikam” to “Fabrikam Ltd”" in text_of(answer)
