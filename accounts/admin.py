"""Django admin of people. What the portal writes by itself, such as the audit trail, can only be read here."""

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import AuditEvent, Customer, Invitation, Membership, User

if TYPE_CHECKING:  # the generic classes of django-stubs are not generic at run time
    _ModelAdmin = admin.ModelAdmin[Any]
    _TabularInline = admin.TabularInline[Any, Any]
    _DjangoUserAdmin = DjangoUserAdmin[User]
else:
    _ModelAdmin = admin.ModelAdmin
    _TabularInline = admin.TabularInline
    _DjangoUserAdmin = DjangoUserAdmin


class ReadOnlyAdmin(_ModelAdmin):
    """Rows that can be looked at only: no adding, no changing, no deleting, no actions."""

    actions = None
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Give False."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Give False."""
        return False


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


def _free_address(form: forms.ModelForm) -> str:  # type: ignore[type-arg]  # not generic at run time
    email = str(form.cleaned_data["email"]).lower()
    if User.objects.filter(email=email).exclude(pk=form.instance.pk).exists():
        raise forms.ValidationError("Another user has this e-mail address.")
    return email


class UserAddForm(AdminUserCreationForm):  # type: ignore[type-arg]  # not generic at run time
    """A new user, by e-mail address."""

    class Meta:
        model = User
        fields = ("email", "name")
        field_classes = {"email": forms.EmailField}

    def clean_email(self) -> str:
        """Give the address in lower case, as it is compared everywhere; refuse one that is taken."""
        return _free_address(self)


class UserEditForm(UserChangeForm):  # type: ignore[type-arg]  # not generic at run time
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
        is_super = isinstance(request.user, User) and request.user.is_superuser
        has_rights = obj is not None and (obj.is_staff or obj.is_superuser or obj.is_reseller_staff)
        return super().has_change_permission(request, obj) and (is_super or not has_rights)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Give also the fields that grant rights, unless a superuser asks."""
        if isinstance(request.user, User) and request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, *GRANTING_FIELDS)


class MembershipInline(_TabularInline):
    """The people of a customer."""

    model = Membership
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
    """Who did what, to what, when."""

    list_display = ("at", "action", "actor", "customer", "target_kind", "target_code", "ip_address")
    list_filter = ("action",)
    list_select_related = ("actor", "customer")
    search_fields = ("actor__email", "customer__name", "action")
    date_hierarchy = "at"


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

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Leave it to the person's permissions."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


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
