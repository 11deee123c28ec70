"""Django admin of people. What the portal writes by itself, such as the audit trail, can only be read here."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.audit import record_event
from accounts.forms import ModelForm
from accounts.happenings import Happening
from accounts.models import AuditEvent, Customer, Invitation, Membership, User

if TYPE_CHECKING:  # the generic classes of django-stubs are not generic at run time
    _ModelAdmin = admin.ModelAdmin[Any]
    _TabularInline = admin.TabularInline[Any, Any]
    _DjangoUserAdmin = DjangoUserAdmin[User]
    _AdminUserCreationForm = AdminUserCreationForm[User]
    _UserChangeForm = UserChangeForm[User]
else:
    _ModelAdmin = admin.ModelAdmin
    _TabularInline = admin.TabularInline
    _DjangoUserAdmin = DjangoUserAdmin
    _AdminUserCreationForm = AdminUserCreationForm
    _UserChangeForm = UserChangeForm


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
    return isinstance(request.user, User) and request.user.is_superuser


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


def _free_address(form: ModelForm[User]) -> str:
    email = str(form.cleaned_data["email"]).lower()
    if User.objects.filter(email=email).exclude(pk=form.instance.pk).exists():
        raise forms.ValidationError("Another user has this e-mail address.")
    return email


class UserAddForm(_AdminUserCreationForm):
    """A new user, by e-mail address."""

    class Meta:
        model = User
        fields = ("email", "name")
        field_classes = {"email": forms.EmailField}

    def clean_email(self) -> str:
        """Give the address in lower case, as it is compared everywhere; refuse one that is taken."""
        return _free_address(self)


class UserEditForm(_UserChangeForm):
    """A user's data; the password has a page of its own."""

    class Meta:
        model = User
        fields = "__all__"
        field_classes = {"email": forms.EmailField}

    def clean_email(self) -> str:
        """Give the address in lower case, as it is compared everywhere; refuse one that is taken."""
        return _free_address(self)


# Only a superuser gives these: who may change users could otherwise give them to themselves.
GRANTING_FIELDS = ("reseller_role", "is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(_DjangoUserAdmin):
    """People who sign in. A person who leaves is made inactive: what they did stays on record."""

    form = UserEditForm
    add_form = UserAddForm
    list_display = ("email", "name", "reseller_role", "is_staff", "is_active", "last_login")
    list_filter = ("reseller_role", "is_staff", "is_superuser", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "password", "time_zone")}),
        ("Work at the reseller", {"fields": ("reseller_role", "is_active")}),
        ("Django admin", {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False: the audit trail names people."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Give False to all but superusers for those who have rights of their own: nobody takes theirs over."""
        has_rights = obj is not None and (obj.is_staff or obj.is_superuser or obj.is_reseller_staff)
        return super().has_change_permission(request, obj) and (is_superuser(request) or not has_rights)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Give also the fields that grant rights, unless a superuser asks."""
        if is_superuser(request):
            return self.readonly_fields
        return (*self.readonly_fields, *GRANTING_FIELDS)


class MembershipForm(ModelForm[Membership]):
    """A person's place in a customer."""

    def clean_user(self) -> User:
        """Refuse the reseller's staff: what they may do at customers is in their own role, and nowhere else."""
        user: User = self.cleaned_data["user"]
        if user.is_reseller_staff:
            raise forms.ValidationError("Somebody on the reseller’s staff cannot belong to a customer.")
        return user


class MembershipInline(_TabularInline):
    """The people of a customer."""

    model = Membership
    form = MembershipForm
    extra = 0
    autocomplete_fields = ("user",)
    readonly_fields = ("created_at",)


@admin.register(Customer)
class CustomerAdmin(_ModelAdmin):
    """The organizations that buy."""

    list_display = ("name", "reference", "contact_email", "created_at")
    search_fields = ("name", "reference", "contact_email")
    date_hierarchy = "created_at"
    readonly_fields = ("code", "created_at", "created_by")
    inlines = (MembershipInline,)

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Note who made it."""
        if not change and isinstance(request.user, User):
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Write the people, and each change of one into the audit trail."""
        super().save_formset(request, form, formset, change)
        changes = [
            *((Happening.MEMBERSHIP_ADDED, one) for one in formset.new_objects),
            *((Happening.MEMBERSHIP_CHANGED, one) for one, _ in formset.changed_objects),
            *((Happening.MEMBERSHIP_REMOVED, one) for one in formset.deleted_objects),
        ]
        actor = request.user if isinstance(request.user, User) else None
        for happening, one in changes:
            record_event(
                happening, actor=actor, target=one.user, customer=form.instance, email=one.user.email, role=one.role
            )


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Invitations are sent and withdrawn on the customer's page, where their mail is sent too."""

    list_display = ("email", "customer", "role", "state", "invited_by", "created_at", "expires_at")
    list_filter = ("role",)
    list_select_related = ("customer", "invited_by")
    search_fields = ("email", "customer__name")
    date_hierarchy = "created_at"
    exclude = ("token_digest",)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what, to what, when. A name leads to all events of that person, customer or target."""

    list_display = ("at", "action", "by", "of_customer", "target_kind", "target", "ip_address")
    list_filter = ("action",)
    filtered_by_links = ("actor_code", "customer_code", "target_code")
    search_fields = ("actor_name", "actor_email", "customer_name", "target_name", "action")
    date_hierarchy = "at"

    @admin.display(description="actor")
    def by(self, event: AuditEvent) -> str:
        """Give who did it."""
        return _filter_link("actor_code", event.actor_code, event.actor_name)

    @admin.display(description="customer")
    def of_customer(self, event: AuditEvent) -> str:
        """Give the customer it is about."""
        return _filter_link("customer_code", event.customer_code, event.customer_name)

    @admin.display(description="target")
    def target(self, event: AuditEvent) -> str:
        """Give what it was done to."""
        return _filter_link("target_code", event.target_code, event.target_name)


def _filter_link(field: str, code: UUID | None, name: str) -> str:
    return format_html('<a href="?{}={}">{}</a>', field, code, name or code) if code else name or "–"


admin.site.site_header = admin.site.site_title = "Portal administration"
admin.site.unregister([Authenticator, UserSession])


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Second factors, without their secrets. Deleting one lets a person who lost it set up another."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("data",)

    def has_delete_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        """Leave it to the person's permissions; but those of people with rights of their own are a superuser's."""
        may = admin.ModelAdmin.has_delete_permission(self, request, obj)
        has_rights = obj is not None and (obj.user.is_staff or obj.user.is_superuser or obj.user.is_reseller_staff)
        return may and (is_superuser(request) or not has_rights)

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        """Delete it with recovery codes that are left alone by it, and write it into the audit trail."""
        actor = request.user if isinstance(request.user, User) else None
        super().delete_model(request, obj)
        others = Authenticator.objects.filter(user=obj.user)
        if not others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
            others.delete()
        record_event(Happening.FACTOR_REMOVED, actor=actor, target=obj.user, email=obj.user.email, factor=obj.type)


@admin.register(UserSession)
class UserSessionAdmin(ReadOnlyAdmin):
    """Where people are signed in, without the sessions' own keys."""

    list_display = ("user", "ip", "user_agent", "created_at", "last_seen_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "ip")
    exclude = ("session_key", "data")


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(_ModelAdmin):
    """Groups of permissions for Django admin."""

    search_fields = ("name",)
    filter_horizontal = ("permissions",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Give False to all but superusers: a group gives rights to whoever is in it."""
        return is_superuser(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False to all but superusers."""
        return is_superuser(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False to all but superusers."""
        return is_superuser(request) and super().has_delete_permission(request, obj)
