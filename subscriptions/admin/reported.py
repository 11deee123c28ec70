"""What the CA reports: names, certificates, registrations, transactions. All of it can only be read."""

from django.contrib import admin

from accounts.admin_bases import ReadOnlyAdmin
from subscriptions.models import AcmeAccount, Certificate, Domain, IssuedCertificate, Transaction

_CUSTOMER = ("subscription__customer", "subscription__server")


@admin.register(Domain)
class DomainAdmin(ReadOnlyAdmin):
    """The names of subscriptions."""

    list_display = ("name", "subscription", "is_free", "ov_anchor_order_number", "added_at", "removed_at")
    list_filter = ("is_free", ("removed_at", admin.EmptyFieldListFilter))
    list_select_related = _CUSTOMER
    search_fields = ("name", "subscription__customer__name")
    date_hierarchy = "added_at"


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    """The last order and the last certificate of each name."""

    list_display = ("domain", "standing", "status_description", "ca_order_number", "valid_from", "ends_at", "seen_at")
    list_filter = ("standing", "status_code")
    list_select_related = ("domain",)
    search_fields = ("domain__name", "serial_number", "acme_order_id", "acme_account_id")
    date_hierarchy = "valid_until"


@admin.register(IssuedCertificate)
class IssuedCertificateAdmin(ReadOnlyAdmin):
    """What was issued for each name, and how it ended."""

    list_display = ("domain", "serial_number", "valid_from", "valid_until", "renewed_at", "revoked_at", "replaced_at")
    list_select_related = ("domain",)
    search_fields = ("domain__name", "serial_number", "acme_account_id")
    date_hierarchy = "valid_until"


@admin.register(AcmeAccount)
class AcmeAccountAdmin(ReadOnlyAdmin):
    """The registrations of ACME clients."""

    list_display = ("acme_account_id", "binding", "status", "user_agent", "ip_address", "last_activity_at")
    list_filter = ("status",)
    list_select_related = ("binding",)
    search_fields = ("acme_account_id", "binding__eab_key_id", "user_agent", "ip_address")
    date_hierarchy = "first_seen_at"


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    """What the CA says it charged or refunded."""

    list_display = ("executed_at", "kind", "ca_order_number", "cost", "currency", "binding")
    list_filter = ("kind", "currency")
    list_select_related = ("binding",)
    search_fields = ("ca_order_number", "binding__eab_key_id")
    date_hierarchy = "executed_at"
