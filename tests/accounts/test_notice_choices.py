"""Each person chooses by which mails they are told, for each customer; the staff for all."""

from django.test import Client
from django.urls import reverse

from accounts.models import Customer, NoticeChoice, User
from tests import cast

CHOICES = reverse("accounts:notice-choices")


def test_it_works(owner: User, customer: Customer) -> None:
    other = cast.make_customer("Fabrikam")
    cast.add_person(other, owner)
    client = cast.sign_in(Client(), owner)
    page = client.get(CHOICES).content.decode()
    assert "Notices about Northwind Traders" in page
    assert "Told at once:" in page
    sent = {f"customer_{customer.code.hex}": "never", f"customer_{other.code.hex}": "digest"}
    for _ in range(2):
        assert client.post(CHOICES, sent).status_code == 302
    rows = NoticeChoice.objects.filter(person=owner).values_list("customer__name", "how")
    assert dict(rows) == {"Northwind Traders": "never", "Fabrikam": "digest"}


def test_the_staff_choose_once_for_all(operator: User, customer: Customer) -> None:
    client = cast.sign_in(Client(), operator)
    assert "Northwind" not in client.get(CHOICES).content.decode()
    client.post(CHOICES, {"staff": "digest"})
    client.post(CHOICES, {"staff": "at_once"})
    choice = NoticeChoice.objects.get()
    assert (choice.person, choice.customer, choice.how) == (operator, None, "at_once")


def test_nobody_chooses_for_another_customer(owner: User, customer: Customer) -> None:
    other = cast.make_customer("Fabrikam")
    client = cast.sign_in(Client(), owner)
    client.post(
        CHOICES, {f"customer_{customer.code.hex}": "digest", f"customer_{other.code.hex}": "never", "staff": "never"}
    )
    assert list(NoticeChoice.objects.values_list("customer", flat=True)) == [customer.pk]


def test_what_is_no_choice_is_refused(owner: User, customer: Customer) -> None:
    client = cast.sign_in(Client(), owner)
    answer = client.post(CHOICES, {f"customer_{customer.code.hex}": "sometimes"})
    assert "Nothing was saved" in answer.content.decode()
    assert not NoticeChoice.objects.exists()
