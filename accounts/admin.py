"""Django admin of people. What the portal writes by itself, such as the audit trail, can only be read here.

Whatever permissions somebody has: who people are, how they sign in, what they may do and to which customer they belong
is for superusers to change, and how they sign in for superusers to see.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from accounts import admin_told as admin_told  # whose pages are registered with it
from accounts import invitations, services, sessions, staff
from accounts.addresses import current_request, signed_in_person
from accounts.admin_bases import ReadOnlyAdmin, SeenBySuperusers, is_superuser
from accounts.audit import record_event
from accounts.fields import AddressFormField
from accounts.forms import ModelForm, TimeZoneField
from accounts.happenings import Happening
from accounts.models import AuditEvent, Customer, Invitation, Membership, Setting, User
from accounts.roles import MANAGING_ROLES, CustomerRole

if TYPE_CHECKING:  # the generic classes of django-stubs are not generic at run time
    _ModelAdmin = admin.ModelAdmin[Any]
    _TabularInline = admin.TabularInline[Any, Any]
    _DjangoUserAdmin = DjangoUserAdmin[User]
    _AdminPasswordChangeForm = AdminPasswordChangeForm[User]
    _AdminUserCreationForm = AdminUserCreationForm[User]
    _UserChangeForm = UserChangeForm[User]
else:
    _ModelAdmin = admin.ModelAdmin
    _TabularInline = admin.TabularInline
    _DjangoUserAdmin = DjangoUserAdmin
    _AdminPasswordChangeForm = AdminPasswordChangeForm
    _AdminUserCreationForm = AdminUserCreationForm
    _UserChangeForm = UserChangeForm


def _free_address(form: ModelForm[User]) -> str:
    email = str(form.cleaned_data["email"])
    if User.objects.filter(email=email).exclude(pk=form.instance.pk).exists():
        raise forms.ValidationError("Another user has this e-mail address.")
    return email


class UserAddForm(_AdminUserCreationForm):
    """A new user, by e-mail address."""

    class Meta:
        model = User
        fields = ("email", "name")
        field_classes = {"email": AddressFormField}

    def clean_email(self) -> str:
        """Refuse an address that is taken."""
        return _free_address(self)


class UserEditForm(_UserChangeForm):
    """A user's data; the password has a page of its own."""

    class Meta:
        model = User
        fields = "__all__"
        field_classes = {"email": AddressFormField, "time_zone": TimeZoneField}

    def clean_email(self) -> str:
        """Refuse an address that is taken."""
        return _free_address(self)

    def clean(self) -> None:
        """Refuse what would leave nobody who may manage the staff."""
        super().clean()
        role = self.cleaned_data.get("reseller_role", self.instance.reseller_role)
        stays = role in MANAGING_ROLES and self.cleaned_data.get("is_active", self.instance.is_active)
        if not stays and staff.is_last_manager(User.objects.get(pk=self.instance.pk)):
            raise forms.ValidationError("This is the only reseller admin. Make somebody else one first.")


class PasswordForm(_AdminPasswordChangeForm):
    """A password that a superuser sets, or takes away. Whoever had the old one is not known any more."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's
        """Write it, end the person's sessions and forget the browsers."""
        user = super().save(commit)
        request = current_request()
        actor = signed_in_person(request) if request else None
        sessions.end_sessions(user, actor=actor, reason="new password by an administrator")
        return user


# A superuser's to change: who may change users could otherwise take over another's sign-in, or give themselves rights.
SUPERUSERS_FIELDS = (
    "email",
    "is_active",
    "reseller_role",
    "is_staff",
    "is_superuser",
    "groups",
    "user_permissions",
)


@admin.register(User)
class UserAdmin(_DjangoUserAdmin):
    """People who sign in. A person who leaves is made inactive: what they did stays on record."""

    form = UserEditForm
    add_form = UserAddForm
    change_password_form = PasswordForm
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

    actions = ("end_sessions",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False: the audit trail names people."""
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Give False to all but superusers: the one who adds a person knows the password."""
        return is_superuser(request) and super().has_add_permission(request)

    def has_end_sessions_permission(self, request: HttpRequest) -> bool:
        """Give whether the person may sign others out: superusers only."""
        return is_superuser(request)

    @admin.action(description="Sign out everywhere", permissions=["end_sessions"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End all sessions of the people chosen."""
        for person in queryset:
            sessions.end_sessions(person, actor=signed_in_person(request), reason="in Django admin")
        self.message_user(request, "They are signed out everywhere.")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Give False to all but superusers for those who have rights of their own: nobody takes theirs over."""
        has_rights = obj is not None and (obj.is_staff or obj.is_superuser or obj.is_reseller_staff)
        return super().has_change_permission(request, obj) and (is_superuser(request) or not has_rights)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Give also what is a superuser's to change, unless one asks."""
        if is_superuser(request):
            return self.readonly_fields
        return (*self.readonly_fields, *SUPERUSERS_FIELDS)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Give the fields shown: of the password even the kind and the first characters are a superuser's to see."""
        fieldsets = super().get_fieldsets(request, obj)
        if is_superuser(request):
            return fieldsets
        hidden = {"password"}
        return [
            (title, options | {"fields": [name for name in options["fields"] if name not in hidden]})
            for title, options in fieldsets
        ]

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Set somebody's password; raise PermissionDenied for all but superusers."""
        if not is_superuser(request):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Write a person. A new address, and the end of what they sent by a role they have no more, go with it.

        One who is made inactive is signed out for good.
        """
        if change:
            services.change_email(actor=signed_in_person(request), user=obj, email=obj.email)
        super().save_model(request, obj, form, change)
        invitations.end_unfounded(obj, actor=signed_in_person(request))
        if change and not obj.is_active and "is_active" in form.changed_data:
            sessions.end_sessions(obj, actor=signed_in_person(request), reason="made inactive")


class MembershipForm(ModelForm[Membership]):
    """A person's place in a customer. It stays that person's: somebody else gets a place of their own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "user" in self.fields:
            self.fields["user"].disabled = True

    def clean_user(self) -> User:
        """Refuse the reseller's staff: what they may do at customers is in their own role, and nowhere else."""
        user: User = self.cleaned_data["user"]
        if user.is_reseller_staff:
            raise forms.ValidationError("Somebody on the reseller’s staff cannot belong to a customer.")
        return user

    def clean(self) -> None:
        """Refuse to make an owner of one who sees some subscriptions only: that is changed on the customer's page."""
        if self.instance.is_limited and self.cleaned_data.get("role") == CustomerRole.OWNER:
            self.add_error("role", "Limited to some subscriptions: change that on the customer’s page first.")


class MembershipInline(_TabularInline):
    """The people of a customer. A place there shows keys: superusers give and take it, others read who has one."""

    model = Membership
    form = MembershipForm
    extra = 0
    autocomplete_fields = ("user",)
    readonly_fields = ("is_limited", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False to all but superusers."""
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False to all but superusers."""
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False to all but superusers."""
        return is_superuser(request)


@admin.register(Customer)
class CustomerAdmin(_ModelAdmin):
    """The organizations that buy."""

    list_display = ("name", "reference", "contact_email", "created_at")
    search_fields = ("name", "reference", "contact_email")
    date_hierarchy = "created_at"
    readonly_fields = ("code", "created_at", "created_by")
    inlines = (MembershipInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Give False to all but superusers: its people go with it."""
        return is_superuser(request)

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Note who made it."""
        if not change:
            obj.created_by = signed_in_person(request)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Write the people, and each change of one into the audit trail."""
        super().save_formset(request, form, formset, change)
        changes = [
            *((Happening.MEMBERSHIP_ADDED, one) for one in formset.new_objects),
            *((Happening.MEMBERSHIP_CHANGED, one) for one, _ in formset.changed_objects),
            *((Happening.MEMBERSHIP_REMOVED, one) for one in formset.deleted_objects),
        ]
        actor = signed_in_person(request)
        for happening, one in changes:
            record_event(
                happening, actor=actor, target=one.user, customer=form.instance, email=one.user.email, role=one.role
            )
        for place in formset.deleted_objects:
            services.end_invitations_of(place, actor=actor)
        for place, _ in formset.changed_objects:
            invitations.end_unfounded(place.user, actor=actor)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Invitations are sent and withdrawn on the customer's page, where their mail is sent too."""

    list_display = ("email", "customer", "role_word", "state", "invited_by", "created_at", "expires_at")
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


@admin.register(Setting)
class SettingAdmin(ReadOnlyAdmin):
    """What people set in the portal. It is changed on the staff's pages, which say what it means."""

    list_display = ("name", "value")
    search_fields = ("name",)


admin.site.unregister([Authenticator, UserSession, EmailAddress])  # of the last, nothing is used here


@admin.register(Authenticator)
class AuthenticatorAdmin(SeenBySuperusers):
    """Second factors, without their secrets. Deleting one lets a person who lost it set up another."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("data",)

    def has_delete_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        """Give False to all but superusers."""
        return is_superuser(request)

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        """Delete it with recovery codes that are left alone by it, and write it into the audit trail."""
        super().delete_model(request, obj)
        others = Authenticator.objects.filter(user=obj.user)
        if not others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
            others.delete()
        record_event(
            Happening.FACTOR_REMOVED,
            actor=signed_in_person(request),
            target=obj.user,
            email=obj.user.email,
            factor=obj.type,
        )


@admin.register(UserSession)
class UserSessionAdmin(SeenBySuperusers):
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
