"""Search and filters of the staff lists: what a query string asks for, as conditions on rows."""

from datetime import date

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Customer, Mail
from accounts.plain_names import plain_name
from subscriptions.explain.states import mark_of
from subscriptions.lists import tables
from subscriptions.lists.base import CUSTOMER_INPUT, DAYS, SELECT, FilterSet, OfCustomer
from subscriptions.lists.task_filter import task_filter
from subscriptions.models import (
    AcmeServer,
    Finding,
    Operation,
    Order,
    Prevalidation,
    Subscription,
    UnassignedAccount,
)
from subscriptions.selectors.mails import notice_choices, unsent
from subscriptions.selectors.prevalidation_rows import HAS_NAMES
from subscriptions.selectors.prevalidations import ENDS, STATUSES, in_step, today, with_status
from subscriptions.selectors.quotes import order_cited, quote_cited
from subscriptions.selectors.rows import people_who_confirmed, with_state
from subscriptions.selectors.search import domains_called, operations_called
from subscriptions.selectors.terms import with_last_day

ARCHIVED = "archived"


class CustomerFilter(FilterSet):
    """Customers by name, reference or the e-mail address of a person; by what they have; and in which order."""

    HAVING = [
        ("running", "With a running subscription"),
        ("some", "With a subscription"),
        ("none", "Without a subscription"),
        (ARCHIVED, "Archived"),
    ]
    TABLE = tables.CustomerTable
    SORTS = (
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
    )
    DAYS_OF = "created_at"

    q = filters.CharFilter(method="search", label="Search customers")
    having = filters.ChoiceFilter(
        choices=HAVING, method="that_have", label="Subscriptions", empty_label="All customers", widget=SELECT
    )
    task = task_filter("customer")

    class Meta:
        model = Customer
        fields: list[str] = []

    def search(self, rows: QuerySet[Customer], _name: str, value: str) -> QuerySet[Customer]:
        """Keep the customers that `value` is a part of."""
        person = Customer.objects.filter(pk=OuterRef("pk"), people__email__icontains=value)
        return rows.filter(Q(plain_name__contains=plain_name(value)) | Q(reference__icontains=value) | Exists(person))

    def that_have(self, rows: QuerySet[Customer], _name: str, value: str) -> QuerySet[Customer]:
        """Keep the customers with a running subscription, with any, or with none; or those that are archived."""
        own = Subscription.objects.filter(customer=OuterRef("pk"))
        conditions = {
            "running": Exists(with_state(own, Subscription.State.RUNNING, timezone.now())),
            "some": Exists(own),
            "none": ~Exists(own),
            ARCHIVED: Q(archived_at__isnull=False),
        }
        return rows.filter(conditions[value])

    def filter_queryset(self, rows: QuerySet[Customer]) -> QuerySet[Customer]:
        """Keep what is asked for; archived ones where nothing else is."""
        wanted: QuerySet[Customer] = super().filter_queryset(rows)
        return wanted if self.form.cleaned_data.get("having") == ARCHIVED else wanted.filter(archived_at=None)


class SubscriptionFilter(FilterSet):
    """Subscriptions by customer, label, name or EAB key ID; by state and type; of archived customers where asked for.

    There are some ten thousand at most: they may be sorted by what has no index.
    """

    TABLE = tables.SubscriptionTable
    ORDERS = {"-created_at": ("-created_at", "-pk"), "created_at": ("created_at", "pk")}
    SORTS = (
        ("-created_at", "Newest"),
        ("created_at", "Oldest"),
        ("subscription", "Customer, A to Z"),
        ("-subscription", "Customer, Z to A"),
        ("server", "Type, A to Z"),
        ("-server", "Type, Z to A"),
        ("-domain_count", "Most names"),
        ("domain_count", "Fewest names"),
        ("expires_at", "Expiry, first to end"),
        ("-expires_at", "Expiry, last to end"),
    )
    DAYS_OF = "expires_at"
    DAYS_ARE = "Expires"

    q = filters.CharFilter(method="search", label="Search customer, label, name or EAB key ID")
    state = filters.ChoiceFilter(
        choices=Subscription.State.choices, method="in_state", label="State", empty_label="Any state", widget=SELECT
    )
    server = filters.ModelChoiceFilter(
        queryset=AcmeServer.objects.all(), to_field_name="code", label="Type", empty_label="Any type", widget=SELECT
    )
    last_day = filters.DateFilter(method="on_last_day", validators=DAYS, widget=forms.HiddenInput)
    of = filters.ChoiceFilter(
        choices=[(ARCHIVED, "Of archived customers")],
        method="of_archived",
        label="Customers",
        empty_label="Of customers that are not archived",
        widget=SELECT,
    )
    task = task_filter("subscription")

    class Meta:
        model = Subscription
        fields: list[str] = []

    def search(self, rows: QuerySet[Subscription], _name: str, value: str) -> QuerySet[Subscription]:
        """Keep the subscriptions that `value` is a part of."""
        names = domains_called(value).present().values("subscription")
        own = Q(customer__name__icontains=value) | Q(label__icontains=value)
        return rows.filter(own | Q(binding__eab_key_id__icontains=value) | Q(pk__in=names))

    def in_state(self, rows: QuerySet[Subscription], _name: str, value: str) -> QuerySet[Subscription]:
        """Keep the subscriptions in a state."""
        return with_state(rows, value, timezone.now())

    def on_last_day(self, rows: QuerySet[Subscription], _name: str, value: date) -> QuerySet[Subscription]:
        """Keep those whose term has this last day, which is the same for everyone."""
        return with_last_day(rows, value)

    def of_archived(self, rows: QuerySet[Subscription], _name: str, _value: str) -> QuerySet[Subscription]:
        """Keep the subscriptions of customers that were put away."""
        return rows.exclude(customer__archived_at=None)

    def filter_queryset(self, rows: QuerySet[Subscription]) -> QuerySet[Subscription]:
        """Keep what is asked for; of archived customers nothing where nobody asks for it or for a task."""
        wanted: QuerySet[Subscription] = super().filter_queryset(rows)
        asked = self.form.cleaned_data
        return wanted if asked.get("of") or asked.get("task") else wanted.filter(customer__archived_at=None)


class OrderFilter(FilterSet):
    """Orders by number, customer, label or name, and by day.

    They come by time only, which has an index: there can be many.
    """

    TABLE = tables.OrderTable
    SORTS = (("-confirmed_at", "Newest"), ("confirmed_at", "Oldest"))
    DAYS_OF = "confirmed_at"
    GROWS = True

    q = filters.CharFilter(method="search", label="Search number, customer, label or name")
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
        return rows.filter(pk__in=operations_called(Operation.objects.order_by(), value).values("order"))


class OperationFilter(FilterSet):
    """The ledger by state, kind, customer, name, the person who confirmed, and day.

    There can be a million: they come by time or by name, which have an index each. What else somebody would sort them
    by is a filter.
    """

    TABLE = tables.OperationTable
    SORTS = (
        ("-created_at", "Newest"),
        ("created_at", "Oldest"),
        ("operation", "Name, A to Z"),
        ("-operation", "Name, Z to A"),
    )
    DAYS_OF = "created_at"
    GROWS = True

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
        return operations_called(rows, value)


class PrevalidationFilter(FilterSet):
    """Pre-validations by organization, order number or customer, by status, by when they end, and by their names."""

    TABLE = tables.PrevalidationTable
    SORTS = (
        ("valid_until", "Last day, first to end"),
        ("-valid_until", "Last day, last to end"),
        ("organization_name", "Organization, A to Z"),
        ("-organization_name", "Organization, Z to A"),
        ("customer", "Customer, A to Z"),
        ("-customer", "Customer, Z to A"),
        ("-domain_count", "Most names"),
        ("domain_count", "Fewest names"),
    )
    DAYS_OF = "valid_until"
    DAYS_ARE = "Ends"

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

    TABLE = tables.UnassignedAccountTable
    SORTS = (
        ("-first_seen_at", "First seen, newest"),
        ("first_seen_at", "First seen, oldest"),
        ("-last_activity_at", "Last activity, newest"),
        ("last_activity_at", "Last activity, oldest"),
        ("eab_key_id", "EAB key ID, A to Z"),
        ("-eab_key_id", "EAB key ID, Z to A"),
    )
    DAYS_OF = "first_seen_at"

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

    TABLE = tables.FindingTable
    ORDERS = {"open": ("is_closed", "-opened_at", "-pk")}
    SORTS = (
        ("open", "Open ones first"),
        ("-opened_at", "Newest"),
        ("opened_at", "Oldest"),
        ("sort", "Sort, A to Z"),
        ("-sort", "Sort, Z to A"),
    )
    DAYS_OF = "opened_at"

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

    TABLE = tables.MailTable
    SORTS = (
        ("-created_at", "Newest"),
        ("created_at", "Oldest"),
        ("address", "Address, A to Z"),
        ("-address", "Address, Z to A"),
    )
    DAYS_OF = "created_at"
    GROWS = True

    UNSENT = "unsent"
    STATES = [(UNSENT, "Not sent, or perhaps not"), *Mail.State.choices]

    q = filters.CharFilter(method="search", label="Search e-mail address or person")
    state = filters.ChoiceFilter(
        choices=STATES, method="in_state", label="State", empty_label="Any state", widget=SELECT
    )
    notice = filters.ChoiceFilter(choices=notice_choices, label="Kind", empty_label="Any kind", widget=SELECT)
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
