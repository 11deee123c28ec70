"""What the pages of Django admin have in common: rows that can only be read, and what is for superusers only."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.addresses import signed_in_person
from accounts.models import User

if TYPE_CHECKING:  # the generic classes of django-stubs are not generic at run time
    _ModelAdmin = admin.ModelAdmin[Any]
    _TabularInline = admin.TabularInline[Any, Any]
else:
    _ModelAdmin = admin.ModelAdmin
    _TabularInline = admin.TabularInline


# What a filter of a page may ask of its field.
FILTER_LOOKUPS = frozenset({"", "exact", "id__exact", "isnull", "in", "year", "month", "day", "gte", "lt"})


class ReadOnlyAdmin(_ModelAdmin):
    """Rows that can be looked at only: no adding, no changing, no deleting, no actions."""

    actions = None
    show_full_result_count = False
    filtered_by_links: tuple[str, ...] = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Give True for what the page's own filters and links ask.

        By others a hidden field would give itself away bit by bit.
        """
        offered = [name for name in self.list_filter if isinstance(name, str)]
        names = {*offered, *self.filtered_by_links, self.date_hierarchy, "id", "pk"}
        return any(lookup.removeprefix(f"{name}__") in FILTER_LOOKUPS or lookup == name for name in names if name)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Give False."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Give False."""
        return False


def is_superuser(request: HttpRequest) -> bool:
    """Whether the person may do everything in Django admin."""
    person = signed_in_person(request)
    return person is not None and person.is_superuser


class SeenBySuperusers(ReadOnlyAdmin):
    """How people sign in: for superusers only."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False to all but superusers."""
        return is_superuser(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Give False to all but superusers."""
        return is_superuser(request)


class ReadOnlyInline(_TabularInline):
    """Rows of another one that can be looked at only."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False."""
        return False
