"""Servers, pre-validations, subscriptions and their bindings."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.admin_bases import ReadOnlyAdmin
from subscriptions.models import (
    AcmeServer,
    CustomerRequest,
    EabBinding,
    Prevalidation,
    Subscription,
    UnassignedAccount,
)

if TYPE_CHECKING:  # the generic classes of django-stubs are not generic at run time
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class NeitherAddedNorDeleted(_ModelAdmin):
    """Rows that come into being elsewhere, of which a few fields may be changed here."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Give False."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False."""
        return False


@admin.register(AcmeServer)
class AcmeServerAdmin(NeitherAddedNorDeleted):
    """The CA lists them; the reseller decides which are offered."""

    list_display = ("directory_url", "description", "validation_type", "product_id", "is_offered", "listed_at")
    list_filter = ("validation_type", "is_offered")
    search_fields = ("directory_url", "description", "validation_type")
    readonly_fields = ("code", "directory_url", "product_id", "description", "validation_type", "listed_at")


@admin.register(Prevalidation)
class PrevalidationAdmin(ReadOnlyAdmin):
    """Organization pre-validations. They are changed on the staff's pages, which ask about what is mostly a slip."""

    list_display = ("organization_name", "ov_anchor_order_number", "customer", "type", "recorded_status", "valid_until")
    list_filter = ("recorded_status", "type")
    list_select_related = ("customer",)
    search_fields = ("organization_name", "ov_anchor_order_number", "customer__name")
    date_hierarchy = "valid_until"


@admin.register(CustomerRequest)
class CustomerRequestAdmin(ReadOnlyAdmin):
    """What customers ask for. It is answered on the staff's pages."""

    list_display = ("__str__", "title", "state", "created_by", "created_at", "changed_by", "changed_at")
    list_filter = ("state", "kind")
    list_select_related = ("subscription__customer", "subscription__server", "created_by", "changed_by")
    search_fields = ("code", "subscription__customer__name", "subscription__label", "created_by__email")
    exclude = ("form_token",)
    date_hierarchy = "created_at"


@admin.register(Subscription)
class SubscriptionAdmin(NeitherAddedNorDeleted):
    """A subscription is made on the staff's page, through the ledger; its label may be changed here."""

    list_display = ("__str__", "customer", "server", "state", "term_years", "expires_at", "created_at")
    list_filter = ("creation", "server__validation_type", "term_years")
    list_select_related = ("customer", "server")
    search_fields = ("label", "customer__name", "binding__eab_key_id", "binding__acme_account_id")
    date_hierarchy = "created_at"
    fields = readonly_fields = (
        "code",
        "customer",
        "server",
        "term_years",
        "prevalidation",
        "state",
        "expires_at",
        "shown_at",
        "handed_over_at",
        "hand_over_pending_since",
        "moved_here_at",
        "created_at",
        "created_by",
        "synced_at",
        "sync_problem",
    )

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Give the fields shown, the one that may be changed first."""
        return ("label", *self.readonly_fields)


@admin.register(EabBinding)
class EabBindingAdmin(ReadOnlyAdmin):
    """Bindings, without their EAB HMAC key: that is revealed on the subscription's page, and each reveal recorded."""

    list_display = ("eab_key_id", "acme_account_id", "subscription", "directory_url", "is_said_by_staff", "created_at")
    list_filter = ("is_said_by_staff",)
    list_select_related = ("subscription__customer", "subscription__server")
    search_fields = ("eab_key_id", "acme_account_id", "subscription__customer__name")
    date_hierarchy = "created_at"
    fields = (
        "code",
        "subscription",
        "directory_url",
        "eab_key_id",
        "acme_account_id",
        "is_said_by_staff",
        "created_at",
        "claims",
        "assigned_at",
    )


@admin.register(UnassignedAccount)
class UnassignedAccountAdmin(ReadOnlyAdmin):
    """ACME accounts at the CA that no binding holds."""

    list_display = ("eab_key_id", "state", "first_seen_at", "last_seen_at", "customer", "decided_by")
    list_filter = ("state",)
    list_select_related = ("customer", "decided_by")
    search_fields = ("eab_key_id", "customer__name")
    date_hierarchy = "first_seen_at"
