"""The last order of a name failed, and nothing was issued since."""

from typing import ClassVar

from accounts.models import Matter
from subscriptions.notices.certificates import CertificateNotice
from subscriptions.rules.certificates import CertificateState


class CertificateFailingNotice(CertificateNotice):
    """Told with the code and the words of the CA."""

    name = "certificate_failing"
    label = "Order failed"
    is_urgent: ClassVar[bool] = True
    state = CertificateState.FAILING
    since = "ordered_failed_since"

    def title(self, matter: Matter) -> str:
        """Say whose order failed."""
        return f"The last order of {matter.about_name} failed"

    def text(self, matter: Matter) -> str:
        """Give the CA's code and words, and say what is left of the time."""
        why = self.failure_words(matter)
        if not matter.facts.get("ends_at"):
            return f"{why}There is no certificate for it yet. Look at the ACME client’s log."
        return f"{why}The certificate that is there is valid until {self.end_words(matter)}. Look at the client’s log."
