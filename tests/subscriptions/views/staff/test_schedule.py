"""The page with everything that runs by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import planned
from accounts.models import AuditEvent, PlannedRun, User
from portal.task_plan import PLANNED, planned_named
from subscriptions.explain.schedule import away, every, took

PAGE = reverse("subscriptions:schedule")
RUN = reverse("subscriptions:schedule-run", args=["list-servers"])
PLAN = planned_named("list-servers")


def note(name: str, **fields: Any) -> PlannedRun:
    row = planned.row_of(planned_named(name), timezone.now())
    PlannedRun.objects.filter(pk=row.pk).update(**fields)
    return row


def test_schedule_works(staff_client: Client) -> None:
    now = timezone.now()
    note("list-servers", outcome="failed", problem="ReadTimeout: slow", began_at=now, ended_at=now, seconds=61.25)

    page = staff_client.get(PAGE).content.decode()

    assert [plan.label for plan in PLANNED if plan.label not in page or plan.does not in page] == []
    for text in ("Failed", "ReadTimeout: slow", took(61.25), "every 6 hours", "Not yet run"):
        assert text in page
    assert "Something did not run" not in page
    assert "Run now" not in page, "an operator may not"


def test_schedule_takes_as_many_queries_for_many_rows(staff_client: Client, count_queries: Any) -> None:
    few = count_queries(staff_client, PAGE)
    planned.mind(timezone.now())
    assert count_queries(staff_client, PAGE) == few


def test_what_was_missed_is_said_there_and_on_the_dashboard(admin_client: Client) -> None:
    now = timezone.now()
    late = {"missed_at": now - timedelta(hours=1), "well_at": now - timedelta(hours=9)}
    note("send-mails", **late)

    page = admin_client.get(PAGE).content.decode()
    assert "Something did not run" in page
    assert "Missed: none has ended well since" in page

    dashboard = admin_client.get(reverse("subscriptions:dashboard")).content.decode()
    assert "1 planned task did not run" in dashboard
    assert f'href="{PAGE}"' in dashboard

    PlannedRun.objects.update(missed_at=now + timedelta(hours=1))
    assert "did not run" not in admin_client.get(reverse("subscriptions:dashboard")).content.decode()


def test_schedule_run_sends_it_and_is_audited(
    admin_client: Client,
    reseller_admin: User,
    no_broker: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin_client.post(RUN)

    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert no_broker == [("probe_ca", ())]
    event = AuditEvent.objects.get(action="schedule.run_asked_for")
    assert (event.actor_code, event.detail) == (reseller_admin.code, {"label": "List ACME servers"})
    assert "Asked for just now" in admin_client.get(PAGE).content.decode()

    assert planned._begin(PLAN) is not None
    page = admin_client.get(PAGE).content.decode()
    assert "Asked for" not in page
    assert "Running" in page


def test_an_operator_runs_nothing(staff_client: Client, no_broker: list[Any]) -> None:
    assert staff_client.post(RUN).status_code == 403
    assert (no_broker, PlannedRun.objects.count()) == ([], 0)


def test_what_is_not_planned_is_not_found(admin_client: Client, no_broker: list[Any]) -> None:
    url = reverse("subscriptions:schedule-run", args=["execute-operation"])
    assert admin_client.post(url).status_code == 404
    assert no_broker == []


@pytest.mark.parametrize(
    ("missed", "words"),
    [
        ([], ""),
        (["sweep"], "The worker that takes it runs"),
        ([plan.name for plan in PLANNED if plan.queue == "mail"], "Nothing of “mail” runs"),
        ([plan.name for plan in PLANNED if plan.queue == "later"], "Nothing of “later” runs"),
        ([plan.name for plan in PLANNED if plan.queue in ("mail", "now")], "Nothing of “mail” and “now” runs"),
        ([plan.name for plan in PLANNED], "beat and the workers"),
    ],
)
def test_it_says_which_process_is_away(missed: list[str], words: str) -> None:
    told = away([planned_named(name) for name in missed])
    assert words in told
    assert bool(told) == bool(missed)


def test_times_are_said_as_exactly_as_is_of_use() -> None:
    assert [every(seconds) for seconds in (10, 60, 600, 3600, 21600, 86400)] == [
        *("every 10 seconds", "every minute", "every 10 minutes", "every hour", "every 6 hours", "every day")
    ]
    assert [took(seconds).replace("\N{NO-BREAK SPACE}", " ") for seconds in (None, 0.0001, 0.25, 4.06, 180, 9000)] == [
        *("–", "1 ms", "250 ms", "4.1 s", "3 min", "2.5 h")
    ]
