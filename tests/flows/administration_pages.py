"""The pages of administration: the portal's settings, the reseller's staff, one's own profile."""

from tests.flows.page import press
from tests.flows.sign_in_pages import one as person
from tests.flows.staff_pages import expecting_errors, staff

ADMINISTRATION_PAGES = [
    staff("portal-settings"),
    person("accounts:profile"),
    person("accounts:profile", "with errors", act=expecting_errors(press("Save", time_zone="Atlantis"))),
    staff("portal-settings", state="with errors", act=expecting_errors(press("Save", calls_at_once="99"))),
]
