"""A certificate is well past the time at which it was to be renewed."""

from typing import ClassVar

from accounts.models import Matter
from subscriptions.notices.certificates import CertificateNotice
from subscriptions.notices.of_subscriptions import at_words
from subscriptions.rules.certificates import CertificateState


class CertificateLateNotice(CertificateNotice):
    """Told at once: the shorter certificates live, the fewer days are left."""

    name = "certificate_late"
    label = "Renewal is late"
    is_urgent: ClassVar[bool] = True
    comes_by_itself: ClassVar[bool] = True
    state = CertificateState.LATE
    since = "late_at"

    def title(self, matter: Matter) -> str:
        """Say whose renewal is late."""
        return f"The renewal of {matter.about_name} is late"

    def text(self, matter: Matter) -> str:
        """Say since when it was due, until when the certificate is valid, and where to look."""
        return (
            f"It was due on {at_words(matter, 'due_at')}, and the certificate is valid until "
            f"{self.end_words(matter)}. Look whether the ACME client still runs: its log says what it does."
        )
