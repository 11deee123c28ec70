"""The app of people: who signs in, for whom, and what they did."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, customers, memberships, invitations and the audit trail."""

    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """Make the notices known, and follow what the sign-in library tells."""
        from accounts import emails, mail_events, notice_mails, receivers, trail  # noqa: F401 - models are loaded only now

        trail.connect()
        receivers.connect()
        mail_events.connect()
