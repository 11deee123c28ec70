"""People who see some subscriptions of a customer only: of the others there is nothing, anywhere."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, Invitation, Mail, Membership, User
from accounts.notices import NotNeededError, notice_named
from accounts.reach import EVERYTHING, Reach, words
from subscriptions.models import Subscription
from subscriptions.selectors.hand_over import hand_overs
from subscriptions.services.hand_over import hand_over
from subscriptions.services.subscription_edits import move_subscription
from tests import cast

Sent = list[tuple[str, tuple[Any, ...]]]
pytestmark = pytest.mark.usefixtures("no_broker")


@pytest.fixture
def shops(customer: Customer) -> list[Subscription]:
    """Two subscriptions, each with a name under an organization of its own."""
    made = []
    for label, number in (("Web shop", "880111"), ("Payroll", "880222")):
        organization = cast.make_prevalidation(customer, number=number, organization_name=f"{label} Ltd")
        one = cast.make_subscription(customer, cast.make_server("OV"), label=label, prevalidation=organization)
        cast.make_domain(one, f"n{number}.example.com", ov_anchor_order_number=number)
        made.append(one)
    return made


@pytest.fixture
def limited(customer: Customer, shops: list[Subscription]) -> User:
    """A member who sees the first of them."""
    person = cast.make_user("lena@northwind.example", name="Lena Limited")
    place = Membership.objects.create(customer=customer, user=person, role="member", is_limited=True)
    place.subscriptions.set(shops[:1])
    return person


def only(*subscriptions: Subscription) -> Reach:
    return Reach(is_limited=True, chosen=subscriptions, offered=list(Subscription.objects.all()))


def place_of(person: User) -> Membership:
    return Membership.objects.get(user=person)


def own_pages(subscription: Subscription) -> list[str]:
    code = subscription.code
    return [
        reverse("subscriptions:my-subscription", args=[code]),
        reverse("subscriptions:my-subscription-status", args=[code]),
        reverse("subscriptions:my-names", args=[code]),
        reverse("subscriptions:my-name-export", args=[code]),
        reverse("subscriptions:my-setup", args=[code]),
        reverse("subscriptions:my-setup-client", args=[code, "certbot"]),
    ]


def test_of_the_others_nothing_is_seen(client: Client, limited: User, shops: list[Subscription]) -> None:
    cast.sign_in(client, limited)
    seen, hidden = shops
    assert [client.get(url).status_code for url in own_pages(seen)] == [200] * 6
    assert [client.get(url).status_code for url in own_pages(hidden)] == [404] * 6
    assert client.post(reverse("subscriptions:my-key-reveal", args=[hidden.code])).status_code == 404
    for page in ("my-home", "my-organizations"):
        text = client.get(reverse(f"subscriptions:{page}")).content.decode()
        assert "Web shop" in text
        assert "Payroll" not in text
        assert "880222" not in text
    assert client.get(reverse("subscriptions:my-home")).context["page"].paginator.count == 1
    (organization,) = client.get(reverse("subscriptions:my-organizations")).context["rows"]
    assert organization.names == 1


def test_requests_about_the_others_are_in_no_list_and_no_file(
    client: Client, limited: User, shops: list[Subscription]
) -> None:
    seen, hidden = (cast.make_request(shop, f"asked{shop.pk}.example.com") for shop in shops)
    cast.sign_in(client, limited)
    page = client.get(reverse("subscriptions:my-requests"))
    assert [row.record for row in page.context["table"].rows] == [seen]

    export = reverse("subscriptions:my-request-export")
    whole, chosen = client.get(export), client.post(export, {"row": [hidden.code]})
    assert isinstance(whole, StreamingHttpResponse)
    assert isinstance(chosen, StreamingHttpResponse)
    text = whole.getvalue().decode()
    assert seen.names[0] in text
    assert hidden.names[0] not in text
    assert len(chosen.getvalue().decode().splitlines()) == 1
    found = client.get(reverse("subscriptions:my-requests"), {"q": hidden.names[0]})
    assert list(found.context["table"].rows) == []


def test_a_name_under_a_shared_organization_is_in_no_count(
    client: Client, limited: User, shops: list[Subscription]
) -> None:
    cast.make_domain(shops[1], "shared.example.com", ov_anchor_order_number="880111")
    cast.sign_in(client, limited)
    (organization,) = client.get(reverse("subscriptions:my-organizations")).context["rows"]
    assert organization.names == 1


def test_a_place_elsewhere_gives_nothing_here(limited: User, shops: list[Subscription]) -> None:
    other = cast.make_customer("Contoso")
    place = Membership.objects.create(customer=other, user=limited, role="member", is_limited=True)
    place.subscriptions.set([shops[1]])  # as after a move of the subscription to another customer
    assert list(Subscription.objects.seen_by(limited)) == [shops[0]]
    whole = cast.make_customer("Fabrikam")
    cast.add_person(whole, limited)
    theirs = [cast.make_subscription(whole) for _ in range(2)]
    assert set(Subscription.objects.seen_by(limited)) == {shops[0], *theirs}
    assert Subscription.objects.seen_by(limited).count() == 3


def test_the_mail_of_a_hand_over_goes_to_who_sees_it(
    operator: User, owner: User, limited: User, shops: list[Subscription]
) -> None:
    assert hand_over(actor=operator, subscriptions=shops).mails == 2
    told = Mail.objects.get(person=limited)
    assert told.about_code == shops[0].code
    assert Mail.objects.get(person=owner).facts["subscriptions"].split() == [str(one.code) for one in shops]
    Mail.objects.filter(pk=told.pk).update(about_code=shops[1].code)
    with pytest.raises(NotNeededError):
        notice_named("handover").write(Mail.objects.get(pk=told.pk))


def test_an_invitation_hands_over_what_it_gives(operator: User, customer: Customer, shops: list[Subscription]) -> None:
    Subscription.objects.update(shown_at=None)
    invitation = services.invite_person(
        actor=operator, customer=customer, email="lena@northwind.example", role="member", reach=only(shops[0])
    )
    first, second = hand_overs(Subscription.objects.select_related("customer").order_by("pk"))
    assert ([one.email for one in first.invited], list(second.invited)) == (["lena@northwind.example"], [])
    hand_over(actor=operator, subscriptions=shops[:1])
    Subscription.objects.filter(pk=shops[1].pk).update(hand_over_pending_since="2026-01-01T00:00Z")

    person = services.accept_invitation(invitation=invitation, name="Lena", password=cast.PASSWORD)

    assert place_of(person).is_limited
    assert list(Subscription.objects.seen_by(person)) == [shops[0]]
    assert list(Subscription.objects.filter(handed_over_at__isnull=False)) == [shops[0]]
    assert Mail.objects.get(notice="handover").about_code == shops[0].code


def test_the_limit_is_changed_and_the_trail_has_before_and_after(
    operator: User, limited: User, shops: list[Subscription]
) -> None:
    hidden = cast.make_subscription(shops[0].customer, shown_at=None, label="Secret project")
    place = place_of(limited)
    services.change_role(actor=operator, membership=place, role="viewer", reach=only(shops[1], hidden))
    services.change_role(actor=operator, membership=place, role="viewer", reach=only(shops[1], hidden))
    services.change_role(actor=operator, membership=place, role="viewer", reach=EVERYTHING)
    events = AuditEvent.objects.filter(action="membership.changed").order_by("pk")
    assert [event.detail["changes"] for event in events] == [
        {"role": ["member", "viewer"], "subscriptions": ["Web shop", "Payroll, 1 not handed over yet"]},
        {"subscriptions": ["Payroll, 1 not handed over yet", "all"]},
    ]


def test_an_owner_sees_all(operator: User, limited: User, shops: list[Subscription]) -> None:
    place = place_of(limited)
    with pytest.raises(ServiceError, match="An owner sees every subscription"):
        services.change_role(actor=operator, membership=place, role="owner", reach=only(shops[0]))
    assert place_of(limited).role == "member"
    services.change_role(actor=operator, membership=place, role="owner")
    assert (place_of(limited).is_limited, words(place_of(limited))) == (False, "all")
    assert Subscription.objects.seen_by(limited).count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.update(is_limited=True)


def test_a_limit_to_nothing_or_to_others_is_refused(operator: User, limited: User, shops: list[Subscription]) -> None:
    foreign = cast.make_subscription(cast.make_customer("Contoso"))
    for chosen in ((), (foreign,)):
        with pytest.raises(ServiceError, match="Choose at least one"):
            services.change_role(
                actor=operator,
                membership=place_of(limited),
                role="member",
                reach=Reach(is_limited=True, chosen=chosen, offered=[*shops, foreign]),
            )
    assert list(Subscription.objects.seen_by(limited)) == [shops[0]]


def test_a_move_to_another_customer_takes_the_limits_away(
    operator: User, limited: User, shops: list[Subscription]
) -> None:
    move_subscription(actor=operator, subscription=shops[0], to=cast.make_customer("Contoso"), reason="Sold.")
    assert not place_of(limited).subscriptions.exists()
    assert not Subscription.objects.seen_by(limited).exists()


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_staff_invite_for_some(staff_client: Client, customer: Customer, shops: list[Subscription]) -> None:
    url = reverse("subscriptions:person-invite", args=[customer.code])
    typed = {"email": "lena@northwind.example", "role": "member", "sees": "some"}
    assert "Choose at least one." in staff_client.post(url, typed).content.decode()
    owner = typed | {"role": "owner", "subscriptions": [str(shops[0].code)]}
    assert "An owner sees every subscription." in staff_client.post(url, owner).content.decode()
    assert not Invitation.objects.exists()
    staff_client.post(url, typed | {"subscriptions": [str(shops[0].code)]})
    assert list(Invitation.objects.get().subscriptions.all()) == [shops[0]]
    assert AuditEvent.objects.get(action="invitation.created").detail["subscriptions"] == "Web shop"
    page = staff_client.get(reverse("subscriptions:customer-detail", args=[customer.code])).content.decode()
    assert "Sees only: Web shop" in page


def test_a_limit_to_what_is_gone_by_now_gives_no_more(staff_client: Client, operator: User) -> None:
    customer = cast.make_customer("Contoso")  # its only subscription was moved since the page was opened
    url = reverse("subscriptions:person-invite", args=[customer.code])

    answer = staff_client.post(url, {"email": "lena@contoso.example", "role": "member", "sees": "some"})

    assert "no subscription to choose any more" in answer.content.decode()
    assert not Invitation.objects.exists()


def test_an_owner_changes_what_a_colleague_sees_and_keeps_what_is_not_shown_yet(
    client: Client, customer: Customer, owner: User, limited: User, shops: list[Subscription]
) -> None:
    hidden = cast.make_subscription(customer, shown_at=None, label="Secret project")
    place_of(limited).subscriptions.add(hidden)
    cast.sign_in(client, owner)
    people = client.get(reverse("subscriptions:my-people", args=[customer.code])).content.decode()
    assert "Sees only: Web shop" in people
    url = reverse("accounts:member-edit", args=[customer.code, limited.code])
    page = client.get(url).content.decode()
    assert "Payroll" in page
    assert "Secret project" not in people + page
    client.post(url, {"role": "member", "sees": "some", "subscriptions": [str(shops[1].code)]})
    assert set(place_of(limited).subscriptions.all()) == {shops[1], hidden}
    client.post(url, {"role": "member", "sees": "some", "subscriptions": [str(hidden.code)]})
    assert set(place_of(limited).subscriptions.all()) == {shops[1], hidden}
    client.post(url, {"role": "member", "sees": "all"})
    assert not place_of(limited).is_limited


def test_django_admin_is_no_way_around_it(client: Client, limited: User, shops: list[Subscription]) -> None:
    root = User.objects.create_superuser("root@reseller.example", cast.PASSWORD)
    cast.sign_in(client, root)
    url = reverse("admin:accounts_customer_change", args=[place_of(limited).customer.pk])
    place = place_of(limited)
    sent = {
        "name": place.customer.name, "reference": "", "contact_email": "", "notes": "",
        "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1", "memberships-0-id": str(place.pk),
        "memberships-0-customer": str(place.customer.pk), "memberships-0-user": str(limited.pk),
    }  # fmt: skip
    page = client.post(url, sent | {"memberships-0-role": "owner"}).content.decode()
    assert "Limited to some subscriptions" in page
    client.post(url, sent | {"memberships-0-role": "viewer", "memberships-0-is_limited": ""})
    assert (place_of(limited).role, place_of(limited).is_limited) == ("viewer", True)
    assert list(Subscription.objects.seen_by(limited)) == [shops[0]]
