"""Quotes, orders, the ledger of operations, and what the workers keep about themselves: all of it to be read only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin_bases import ReadOnlyAdmin, ReadOnlyInline
from subscriptions.models import (
    Baseline,
    CallSlot,
    Finding,
    Gate,
    HeldKind,
    Operation,
    OperationEvent,
    Order,
    Quote,
    QuoteLine,
    Replacement,
    WorkerHeartbeat,
)

_CUSTOMER = ("subscription__customer", "subscription__server")


class QuoteLineInline(ReadOnlyInline):
    """The lines of a quote."""

    model = QuoteLine
    fields = (
        "position",
        "subscription",
        "kind",
        "name",
        "prevalidation",
        "arguments",
        "state",
        "names",
        "cost",
        "currency",
        "quoted_at",
        "error_type",
        "error_detail",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuoteLine]:
        """Give the lines with what they are for."""
        rows: QuerySet[QuoteLine] = super().get_queryset(request)
        return rows.select_related("subscription__customer", "subscription__server", "prevalidation")


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    """Prices asked of the CA."""

    list_display = ("__str__", "state", "totals", "priced_at", "created_by", "created_at")
    list_filter = ("state",)
    list_select_related = ("created_by",)
    search_fields = ("code", "lines__subscription__customer__name", "created_by__email")
    date_hierarchy = "created_at"
    exclude = ("claim_token", "form_token")
    inlines = (QuoteLineInline,)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Confirmed quotes."""

    list_display = ("__str__", "totals", "confirmed_by", "confirmed_at", "stopped_at")
    list_filter = (("stopped_at", admin.EmptyFieldListFilter),)
    list_select_related = ("confirmed_by",)
    search_fields = ("code", "quote__lines__subscription__customer__name", "confirmed_by__email")
    date_hierarchy = "confirmed_at"


class OperationEventInline(ReadOnlyInline):
    """The steps of an operation."""

    model = OperationEvent
    fields = ("at", "from_state", "to_state", "actor", "worker", "reason", "detail")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OperationEvent]:
        """Give the steps with who took them."""
        return super().get_queryset(request).select_related("actor")


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin):
    """Intended calls to the CA and their fate."""

    list_display = (
        "__str__",
        "state",
        "subscription",
        "price",
        "charged",
        "currency",
        "ca_order_number",
        "created_by",
        "created_at",
    )
    list_filter = ("state", "kind", "was_unknown")
    list_select_related = (*_CUSTOMER, "created_by")
    search_fields = ("code", "domain_name", "ca_order_number", "subscription__customer__name")
    date_hierarchy = "created_at"
    exclude = ("claim_token",)
    inlines = (OperationEventInline,)


@admin.register(OperationEvent)
class OperationEventAdmin(ReadOnlyAdmin):
    """Every step of every operation."""

    list_display = ("at", "operation", "from_state", "to_state", "actor", "worker", "reason")
    list_filter = ("to_state",)
    list_select_related = ("operation", "actor")
    search_fields = ("operation__domain_name", "reason", "actor__email", "worker")
    date_hierarchy = "at"


@admin.register(Replacement)
class ReplacementAdmin(ReadOnlyAdmin):
    """Misspelt names and what takes their place: these have the portal remove a name by itself."""

    list_display = ("__str__", "addition", "removal", "created_by", "created_at", "called_off_at")
    list_select_related = ("old", "addition", "removal", "created_by")
    search_fields = ("code", "old__name", "addition__domain_name", "old__subscription__customer__name")
    date_hierarchy = "created_at"


@admin.register(Gate)
class GateAdmin(ReadOnlyAdmin):
    """Which calls may go to the CA. It is reopened on the staff's pages."""

    list_display = ("__str__", "reason", "closed_at", "reached_at", "problem", "problem_at")
    exclude = ("probe_token",)


@admin.register(Baseline)
class BaselineAdmin(ReadOnlyAdmin):
    """What the CA showed before something was changed."""

    list_display = ("began_at", "binding", "order")
    list_select_related = ("binding", "order")
    search_fields = ("binding__eab_key_id",)
    date_hierarchy = "began_at"


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    """Differences between the CA and the ledger. They are closed on the staff's pages."""

    list_display = ("sort", "binding", "state", "seen_at", "opened_at", "closed_at", "closed_by")
    list_filter = ("state", "sort")
    list_select_related = ("binding", "closed_by")
    search_fields = ("binding__eab_key_id", "reason")
    date_hierarchy = "seen_at"


@admin.register(HeldKind)
class HeldKindAdmin(ReadOnlyAdmin):
    """Kinds of operation of which answers were lost in a row."""

    list_display = ("kind", "lost_in_a_row", "held_until")


@admin.register(CallSlot)
class CallSlotAdmin(ReadOnlyAdmin):
    """Calls under way."""

    list_display = ("number", "lease_expires_at")
    exclude = ("token",)


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnlyAdmin):
    """The workers' signs of life."""

    list_display = ("name", "started_at", "beat_at", "ca_reached_at", "ca_problem")
    search_fields = ("name",)
    date_hierarchy = "beat_at"
