"""The tables of people: who works at the reseller, and who belongs to a customer."""

from subscriptions.lists.tables import LEAD, SHRINK, Cell, Table, choose_column

ACTIONS = {"td": {"class": "actions"}}


class StaffTable(Table):
    """The reseller's staff."""

    choose = choose_column()
    person = Cell("colleague", verbose_name="Person", attrs=LEAD, order_by=("email", "pk"))
    role = Cell("colleague_role", verbose_name="Role", order_by=("reseller_role", "email", "pk"))
    factor = Cell("colleague_factor", verbose_name="Second factor", orderable=False)
    last_login = Cell("last_login", verbose_name="Last sign-in", attrs=SHRINK)
    actions = Cell("colleague_actions", verbose_name="", orderable=False, attrs=ACTIONS)

    class Meta:
        empty_text = "Nobody matches."


class PeopleTable(Table):
    """A customer's people, as the reseller's staff list them."""

    choose = choose_column()
    person = Cell("person", verbose_name="Person", attrs=LEAD, order_by=("user__email", "pk"))
    role = Cell("person_role", verbose_name="Role", order_by=("role", "user__email", "pk"))
    created_at = Cell("created_at", verbose_name="Since", attrs=SHRINK)
    actions = Cell("person_actions", verbose_name="", orderable=False, attrs=ACTIONS)

    class Meta:
        empty_text = "Nobody matches."


class OwnPeopleTable(PeopleTable):
    """A customer's people, as its owner lists them."""

    actions = Cell("my_person_actions", verbose_name="", orderable=False, attrs=ACTIONS)

    class Meta(PeopleTable.Meta):
        pass
