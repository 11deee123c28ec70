"""The app of people: who signs in, for whom, and what they did."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, customers, memberships, invitations and the audit trail."""

    name = "accounts"
    verbose_name = "People"
