"""Lists as CSV files: which file a list is, and how its rows are its lines.

What stands in a cell is guarded against formulas in one place, `portal/csv_files.py`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from portal.csv_files import Row, csv_download
from subscriptions.selectors import (
    certificates,
    connection,
    customer,
    customer_organizations,
    list_files,
    name_rows,
    people,
    prevalidation_rows,
    requests,
    rows,
)


@dataclass(frozen=True, slots=True)
class Export:
    """A list as a file: its name, its heading, and how rows become lines while they are read."""

    filename: str
    heading: Sequence[str]
    lines: "Callable[[QuerySet[Any]], Iterable[Row]]"

    def answer(self, rows: "QuerySet[Any]") -> StreamingHttpResponse:
        """Answer with the file, which is written while it is sent."""
        return csv_download(self.filename, self.heading, self.lines(rows))


CUSTOMERS = Export("customers.csv", rows.CUSTOMER_HEADING, rows.customer_rows)
SUBSCRIPTIONS = Export("subscriptions.csv", list_files.SUBSCRIPTION_HEADING, list_files.subscription_lines)
ORDERS = Export("orders.csv", list_files.ORDER_HEADING, list_files.order_lines)
QUOTES = Export("quotes.csv", list_files.QUOTE_HEADING, list_files.quote_lines)
OPERATIONS = Export("operations.csv", list_files.OPERATION_HEADING, list_files.operation_lines)
PREVALIDATIONS = Export("pre-validations.csv", prevalidation_rows.CSV_HEADING, prevalidation_rows.prevalidation_cells)
ORGANIZATIONS = Export("organizations.csv", customer_organizations.HEADING, customer_organizations.organization_lines)
FINDINGS = Export("findings.csv", list_files.FINDING_HEADING, list_files.finding_lines)
REQUESTS = Export("requests.csv", requests.CSV_HEADING, requests.request_cells)
SERVERS = Export("acme-servers.csv", connection.SERVER_HEADING, connection.server_lines)
STAFF = Export("staff.csv", people.STAFF_HEADING, people.staff_lines)
PEOPLE = Export("people.csv", people.PEOPLE_HEADING, people.person_lines)
MAILS = Export("mails.csv", list_files.MAIL_HEADING, list_files.mail_lines)
ACCOUNTS = Export("unassigned-accounts.csv", list_files.ACCOUNT_HEADING, list_files.account_lines)
NAMES = Export("names.csv", name_rows.HEADING, name_rows.listed_lines)
CERTIFICATES = Export("certificates.csv", certificates.HEADING, certificates.certificate_lines)
OWN_NAMES = Export("names.csv", customer.NAME_HEADING, customer.name_lines)
REMOVED_NAMES = Export("removed-names.csv", name_rows.HISTORY_HEADING, name_rows.removed_lines)
