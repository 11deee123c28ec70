"""A certificate was revoked, and no new one is there."""

from typing import ClassVar

from accounts.models import Matter
from subscriptions.notices.certificates import CertificateNotice
from subscriptions.rules.certificates import CertificateState


class CertificateRevokedNotice(CertificateNotice):
    """Told at once: programs that ask the CA refuse it."""

    name = "certificate_revoked"
    label = "Certificate was revoked"
    is_urgent: ClassVar[bool] = True
    state = CertificateState.REVOKED
    since = "revoked_at"

    def title(self, matter: Matter) -> str:
        """Say whose certificate it is."""
        return f"The certificate of {matter.about_name} was revoked"

    def text(self, matter: Matter) -> str:
        """Say what that means, and what to do."""
        return (
            "Browsers may refuse it from now on. If nobody of you had it revoked, ask your provider why. "
            "Have the ACME client order a new one, with a new private key."
        )
