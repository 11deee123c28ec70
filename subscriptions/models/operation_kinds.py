"""The kinds of operation: one word each. What a kind does stands in `subscriptions/kinds/`."""

from django.db import models


class OperationKind(models.TextChoices):
    """What a call to the CA does. The catalogue in `subscriptions/kinds/` holds the same, which a test asserts."""

    PREREGISTER = "preregister", "Create ACME account"
    ADD_DOMAIN = "add_domain", "Add name"
    REMOVE_DOMAIN = "remove_domain", "Remove name"
    EXTEND_DOMAINS = "extend_domains", "Extend subscription"
    MOVE_ANCHOR = "move_anchor", "Move to another pre-validation"
    SUSPEND_ACCOUNT = "suspend_account", "Suspend ACME account"
    REINSTATE_ACCOUNT = "reinstate_account", "Reinstate ACME account"
    DEACTIVATE_ACCOUNT = "deactivate_account", "Deactivate ACME account"
