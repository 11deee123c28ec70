"""The tables of certificates."""

from subscriptions.lists.tables import LEAD, SHRINK, SIDE, Cell, Table, choose_column


class CertificateTable(Table):
    """The certificates of all customers' names."""

    choose = choose_column()
    name = Cell("certificate_name", verbose_name="Name", attrs=LEAD, order_by=("name", "pk"))
    state = Cell("certificate_state", verbose_name="Certificate", orderable=False)
    subscription = Cell("certificate_subscription", verbose_name="Subscription", attrs=SIDE, orderable=False)
    ends = Cell("certificate_end", verbose_name="Valid until", attrs=SHRINK, order_by=("sort_at", "pk"))

    class Meta:
        empty_text = "No certificate matches."


class OwnCertificateTable(CertificateTable):
    """The certificates of a customer's names."""

    name = Cell("my_certificate_name", verbose_name="Name", attrs=LEAD, order_by=("name", "pk"))
    subscription = Cell("my_certificate_subscription", verbose_name="Subscription", attrs=SIDE, orderable=False)

    class Meta(CertificateTable.Meta):
        pass
