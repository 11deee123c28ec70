"""A certificate has run out, and no new one is there."""

from typing import ClassVar

from accounts.models import Matter
from subscriptions.notices.certificates import CertificateNotice
from subscriptions.notices.of_subscriptions import at_words
from subscriptions.rules.certificates import CertificateState


class CertificateExpiredNotice(CertificateNotice):
    """Told at once: visitors of the site get a warning."""

    name = "certificate_expired"
    label = "Certificate has expired"
    is_urgent: ClassVar[bool] = True
    comes_by_itself: ClassVar[bool] = True
    state = CertificateState.EXPIRED
    since = "ends_at"

    def title(self, matter: Matter) -> str:
        """Say whose certificate it is."""
        return f"The certificate of {matter.about_name} has expired"

    def text(self, matter: Matter) -> str:
        """Say when, why the last order failed, and what to do."""
        return (
            f"It was valid until {at_words(matter, 'ends_at')}. {self.failure_words(matter)}"
            "Have the ACME client order a new one now: its log says what keeps it from that."
        )
