"""Organization pre-validations: recorded, looked at, corrected and deleted."""

import csv
import html
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, User
from subscriptions.models import AcmeServer, Prevalidation, Quote
from subscriptions.services.prevalidations import create_prevalidation, delete_prevalidation, update_prevalidation
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown

ADD = reverse("subscriptions:prevalidation-add")
TODAY = timezone.now().date()


@pytest.fixture
def typed() -> dict[str, Any]:
    return {
        "customer": "Northwind",
        "type": "OV",
        "recorded_status": "valid",
        "organization_name": "Northwind Traders Ltd",
        "ov_anchor_order_number": "880000123",
        "valid_from": TODAY.isoformat(),
        "valid_until": (TODAY + timedelta(days=300)).isoformat(),
    }


def url_of(prevalidation: Prevalidation, page: str = "edit") -> str:
    return reverse(f"subscriptions:prevalidation-{page}", args=[prevalidation.code])


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def put_under(prevalidation: Prevalidation, name: str = "www.example.com") -> None:
    """Have a name be under it."""
    subscription = cast.make_subscription(prevalidation.customer, cast.make_server("OV"))
    cast.make_domain(subscription, name, ov_anchor_order_number=prevalidation.ov_anchor_order_number)


def test_add_works(staff_client: Client, typed: dict[str, Any], customer: Customer, operator: User) -> None:
    whole = typed | {
        "organizational_unit": "IT",
        "address": "1 Main St\r\nBuilding 2",
        "locality": "Springfield",
        "state": "Ohio",
        "postal_code": "45501",
        "country": "us",
        "contact_title": "CIO",
        "contact_first_name": "Carla",
        "contact_last_name": "Contact",
        "contact_email": "carla@northwind.example",
        "contact_phone": "+1 555 0100",
        "notes": "Calls are taken before noon.",
    }
    response = staff_client.post(ADD, whole)

    one = Prevalidation.objects.get()
    assert response["Location"] == url_of(one, "detail")
    assert (one.customer, one.country, one.contact_name) == (customer, "US", "Carla Contact")
    assert (one.ov_anchor_order_number, one.created_by, one.recorded_status) == ("880000123", operator, "valid")
    page = text_of(staff_client.get(response["Location"]))
    for value in ("Building 2", "Springfield", "45501", "carla@northwind.example", "+1 555 0100", "before noon"):
        assert value in page
    detail = AuditEvent.objects.get().detail
    assert detail["changes"]["locality"] == ["", "Springfield"]
    # The customer's owners are told what changed, but not what staff note among themselves.
    assert (detail["notes"], "notes" in detail["changes"]) == (["", "Calls are taken before noon."], False)


def test_add_starts_with_the_customer_asked_for(staff_client: Client, customer: Customer) -> None:
    form = staff_client.get(ADD, {"customer": str(customer.code)}).context["form"]

    assert form["customer"].value() == "Northwind Traders"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("customer", "Nobody", "No customer is called “Nobody”."),
        ("organization_name", "", "Fill this in."),
        ("ov_anchor_order_number", "88\u202e00", "Line breaks and other characters that do not print"),
        ("ov_anchor_order_number", "x" * 129, "Shorten this to 128 characters at most; it has 129."),
        ("valid_until", "31 May", "This is no date. Write it like 2026-11-30."),
        ("valid_until", "", "A valid one has a last day."),
        ("valid_from", "2099-01-01", "Its last day comes before its first."),
        ("country", "Germany", "Two letters, such as DE or US."),
        ("country", "1A", "Two letters, such as DE or US."),
        ("address", "1\n2\n3\n4", "At most 3 lines."),
        ("recorded_status", "lapsed", "This is not offered here. "),
    ],
)
def test_add_tells_bad_input_at_its_place(
    staff_client: Client, customer: Customer, typed: dict[str, Any], field: str, value: str, message: str
) -> None:
    response = staff_client.post(ADD, typed | {field: value})

    assert response.status_code == 200
    assert message in text_of(response)
    assert Prevalidation.objects.count() == 0


def test_one_that_is_only_requested_needs_no_days(
    staff_client: Client, customer: Customer, typed: dict[str, Any]
) -> None:
    staff_client.post(ADD, typed | {"recorded_status": "requested", "valid_from": "", "valid_until": ""})

    one = Prevalidation.objects.get()
    assert (one.recorded_status, one.valid_until) == ("requested", None)
    assert "The CA has not validated the organization yet" in text_of(staff_client.get(url_of(one, "detail")))


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"ov_anchor_order_number": "SO-880 1"}, "has other characters than digits"),
        ({"valid_until": (TODAY - timedelta(days=1)).isoformat(), "valid_from": ""}, "has passed already."),
        ({"valid_until": (TODAY + timedelta(days=399)).isoformat()}, "It would hold for 399 days"),
    ],
)
def test_what_is_mostly_a_slip_is_asked_about_and_saved_with_a_tick(
    staff_client: Client, customer: Customer, typed: dict[str, Any], given: dict[str, str], asked: str
) -> None:
    response = staff_client.post(ADD, typed | {"notes": "Typed at length."} | given)

    (doubt,) = response.context["form"].doubts
    assert asked in text_of(response)
    assert "Typed at length." in text_of(response)
    assert Prevalidation.objects.count() == 0
    # A tick for another value is none for this one.
    staff_client.post(ADD, typed | given | {"confirmed": ["number:other"]})
    assert Prevalidation.objects.count() == 0
    assert staff_client.post(ADD, typed | given | {"confirmed": [doubt.key]}).status_code == 302
    assert Prevalidation.objects.get().ov_anchor_order_number == (typed | given)["ov_anchor_order_number"]


def test_what_is_not_changed_is_not_asked_about_again(staff_client: Client, customer: Customer) -> None:
    old = cast.make_prevalidation(customer, number="SO-1", valid_until=TODAY - timedelta(days=9))
    page = staff_client.get(url_of(old))
    values = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}

    assert staff_client.post(url_of(old), values | {"notes": "Looked at.", "confirmed": []}).status_code == 302
    old.refresh_from_db()
    assert old.notes == "Looked at."


def test_a_service_asks_too(customer: Customer, operator: User) -> None:
    fields = {"organization_name": "Northwind", "ov_anchor_order_number": "A1", "valid_until": TODAY}
    with pytest.raises(ServiceError, match="other characters than digits"):
        create_prevalidation(actor=operator, customer=customer, fields=fields)
    create_prevalidation(actor=operator, customer=customer, fields=fields, confirmed=["number:A1"])
    with pytest.raises(ServiceError, match="one with this Order number already"):
        create_prevalidation(actor=operator, customer=customer, fields=fields, confirmed=["number:A1"])
    assert Prevalidation.objects.count() == 1


def test_add_refuses_an_order_number_twice(
    staff_client: Client, typed: dict[str, Any], prevalidation: Prevalidation
) -> None:
    response = staff_client.post(ADD, typed | {"ov_anchor_order_number": prevalidation.ov_anchor_order_number})

    assert "A pre-validation with this order number is recorded already." in text_of(response)
    assert Prevalidation.objects.count() == 1


def test_all_of_it_can_be_corrected_while_no_name_uses_it(
    staff_client: Client, typed: dict[str, Any], prevalidation: Prevalidation
) -> None:
    before = prevalidation.ov_anchor_order_number
    other = cast.make_customer("Contoso")

    response = staff_client.post(url_of(prevalidation), typed | {"customer": "Contoso", "organization_name": "Contoso"})

    prevalidation.refresh_from_db()
    assert response["Location"] == url_of(prevalidation, "detail")
    assert (prevalidation.customer, prevalidation.organization_name) == (other, "Contoso")
    changes = AuditEvent.objects.get(action="prevalidation.changed").detail["changes"]
    assert changes["order number"] == [before, "880000123"]
    assert changes["customer"] == ["Northwind Traders", "Contoso"]


def test_the_order_number_stays_while_names_are_under_it(
    staff_client: Client, typed: dict[str, Any], prevalidation: Prevalidation, operator: User
) -> None:
    put_under(prevalidation)
    number = prevalidation.ov_anchor_order_number

    staff_client.post(url_of(prevalidation), typed | {"organization_name": "Northwind AG"})

    prevalidation.refresh_from_db()
    assert (prevalidation.ov_anchor_order_number, prevalidation.organization_name) == (number, "Northwind AG")
    with pytest.raises(ServiceError, match="Names are under it"):
        update_prevalidation(
            actor=operator, prevalidation=prevalidation, fields={"ov_anchor_order_number": "880000999"}
        )
    with pytest.raises(ServiceError, match="move them to another"):
        update_prevalidation(actor=operator, prevalidation=prevalidation, fields={"recorded_status": "replaced"})


def test_the_order_number_stays_while_a_quote_under_it_can_be_confirmed(
    staff_client: Client, prevalidation: Prevalidation, server_ov: AcmeServer
) -> None:
    subscription = cast.make_subscription(prevalidation.customer, server_ov)
    quote = cast.make_quote(subscription, prevalidation=prevalidation)
    assert "A quote under it can still be confirmed" in text_of(staff_client.get(url_of(prevalidation)))

    Quote.objects.filter(pk=quote.pk).update(valid_until=timezone.now())
    assert not staff_client.get(url_of(prevalidation)).context["form"].fields["ov_anchor_order_number"].disabled


def test_edit_tells_bad_input_and_keeps_it(staff_client: Client, prevalidation: Prevalidation) -> None:
    response = staff_client.post(url_of(prevalidation), {"organization_name": "Typed", "valid_until": "never"})

    assert "This is no date. Write it like 2026-11-30." in text_of(response)
    assert 'value="Typed"' in text_of(response)
    assert AuditEvent.objects.count() == 0


def test_the_detail_shows_what_is_under_it(staff_client: Client, prevalidation: Prevalidation) -> None:
    put_under(prevalidation)
    put_under(prevalidation, "shop.example.com")

    page = staff_client.get(url_of(prevalidation, "detail"))

    assert [row.record.names_under for row in page.context["subscriptions"].rows] == [1, 1]
    assert [row.record.name for row in page.context["names"].rows] == ["shop.example.com", "www.example.com"]
    assert url_of(prevalidation, "delete") not in text_of(page)


def test_what_nothing_uses_can_be_deleted(staff_client: Client, prevalidation: Prevalidation) -> None:
    assert url_of(prevalidation, "delete") in text_of(staff_client.get(url_of(prevalidation, "detail")))
    assert "Delete this record" in text_of(staff_client.get(url_of(prevalidation, "delete")))

    assert staff_client.post(url_of(prevalidation, "delete")).status_code == 302
    assert not Prevalidation.objects.exists()
    event = AuditEvent.objects.get()
    assert (event.action, event.target_name) == ("prevalidation.deleted", str(prevalidation))


def test_what_is_used_stays(
    staff_client: Client, prevalidation: Prevalidation, server_ov: AcmeServer, operator: User
) -> None:
    subscription = cast.make_subscription(prevalidation.customer, server_ov)
    quoted = cast.make_prevalidation(prevalidation.customer)
    cast.make_quote(subscription, prevalidation=quoted)
    meant = cast.make_prevalidation(prevalidation.customer)
    cast.make_subscription(prevalidation.customer, server_ov, prevalidation=meant)
    put_under(prevalidation)

    for one, why in ((prevalidation, "Names are"), (quoted, "Prices were asked"), (meant, "Subscriptions are")):
        assert why in text_of(staff_client.get(url_of(one, "delete")))
        staff_client.post(url_of(one, "delete"))
        with pytest.raises(ServiceError, match=why):
            delete_prevalidation(actor=operator, prevalidation=one)
    assert Prevalidation.objects.count() == 3


def test_the_list_as_a_file(staff_client: Client, prevalidation: Prevalidation, typed: dict[str, Any]) -> None:
    cast.make_prevalidation(prevalidation.customer, valid_until=date(2020, 1, 2), number="77")
    put_under(prevalidation)

    def rows(query: str) -> list[dict[str, str]]:
        answer = staff_client.get(reverse("subscriptions:prevalidation-export") + query)
        return list(csv.DictReader(StringIO(answer.getvalue().decode("utf-8-sig"))))

    assert [row["Order number"] for row in rows("")] == [
        "77",
        prevalidation.ov_anchor_order_number,
    ]
    (row,) = rows("?state=lapsed")
    assert (row["Status"], row["Valid until (UTC)"], row["Names"]) == ("Lapsed", "2020-01-02", "0")
    assert rows("?names=some")[0]["Names"] == "1"


def test_access_and_wrong_method(
    prevalidation: Prevalidation, owner: User, stranger: User, auditor: User, operator: User, typed: dict[str, Any]
) -> None:
    for url in (ADD, url_of(prevalidation), url_of(prevalidation, "delete")):
        assert status_for(None, url, "post", typed) == 302
        assert status_for(stranger, url, "post", typed) == 404
        assert status_for(owner, url, "post", typed) == 404
        assert status_for(auditor, url, "post", typed) == 403
        assert status_for(operator, url, "put") == 405
    assert status_for(operator, unknown("prevalidation-edit")) == 404
    assert AuditEvent.objects.exclude(action="request.refused").count() == 0
