"""The pages of administration: the portal's settings, the reseller's staff, one's own profile."""

from tests.flows.page import press
from tests.flows.staff_pages import expecting_errors, staff

ADMINISTRATION_PAGES = [
    staff("portal-settings"),
    staff("portal-settings", state="with errors", act=expecting_errors(press("Save", calls_at_once="99"))),
]
