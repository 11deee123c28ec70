"""Search and filters of the staff lists: what a query string asks for, as conditions on rows."""

from datetime import date, datetime, timedelta

import django_filters as filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Customer, Mail
from subscriptions.explain.states import mark_of
from subscriptions.forms.customers import CustomerField
from subscriptions.lists.task_filter import task_filter
from subscriptions.models import (
    AcmeServer,
    Domain,
    Finding,
    Operation,
    Order,
    Prevalidation,
    Subscription,
    UnassignedAccount,
)
from subscriptions.selectors.activity import start_of_day
from subscriptions.selectors.mails import notice_choices, unsent
from subscriptions.selectors.names import holds
from subscriptions.selectors.prevalidation_rows import HAS_NAMES
from subscriptions.selectors.prevalidations import ENDS, STATUSES, in_step, today, with_status
from subscriptions.selectors.quotes import order_cited, quote_cited
from subscriptions.selectors.rows import people_who_confirmed, with_state

Day = date | None
DAY_INPUT = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
# Days that begin and end in every time zone, within what a date can hold.
DAYS = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(9000, 1, 1))]
SELECT = forms.Select(attrs={"class": "form-select"})
CUSTOMER_INPUT = forms.TextInput(attrs={"class": "form-control", "placeholder": "Customer"})


def day_range(field: str, value: date) -> dict[str, datetime]:
    """Give the condition that an instant is of a day: a range, unlike `field__date=`, can use the index."""
    start = start_of_day(value)
    return {f"{field}__gte": start, f"{field}__lt": start + timedelta(days=1)}


class OfCustomer(filters.Filter):  # type: ignore[misc]  # django_filters has no types
    """The rows of the one customer that a name, a reference or a part of a name means."""

    field_class = CustomerField


class FilterSet(filters.FilterSet):  # type: ignore[misc]  # django_filters has no types
    """The search and the filters of a list: every other one is a subclass, whose own members are typed."""


class CustomerFilter(FilterSet):
    """Customers by name, reference or the e-mail address of a person; by what they have; and in which order."""

    HAVING = [
        ("running", "With a running subscription"),
        ("some", "With a subscription"),
        ("none", "Without a subscription"),
    ]
    ORDERS = [
        ("name", "Name, A to Z"),
        ("-name", "Name, Z to A"),
        ("-subscription_count", "Most subscriptions"),
        ("subscription_count", "Fewest subscriptions"),
        ("-domain_count", "Most names"),
        ("domain_count", "Fewest names"),
        ("-person_count", "Most people"),
        ("person_count", "Fewest people"),
        ("-created_at", "Newest"),
        ("created_at", "Oldest"),
    ]

    q = filters.CharFilter(method="search", label="Search customers")
    having = filters.ChoiceFilter(
        choices=HAVING, method="that_have", label="Subscriptions", empty_label="All customers", widget=SELECT
    )
    # The heads of the table's columns are not there on a small screen.
    sort = filters.ChoiceFilter(choices=ORDERS, method="in_order", label="Order", empty_label=None, widget=SELECT)

    class Meta:
        model = Customer
        fields: list[str] = []

    def search(self, rows: QuerySet[Customer], _name: str, value: str) -> QuerySet[Customer]:
        """Keep the customers that `value` is a part of."""
        person = Customer.objects.filter(pk=OuterRef("pk"), people__email__icontains=value)
        return rows.filter(Q(name__icontains=value) | Q(reference__icontains=value) | Exists(person))

    def that_have(self, rows: QuerySet[Customer], _name: str, value: str) -> QuerySet[Customer]:
        """Keep the customers with a running subscription, with any, or with none."""
        own = Subscription.objects.filter(customer=OuterRef("pk"))
        conditions = {
            "running": Exists(with_state(own, Subscription.State.RUNNING, timezone.now())),
            "some": Exists(own),
            "none": ~Exists(own),
        }
        return rows.filter(conditions[value])

    def in_order(self, rows: QuerySet[Customer], _name: str, value: str) -> QuerySet[Customer]:
        """Put the customers in an order that is the same each time."""
        return rows.order_by(value, "pk")


class SubscriptionFilter(FilterSet):
    """Subscriptions by customer, label, name or EAB key ID; by state and certificate type."""

    q = filters.CharFilter(method="search", label="Search customer, label, name or EAB key ID")
    state = filters.ChoiceFilter(
        choices=Subscription.State.choices, method="in_state", label="State", empty_label="Any state", widget=SELECT
    )
    server = filters.ModelChoiceFilter(
        queryset=AcmeServer.objects.all(), to_field_name="code", label="Type", empty_label="Any type", widget=SELECT
    )
    task = task_filter("subscription")

    class Meta:
        model = Subscription
        fields: list[str] = []

    def search(self, rows: QuerySet[Subscription], _name: str, value: str) -> QuerySet[Subscription]:
        """Keep the subscriptions that `value` is a part of."""
        names = Domain.objects.present().filter(holds(value), subscription=OuterRef("pk"))
        own = Q(customer__name__icontains=value) | Q(label__icontains=value)
        return rows.filter(own | Q(binding__eab_key_id__icontains=value) | Exists(names))

    def in_state(self, rows: QuerySet[Subscription], _name: str, value: str) -> QuerySet[Subscription]:
        """Keep the subscriptions in a state."""
        return with_state(rows, value, timezone.now())


class OrderFilter(FilterSet):
    """Orders by number, customer, label or name, and by day."""

    q = filters.CharFilter(method="search", label="Search number, customer, label or name")
    day = filters.DateFilter(method="on_day", label="Day", widget=DAY_INPUT, validators=DAYS)
    task = task_filter("order")

    class Meta:
        model = Order
        fields: list[str] = []

    def search(self, rows: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        """Keep the order of this number, or of the quote of this number, or those that `value` is a part of."""
        if (key := order_cited(value)) is not None:
            return rows.filter(pk=key)
        if (key := quote_cited(value)) is not None:
            return rows.filter(quote=key)
        own = Q(subscription__customer__name__icontains=value) | Q(subscription__label__icontains=value)
        matching = own | holds(value, field="domain_name")
        return rows.filter(Exists(Operation.objects.filter(matching, order=OuterRef("pk"))))

    def on_day(self, rows: QuerySet[Order], _name: str, value: date) -> QuerySet[Order]:
        """Keep the orders confirmed on a day."""
        return rows.filter(**day_range("confirmed_at", value))


class OperationFilter(FilterSet):
    """The ledger by state, kind, customer, name, the person who confirmed, and day."""

    q = filters.CharFilter(method="search", label="Search customer, name or order number")
    state = filters.ChoiceFilter(choices=Operation.State.choices, label="State", empty_label="Any state", widget=SELECT)
    kind = filters.ChoiceFilter(choices=Operation.Kind.choices, label="Kind", empty_label="Any kind", widget=SELECT)
    customer = OfCustomer(field_name="subscription__customer", label="Customer", widget=CUSTOMER_INPUT)
    person = filters.ModelChoiceFilter(
        queryset=people_who_confirmed(),
        field_name="created_by",
        to_field_name="code",
        label="Confirmed by",
        empty_label="Confirmed by anyone",
        widget=SELECT,
    )
    day = filters.DateFilter(method="on_day", label="Day", widget=DAY_INPUT, validators=DAYS)
    order = filters.UUIDFilter(field_name="order__code", widget=forms.HiddenInput)
    subscription = filters.UUIDFilter(field_name="subscription__code", widget=forms.HiddenInput)
    task = task_filter("operation")

    class Meta:
        model = Operation
        fields: list[str] = []

    def search(self, rows: QuerySet[Operation], _name: str, value: str) -> QuerySet[Operation]:
        """Keep the operations of the order of this number, or those that `value` is a part of."""
        if (key := order_cited(value)) is not None:
            return rows.filter(order=key)
        return rows.filter(Q(subscription__customer__name__icontains=value) | holds(value, field="domain_name"))

    def on_day(self, rows: QuerySet[Operation], _name: str, value: date) -> QuerySet[Operation]:
        """Keep the operations of a day."""
        return rows.filter(**day_range("created_at", value))


class PrevalidationFilter(FilterSet):
    """Pre-validations by organization, order number or customer, by status, by when they end, and by their names."""

    STATES = [(status, mark_of("prevalidation", status).word) for status in STATUSES]
    ENDS = [(str(step), f"Ends {words}") for step, words in ENDS.items()]
    NAMES = [("some", "With names"), ("none", "Without names")]

    q = filters.CharFilter(method="search", label="Search organization, order number or customer")
    state = filters.ChoiceFilter(
        choices=STATES, method="in_state", label="Status", empty_label="Any status", widget=SELECT
    )
    ends = filters.ChoiceFilter(choices=ENDS, method="ending", label="End", empty_label="Any end", widget=SELECT)
    names = filters.ChoiceFilter(
        choices=NAMES, method="that_have", label="Names", empty_label="With or without names", widget=SELECT
    )
    task = task_filter("prevalidation")

    class Meta:
        model = Prevalidation
        fields: list[str] = []

    def search(self, rows: QuerySet[Prevalidation], _name: str, value: str) -> QuerySet[Prevalidation]:
        """Keep the pre-validations that `value` is a part of."""
        own = Q(organization_name__icontains=value) | Q(ov_anchor_order_number__icontains=value)
        return rows.filter(own | Q(customer__name__icontains=value))

    def in_state(self, rows: QuerySet[Prevalidation], _name: str, value: str) -> QuerySet[Prevalidation]:
        """Keep the pre-validations that have a status."""
        return with_status(rows, value, today())

    def ending(self, rows: QuerySet[Prevalidation], _name: str, value: str) -> QuerySet[Prevalidation]:
        """Keep those whose last day is so near."""
        return in_step(rows, int(value), today())

    def that_have(self, rows: QuerySet[Prevalidation], _name: str, value: str) -> QuerySet[Prevalidation]:
        """Keep those that names are under, or those that none is."""
        return rows.filter(HAS_NAMES if value == "some" else ~HAS_NAMES)


class AccountFilter(FilterSet):
    """ACME accounts that no subscription made here holds, by key ID, customer or state; first those to be judged."""

    STATES = [
        (UnassignedAccount.State.ASSIGNED, "Assigned"),
        (UnassignedAccount.State.NOT_OURS, "Not ours"),
        (UnassignedAccount.State.GONE, "No longer at the CA"),
    ]

    q = filters.CharFilter(method="search", label="Search EAB key ID or customer")
    state = filters.ChoiceFilter(choices=STATES, label="State", empty_label="Unassigned", widget=SELECT)
    task = task_filter("account")

    class Meta:
        model = UnassignedAccount
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[UnassignedAccount]) -> QuerySet[UnassignedAccount]:
        """Keep those in the state asked for: without one, those that wait for a person's word."""
        if not self.form.cleaned_data.get("state") and not self.form.cleaned_data.get("task"):
            queryset = queryset.filter(state=UnassignedAccount.State.UNASSIGNED)
        found: QuerySet[UnassignedAccount] = super().filter_queryset(queryset)
        return found

    def search(self, rows: QuerySet[UnassignedAccount], _name: str, value: str) -> QuerySet[UnassignedAccount]:
        """Keep the accounts that `value` is a part of."""
        return rows.filter(Q(eab_key_id__icontains=value) | Q(customer__name__icontains=value))


class FindingFilter(FilterSet):
    """Findings by customer, label or EAB key ID, by state and sort."""

    STATES = [(Finding.State.OPEN, "Open"), (Finding.State.CLOSED, "Closed")]

    q = filters.CharFilter(method="search", label="Search customer, label or EAB key ID")
    state = filters.ChoiceFilter(choices=STATES, label="State", empty_label="Any state", widget=SELECT)
    sort_of = filters.ChoiceFilter(
        choices=Finding.Sort.choices, field_name="sort", label="Sort", empty_label="Any sort", widget=SELECT
    )
    subscription = filters.UUIDFilter(field_name="binding__subscription__code", widget=forms.HiddenInput)
    task = task_filter("finding")

    class Meta:
        model = Finding
        fields: list[str] = []

    def search(self, rows: QuerySet[Finding], _name: str, value: str) -> QuerySet[Finding]:
        """Keep the findings that `value` is a part of."""
        own = Q(binding__subscription__customer__name__icontains=value)
        own |= Q(binding__subscription__label__icontains=value)
        return rows.filter(own | Q(binding__eab_key_id__icontains=value))


class MailFilter(FilterSet):
    """Mails by address or person, by state, kind and day."""

    UNSENT = "unsent"
    STATES = [(UNSENT, "Not sent, or perhaps not"), *Mail.State.choices]

    q = filters.CharFilter(method="search", label="Search e-mail address or person")
    state = filters.ChoiceFilter(
        choices=STATES, method="in_state", label="State", empty_label="Any state", widget=SELECT
    )
    notice = filters.ChoiceFilter(choices=notice_choices, label="Kind", empty_label="Any kind", widget=SELECT)
    day = filters.DateFilter(method="on_day", label="Day", widget=DAY_INPUT, validators=DAYS)
    person = filters.UUIDFilter(field_name="person__code", widget=forms.HiddenInput)
    task = task_filter("mail")

    class Meta:
        model = Mail
        fields: list[str] = []

    def search(self, rows: QuerySet[Mail], _name: str, value: str) -> QuerySet[Mail]:
        """Keep the mails whose address or person `value` is a part of."""
        return rows.filter(Q(address__icontains=value) | Q(person__name__icontains=value))

    def in_state(self, rows: QuerySet[Mail], _name: str, value: str) -> QuerySet[Mail]:
        """Keep the mails in a state, or those that need a look."""
        return unsent(rows) if value == self.UNSENT else rows.filter(state=value)

    def on_day(self, rows: QuerySet[Mail], _name: str, value: date) -> QuerySet[Mail]:
        """Keep the mails written on a day."""
        return rows.filter(**day_range("created_at", value))
