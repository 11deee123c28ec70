"""Who renews pre-validations: a reseller admin says so, for the whole portal."""

import html
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Setting
from subscriptions.rules.prevalidations import RenewalMode
from subscriptions.selectors.prevalidations import RENEWAL_MODE, chosen_renewal_mode, renewal_mode

URL = reverse("subscriptions:renewal-mode")


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_unset_it_counts_as_manual(admin_client: Client) -> None:
    assert (chosen_renewal_mode(), renewal_mode()) == (None, RenewalMode.MANUAL)
    assert "Until then it counts as manual" in text_of(admin_client.get(URL))


def test_it_is_set_and_the_trail_has_both_values(admin_client: Client) -> None:
    for mode in ("automatic", "automatic", "manual"):
        assert admin_client.post(URL, {"mode": mode}).status_code == 302
        assert renewal_mode() == mode

    events = AuditEvent.objects.filter(action="prevalidation.renewal_mode_set").order_by("pk")
    assert [event.detail["changes"]["renewal mode"] for event in events] == [["", "automatic"], ["automatic", "manual"]]
    assert "Until then it counts as manual" not in text_of(admin_client.get(URL))


def test_bad_input_changes_nothing(admin_client: Client) -> None:
    assert "Choose what is set at the CA." in text_of(admin_client.post(URL, {"mode": ""}))
    assert "This is not offered here. Choose one of those that are." in text_of(
        admin_client.post(URL, {"mode": "sometimes"})
    )
    assert not Setting.objects.exists()


def test_a_word_of_another_version_counts_as_unset(db: None) -> None:
    Setting.objects.create(name=RENEWAL_MODE, value="sometimes")
    assert renewal_mode() == RenewalMode.MANUAL


def test_only_an_admin_is_shown_the_way(staff_client: Client, admin_client: Client) -> None:
    listed = reverse("subscriptions:prevalidation-list")
    assert URL in text_of(admin_client.get(listed))
    assert URL not in text_of(staff_client.get(listed))
