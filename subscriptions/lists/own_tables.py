"""The tables of the customers' pages: the same lists, with what is theirs to see."""

from subscriptions.lists.tables import LEAD, NUMBER, SHRINK, SIDE, Cell, Count, RequestTable, Table, choose_column


class OwnNameTable(Table):
    """The names of a subscription as its customer sees them."""

    choose = choose_column()
    name = Cell("my_name", verbose_name="Name", attrs=LEAD)
    certificate = Cell("my_name_certificate", verbose_name="Certificate", order_by=("certificate__ends_at", "name"))
    ca_order = Cell("my_name_order", verbose_name="Last order", attrs=SHRINK, orderable=False)
    client = Cell("my_name_client", verbose_name="Client", attrs=SIDE, orderable=False)
    added_at = Cell("added_at", verbose_name="Added", attrs=SHRINK, order_by=("added_at", "name"))

    class Meta:
        order_by = "name"
        empty_text = "No name matches."


class OwnOrganizationTable(Table):
    """A customer's organizations."""

    choose = choose_column()
    organization = Cell(
        "my_organization", verbose_name="Organization", attrs=LEAD, order_by=("sort_organization", "pk")
    )
    status = Cell("my_organization_status", verbose_name="Validation", orderable=False)
    valid_until = Cell("valid_until", verbose_name="Valid until", attrs=SHRINK)
    names = Count("Names", accessor="name_count", attrs=NUMBER, orderable=False)
    expected = Cell(
        "my_organization_expected",
        verbose_name="What is expected of you",
        attrs={"td": {"class": "words"}},
        orderable=False,
    )

    class Meta:
        empty_text = "No organization matches."


class OwnRequestTable(RequestTable):
    """What a customer's people asked for."""

    asked_for = Cell("my_request", verbose_name="Request", attrs=LEAD, orderable=False)
    subscription = Cell("my_request_subscription", verbose_name="Subscription", attrs=SIDE, orderable=False)

    class Meta(RequestTable.Meta):
        pass
