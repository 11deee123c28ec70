"""The CA's ACME servers, and the connection to the CA."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from subscriptions.models import AcmeServer, Gate, HeldKind
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for

LIST = reverse("subscriptions:server-list")
REFRESH = reverse("subscriptions:server-refresh")
REOPEN = reverse("subscriptions:gate-reopen")


def close_gate() -> None:
    Gate.objects.create(
        pk=Gate.SINGLETON, closed_for="all", reason="Incorrect login details!", closed_at=timezone.now()
    )


def test_server_list_works(staff_client: Client, server_dv: AcmeServer, server_ov: AcmeServer) -> None:
    cast.make_server("EV", listed_at=None)
    cast.make_server("QWAC", is_offered=False)
    close_gate()

    page = staff_client.get(LIST).content.decode()

    for text in (
        server_dv.directory_url,
        server_ov.directory_url,
        "Offered",
        "Not offered",
        "No longer listed",
        "Closed",
    ):
        assert text in page
    assert "Incorrect login details!" in page


def test_a_type_that_cannot_be_sold_is_listed_with_the_reason(staff_client: Client, server_ov: AcmeServer) -> None:
    cast.make_server("QWAC")
    cast.make_server("", description="Something new")

    page = staff_client.get(LIST).content.decode()

    assert page.count("The portal cannot add names of this type yet") == 1
    assert "a pre-validation for QWAC" in page
    assert "The CA does not say which type of certificate this server issues." in page
    assert page.count("</svg>Not offered") == 2


def test_server_list_takes_as_many_queries_for_many_servers(staff_client: Client, count_queries: Any) -> None:
    cast.make_server("T0")
    few = count_queries(staff_client, LIST)
    for number in range(1, 40):
        cast.make_server(f"T{number}")

    assert count_queries(staff_client, LIST) == few


def test_the_servers_are_searched_filtered_sorted_and_a_file(
    staff_client: Client, server_dv: AcmeServer, server_ov: AcmeServer
) -> None:
    gone = cast.make_server("EV", listed_at=None)
    hidden = cast.make_server("QWAC")

    def listed(**asked: str) -> list[AcmeServer]:
        rows: list[AcmeServer] = staff_client.get(LIST, asked).context["filter"].page.rows
        return rows

    assert listed() == [server_dv, gone, server_ov, hidden]
    assert listed(sort="-type") == [hidden, server_ov, gone, server_dv]
    assert listed(q="/OV") == [server_ov]
    assert listed(state="offered") == [server_dv, server_ov]
    assert listed(state="hidden") == [hidden]
    assert listed(state="gone") == [gone]
    file = staff_client.get(reverse("subscriptions:server-export"), {"state": "hidden"})
    heading, line = b"".join(file.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert heading.startswith("\ufeffServer,ACME server URL,Type,State,Why it is not sold,")
    assert hidden.directory_url in line
    assert ",QWAC,Not offered,The portal cannot add names" in line.replace('"', "")


def test_refresh_has_the_ca_asked(
    staff_client: Client, no_broker: list[tuple[str, tuple[Any, ...]]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = staff_client.post(REFRESH)

    assert response["Location"] == LIST
    assert no_broker == [("probe_ca", ())]


def test_reopen_says_what_it_does_before_it_does_it(admin_client: Client) -> None:
    close_gate()

    page = admin_client.get(REOPEN).content.decode()

    assert "Incorrect login details!" in page
    assert "repeated attempts with a wrong login can lock the account" in page
    assert Gate.objects.get().closed_for == "all"


def test_reopen_works(
    admin_client: Client,
    no_broker: list[tuple[str, tuple[Any, ...]]],
    django_capture_on_commit_callbacks: Any,
    reseller_admin: User,
) -> None:
    close_gate()

    with django_capture_on_commit_callbacks(execute=True):
        response = admin_client.post(REOPEN)

    gate = Gate.objects.get()
    assert response["Location"] == LIST
    assert (gate.closed_for, gate.needs_probe) == ("", True)
    assert AuditEvent.objects.get().actor_code == reseller_admin.code
    assert no_broker == [("probe_ca", ())]


def test_what_is_held_apart_is_shown_and_reopened(admin_client: Client, staff_client: Client) -> None:
    Gate.objects.create(pk=Gate.SINGLETON)
    closed = {"charges_closed_at": timezone.now(), "charges_closed_reason": "No price for OV wildcards."}
    cast.make_server("OV", **closed)
    HeldKind.objects.create(kind="preregister", held_until=timezone.now() + timedelta(minutes=40))

    for client, may_reopen in ((admin_client, True), (staff_client, False)):
        page = client.get(LIST).content.decode()
        assert "Charges held" in page
        assert page.count("No price for OV wildcards.") == 2  # in the banner and in the list
        assert (REOPEN in page) == may_reopen
    page = admin_client.get(REOPEN).content.decode()
    assert "Reopen what is held" in page
    assert "<strong>Create ACME account</strong> is held until" in page
    admin_client.post(REOPEN)

    assert not AcmeServer.objects.exclude(charges_closed_at=None).exists()
    assert not HeldKind.objects.exclude(held_until=None).exists()
    assert "The connection is open" in admin_client.get(REOPEN).content.decode()


def test_reopen_after_a_restore_waits_for_the_comparison(admin_client: Client) -> None:
    Gate.objects.create(pk=Gate.SINGLETON, closed_for="all", needs_comparison=True)

    assert "restored from a backup" in admin_client.get(REOPEN).content.decode()
    assert "Reopened for reading" in admin_client.post(REOPEN, follow=True).content.decode()
    assert "not been compared" in admin_client.post(REOPEN, follow=True).content.decode()
    assert Gate.objects.get().closed_for == "changes"


def test_reopen_of_an_open_gate_offers_nothing(admin_client: Client) -> None:
    assert "The connection is open" in admin_client.get(REOPEN).content.decode()


def test_access_and_wrong_method(
    owner: User, stranger: User, auditor: User, operator: User, reseller_admin: User
) -> None:
    close_gate()
    for url, refused in ((REFRESH, [auditor]), (REOPEN, [auditor, operator])):
        assert status_for(None, url, "post") == 302
        assert status_for(stranger, url, "post") == 404
        assert status_for(owner, url, "post") == 404
        assert [status_for(user, url, "post") for user in refused] == [403] * len(refused)
    assert Gate.objects.get().closed_for == "all"
    assert status_for(auditor, LIST) == 200
    assert status_for(owner, LIST) == 404
    assert status_for(operator, REFRESH) == 405
    assert status_for(operator, LIST, "post") == 405
    assert status_for(reseller_admin, REOPEN, "put") == 405
