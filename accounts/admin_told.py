"""Django admin of what people were told, and of addresses that mails do not reach: to be read only."""

from django.contrib import admin

from accounts.admin_bases import ReadOnlyAdmin, ReadOnlyInline
from accounts.models import Matter, NoticeChoice, Telling, UndeliverableAddress


class TellingInline(ReadOnlyInline):
    """Who was told of a matter."""

    model = Telling
    fields = ("person", "address", "is_solution", "how", "due_at", "told_at", "read_at")
    ordering = ("pk",)


@admin.register(Matter)
class MatterAdmin(ReadOnlyAdmin):
    """What people were told, and until when it was so."""

    list_display = ("notice", "about_name", "customer", "began_at", "told_at", "solved_at", "closed_at")
    list_filter = ("notice", "is_event")
    list_select_related = ("customer",)
    search_fields = ("about_name", "key")
    date_hierarchy = "began_at"
    inlines = (TellingInline,)


@admin.register(Telling)
class TellingAdmin(ReadOnlyAdmin):
    """Each notice to each reader, by which mail it went, and whether it was read."""

    list_display = ("matter", "person", "address", "is_solution", "how", "due_at", "told_at", "read_at")
    list_filter = ("how", "is_solution")
    list_select_related = ("matter", "person")
    search_fields = ("person__email", "address")
    date_hierarchy = "created_at"


@admin.register(NoticeChoice)
class NoticeChoiceAdmin(ReadOnlyAdmin):
    """By which mails each person wants to be told. People choose it themselves."""

    list_display = ("person", "customer", "how")
    list_filter = ("how",)
    list_select_related = ("person", "customer")
    search_fields = ("person__email", "customer__name")


@admin.register(UndeliverableAddress)
class UndeliverableAddressAdmin(ReadOnlyAdmin):
    """Addresses that mails came back from. They are cleared on the customer's page, and by a mail that arrives."""

    list_display = ("address", "reason", "words", "marked_at", "cleared_at", "cleared_by")
    list_filter = ("reason",)
    list_select_related = ("cleared_by",)
    search_fields = ("address",)
    date_hierarchy = "marked_at"
