"""The tables of the staff pages: which columns, how each is sorted and shown."""

from typing import Any

import django_tables2 as tables
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.http import HttpRequest
from django.template import Context
from django.template.loader import get_template

from subscriptions.lists.paging import PER_PAGE

NUMBER = {"th": {"class": "number"}, "td": {"class": "number"}}
SHRINK = {"td": {"class": "shrink"}}
SIDE = {"td": {"class": "side-cell"}}
LEAD = {"td": {"class": "lead-cell"}}
STACKED = {"td": {"class": "actions actions--stacked"}}


def show(table: tables.Table, request: HttpRequest, *, per_page: int = PER_PAGE) -> tables.Table:
    """Sort and page a table as the query string asks; a page that is not there gives the nearest one."""
    table.request = request
    if order_by := request.GET.getlist(table.prefixed_order_by_field):
        table.order_by = order_by
    wanted = request.GET.get(table.prefixed_page_field, "1")
    try:
        table.paginate(page=wanted, per_page=per_page)
    except PageNotAnInteger:
        table.paginate(page=1, per_page=per_page)
    except EmptyPage:
        table.paginate(page=table.paginator.num_pages, per_page=per_page)
    return table


class Cell(tables.TemplateColumn):  # type: ignore[misc]  # django_tables2 has no types
    """A column whose cells are a template of `templates/subscriptions/cells/`."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(template_name=f"subscriptions/cells/_{name}.html", **kwargs)

    def render(self, record: Any, table: tables.Table, **kwargs: Any) -> str:
        """Give the cell, rendered in the page's own context.

        The library's way makes a request context per cell, which runs every context processor, queries included.
        """
        context = getattr(table, "context", None) or Context()
        with context.update({"record": record}):
            backend: Any = get_template(self.template_name)
            return str(backend.template.render(context))


class Count(tables.Column):  # type: ignore[misc]  # django_tables2 has no types
    """A column of numbers, grouped: 20,000."""

    def render(self, value: int) -> str:
        """Give the number as people read it."""
        return f"{value:,}"


class Table(tables.Table):  # type: ignore[misc]  # django_tables2 has no types
    """A table of the staff pages: every other one is a subclass, whose own members are typed."""


CHOOSE = {"th": {"class": "choose"}, "td": {"class": "choose"}}


def choose_column() -> Cell:
    """The boxes by which rows are chosen: they belong to the form below the table."""
    return Cell("choose", verbose_name="Select", attrs=CHOOSE, orderable=False)


class CustomerTable(Table):
    """Customers."""

    choose = choose_column()
    name = Cell("customer", verbose_name="Customer", attrs=LEAD, order_by=("sort_name", "pk"))
    subscription_count = Count("Subscriptions", attrs=NUMBER)
    domain_count = Count("Names", attrs=NUMBER)
    person_count = Count("People", attrs=NUMBER)
    created_at = Cell("created_at", verbose_name="Since", attrs=SHRINK)

    class Meta:
        order_by = "name"
        empty_text = "No customer matches."


class SubscriptionTable(Table):
    """Subscriptions, with their customer."""

    choose = choose_column()
    subscription = Cell("subscription", verbose_name="Subscription", order_by=("sort_customer", "label", "pk"))
    server = Cell("server", verbose_name="Type", order_by=("server__validation_type", "pk"))
    state = Cell("subscription_state", verbose_name="State", orderable=False)
    domain_count = Count("Names", attrs=NUMBER)
    expires_at = Cell("expires_at", verbose_name="Expires", attrs=SHRINK)

    class Meta:
        empty_text = "No subscription matches."


class QuoteTable(Table):
    """Quotes."""

    choose = choose_column()
    quote = Cell("quote", verbose_name="Quote", attrs=LEAD, orderable=False)
    state = Cell("quote_state", verbose_name="State", orderable=False)
    line_count = Count("Lines", attrs=NUMBER, orderable=False)
    total = Cell("order_total", verbose_name="Total", attrs=NUMBER, orderable=False)
    created_at = Cell("created_at_instant", verbose_name="When", attrs=SHRINK)

    class Meta:
        empty_text = "No quote matches."


class OrderTable(Table):
    """Orders."""

    choose = choose_column()
    order = Cell("order", verbose_name="Order", attrs=LEAD, orderable=False)
    state = Cell("order_state", verbose_name="State", orderable=False)
    line_count = Count("Names", attrs=NUMBER, orderable=False)
    total = Cell("order_total", verbose_name="Confirmed", attrs=NUMBER, orderable=False)
    charged = Cell("order_charged", verbose_name="Charged", attrs=NUMBER, orderable=False)
    confirmed_at = Cell("confirmed_at", verbose_name="When", attrs=SHRINK)

    class Meta:
        empty_text = "No order matches."


class OperationTable(Table):
    """The ledger."""

    choose = choose_column()
    operation = Cell("operation", verbose_name="Operation", attrs=LEAD, order_by=("name_by_bytes", "pk"))
    state = Cell("operation_state", verbose_name="State", orderable=False)
    customer = Cell("operation_customer", verbose_name="Customer", attrs=SIDE, orderable=False)
    charged = Cell("operation_charged", verbose_name="Charged", attrs=NUMBER, orderable=False)
    created_at = Cell("created_at_instant", verbose_name="When", attrs=SHRINK)

    class Meta:
        empty_text = "No operation matches."


class OrderLineTable(Table):
    """The operations of one order."""

    domain_name = Cell("line_names", verbose_name="Name", attrs=LEAD, orderable=False)
    state = Cell("operation_state", verbose_name="State", orderable=False)
    price = Cell("line_price", verbose_name="Confirmed", attrs=NUMBER, orderable=False)
    charged = Cell("operation_charged", verbose_name="Charged", attrs=NUMBER, orderable=False)

    class Meta:
        empty_text = "No line."


class DomainTable(Table):
    """The names of a subscription."""

    name = Cell("listed_name", verbose_name="Name", attrs=LEAD)
    is_free = Cell("domain_price", verbose_name="Charged", attrs=NUMBER)
    certificate = Cell("domain_certificate", verbose_name="Certificate", orderable=False)
    added_at = Cell("added_at", verbose_name="Added", attrs=SHRINK)
    refundable = Cell("domain_refundable", verbose_name="Refundable until", attrs=SHRINK, orderable=False)
    prevalidation = Cell("domain_prevalidation", verbose_name="Pre-validation", order_by=("organization_name", "name"))
    actions = Cell("name_actions", verbose_name="", orderable=False, attrs=STACKED)

    class Meta:
        prefix = "names-"
        order_by = "name"
        empty_text = "No name yet."


class NameTable(Table):
    """The names of a subscription, to choose from and to act on."""

    select = Cell("name_select", verbose_name="Select", attrs=CHOOSE, orderable=False)
    name = Cell("listed_name", verbose_name="Name", attrs=LEAD)
    kind = Cell("name_kind", verbose_name="Type", attrs=SHRINK, orderable=False)
    price = Cell("name_price", verbose_name="Paid", attrs=NUMBER, order_by=("paid_about", "name", "pk"))
    added_at = Cell("added_at", verbose_name="Added", attrs=SHRINK, order_by=("added_at", "name"))
    refundable = Cell(
        "domain_refundable", verbose_name="Refundable until", attrs=SHRINK, order_by=("charged_at", "name")
    )
    certificate = Cell("domain_certificate", verbose_name="Certificate", order_by=("certificate__ends_at", "name"))
    prevalidation = Cell("domain_prevalidation", verbose_name="Pre-validation", order_by=("organization_name", "name"))
    actions = Cell("name_actions", verbose_name="", orderable=False, attrs=STACKED)

    class Meta:
        order_by = "name"
        empty_text = "No name matches."


class RemovedNameTable(Table):
    """The names that a subscription had."""

    choose = choose_column()
    name = Cell("removed_name", verbose_name="Name", attrs=LEAD)
    kind = Cell("name_kind", verbose_name="Type", attrs=SHRINK, orderable=False)
    price = Cell("name_price", verbose_name="Paid", attrs=NUMBER, order_by=("paid_about", "name", "pk"))
    added_at = Cell("added_at", verbose_name="Added", attrs=SHRINK, order_by=("added_at", "name"))
    removed_at = Cell("name_removed_at", verbose_name="Removed", attrs=SHRINK, order_by=("removed_at", "name"))
    given_back = Cell("name_given_back", verbose_name="Given back", attrs=NUMBER, orderable=False)

    class Meta:
        order_by = "-removed_at"
        empty_text = "No removed name matches."


class AcmeAccountTable(Table):
    """The clients registered under a subscription."""

    user_agent = Cell("acme_account", verbose_name="Client", attrs=LEAD, orderable=False)
    status = Cell("acme_account_state", verbose_name="State", orderable=False)
    ip_address = tables.Column("IP address", orderable=False)
    last_activity_at = Cell("acme_account_activity", verbose_name="Last activity", attrs=SHRINK, orderable=False)
    actions = Cell("acme_account_actions", verbose_name="", orderable=False, attrs={"td": {"class": "actions"}})

    class Meta:
        prefix = "clients-"
        empty_text = "No client yet."


class PrevalidationTable(Table):
    """Pre-validations."""

    choose = choose_column()
    organization_name = Cell(
        "prevalidation", verbose_name="Organization", attrs=LEAD, order_by=("sort_organization", "pk")
    )
    customer = Cell("prevalidation_customer", verbose_name="Customer", order_by=("sort_customer", "pk"))
    state = Cell("prevalidation_state", verbose_name="Status", orderable=False)
    valid_until = Cell("valid_until", verbose_name="Last day", attrs=SHRINK)
    domain_count = Count("Names", attrs=NUMBER)

    class Meta:
        empty_text = "No pre-validation matches."


class UnderPrevalidationTable(Table):
    """The subscriptions that have names under one pre-validation, or are for it."""

    subscription = Cell("subscription", verbose_name="Subscription", order_by=("customer__name", "label", "pk"))
    state = Cell("subscription_state", verbose_name="State", orderable=False)
    names_under = Count("Names under it", attrs=NUMBER)
    expires_at = Cell("expires_at", verbose_name="Expires", attrs=SHRINK)

    class Meta:
        prefix = "subscriptions-"
        order_by = "subscription"
        empty_text = "No subscription yet."


class ToMoveTable(UnderPrevalidationTable):
    """The subscriptions whose names are moved, and those whose have to wait."""

    move = Cell("to_move", verbose_name="Move", orderable=False)

    class Meta:
        sequence = ("subscription", "state", "names_under", "move", "expires_at")
        prefix = "subscriptions-"
        order_by = "subscription"
        empty_text = "No subscription has names under it."


class MoveTable(Table):
    """The moves of names from one pre-validation to another."""

    subscription = Cell("domain_subscription", verbose_name="Subscription", attrs=LEAD, orderable=False)
    state = Cell("move_state", verbose_name="State", orderable=False)
    ov_anchor_order_number = tables.Column("To", orderable=False)
    created_at = Cell("created_at_instant", verbose_name="When", attrs=SHRINK, orderable=False)

    class Meta:
        prefix = "moves-"
        empty_text = "No name was moved."


class NameUnderTable(Table):
    """The names under one pre-validation."""

    name = Cell("domain", verbose_name="Name", attrs=LEAD)
    subscription = Cell(
        "domain_subscription", verbose_name="Subscription", attrs=SIDE, order_by=("subscription__label", "name")
    )
    certificate = Cell("domain_certificate", verbose_name="Certificate", orderable=False)
    added_at = Cell("added_at", verbose_name="Added", attrs=SHRINK)

    class Meta:
        prefix = "names-"
        order_by = "name"
        empty_text = "No name is under it."


class PersonTable(Table):
    """A customer's people."""

    user = Cell("person", verbose_name="Person", orderable=False)
    role = Cell("person_role", verbose_name="Role", orderable=False)
    created_at = Cell("created_at", verbose_name="Since", attrs=SHRINK, orderable=False)
    actions = Cell("person_actions", verbose_name="", orderable=False, attrs={"td": {"class": "actions"}})

    class Meta:
        prefix = "people-"
        empty_text = "Nobody can sign in for this customer yet."


class InvitationTable(Table):
    """Invitations that were not used."""

    email = Cell("invitation", verbose_name="E-mail address", orderable=False)
    state = Cell("invitation_state", verbose_name="State", orderable=False)
    expires_at = Cell("invitation_expiry", verbose_name="Works until", attrs=SHRINK, orderable=False)
    actions = Cell("invitation_actions", verbose_name="", orderable=False, attrs={"td": {"class": "actions"}})

    class Meta:
        prefix = "invitations-"
        empty_text = "No open invitation."


class UnassignedAccountTable(Table):
    """ACME accounts at the CA that belong to no subscription, or did not at first."""

    choose = choose_column()
    eab_key_id = Cell("unassigned_account", verbose_name="EAB key ID", attrs=LEAD, order_by=("eab_key_id", "pk"))
    state = Cell("unassigned_account_state", verbose_name="State", orderable=False)
    names = Cell("unassigned_account_names", verbose_name="Names", orderable=False)
    last_activity_at = Cell("last_activity_at", verbose_name="Last activity", attrs=SHRINK)
    first_seen_at = Cell("first_seen_at", verbose_name="First seen", attrs=SHRINK)

    class Meta:
        empty_text = "No such ACME account."


class FindingTable(Table):
    """Findings, with the subscription they are about."""

    choose = choose_column()
    sort = Cell("finding", verbose_name="Finding", attrs=LEAD, order_by=("sort", "pk"))
    state = Cell("finding_state", verbose_name="State", orderable=False)
    subscription = Cell("finding_subscription", verbose_name="Subscription", attrs=SIDE, orderable=False)
    opened_at = Cell("opened_at", verbose_name="Since", attrs=SHRINK)

    class Meta:
        empty_text = "No finding matches."


class RequestTable(Table):
    """What customers ask for."""

    choose = choose_column()
    asked_for = Cell("request", verbose_name="Request", attrs=LEAD, orderable=False)
    state = Cell("request_state", verbose_name="State", orderable=False)
    subscription = Cell("request_subscription", verbose_name="Subscription", attrs=SIDE, orderable=False)
    created_at = Cell("created_at_instant", verbose_name="Asked", attrs=SHRINK)

    class Meta:
        empty_text = "No request matches."


class MailTable(Table):
    """Mails."""

    choose = choose_column()
    address = Cell("mail", verbose_name="Mail", attrs=LEAD, order_by=("address", "-pk"))
    state = Cell("mail_state", verbose_name="State", orderable=False)
    about_name = Cell("mail_about", verbose_name="About", attrs=SIDE, orderable=False)
    tries = Count("Tries", attrs=NUMBER, orderable=False)
    created_at = Cell("mail_created_at", verbose_name="Written", attrs=SHRINK, order_by=("pk",))

    class Meta:
        empty_text = "No mail matches."
