"""Every addition, change and deletion in Django admin is an audit event, of whatever model and by whatever class.

An event holds what its row was before and is after. Of secrets it tells only that they changed.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import NestedObjects
from django.contrib.auth import logout
from django.db.models import Field, ManyToManyField, Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify

from accounts.addresses import signed_in_person
from accounts.audit import record_event
from accounts.happenings import Happening
from accounts.models import Customer

if TYPE_CHECKING:  # the generic classes of django-stubs are not generic at run time
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin

SECRET = re.compile(r"password|secret|token|digest|hmac|session_key|session_data|^key$|^data$")
HIDDEN = "hidden"
TOLD_OTHERWISE = {"sign_in_epoch"}  # what an event of its own says in words
MOST_AT_ONCE = 500  # rows that one deletion takes along, or one action changes, and that are told one by one
LONGEST_VALUE = 200  # characters
PATTERNS = {"regex", "iregex"}  # one that is made for it keeps a process busy for hours

Values = dict[str, str]


def values_of(row: Model) -> Values:
    """Give what a row holds, field by field, as text."""
    fields: list[Field[Any, Any]] = list(row._meta.concrete_fields)
    values = {field.name: _text(getattr(row, field.name)) for field in fields if field.name not in TOLD_OTHERWISE}
    related: list[ManyToManyField[Any, Any]] = list(row._meta.many_to_many)
    return values | {field.name: ", ".join(sorted(map(str, getattr(row, field.name).all()))) for field in related}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def differences(before: Values, after: Values) -> dict[str, list[str]]:
    """Give each field that is not the same with its two values; of a secret, that there is a difference."""
    return {
        name: [_shown(name, before.get(name, "")), _shown(name, after.get(name, ""))]
        for name in after | before
        if before.get(name, "") != after.get(name, "")
    }


def _shown(name: str, value: str) -> str:
    return HIDDEN if value and SECRET.search(name) else value[:LONGEST_VALUE]


class Trailed(_ModelAdmin):
    """A page of Django admin that writes into the audit trail, and lets nobody ask past what it shows."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Give True for what is asked of the row's own fields.

        Others refer to it that are seen by superusers only: who has no second factor, who is signed in just now.
        """
        name, *rest = lookup.split("__")
        fields = (*self.model._meta.fields, *self.model._meta.many_to_many)
        is_own = name == "pk" or any(name in {field.name, field.attname} for field in fields)
        return is_own and not PATTERNS.intersection(rest) and super().lookup_allowed(lookup, value, request)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Model | None:
        """Give a row, and remember what it holds where it is about to be changed."""
        row: Model | None = super().get_object(request, *args, **kwargs)
        if row is not None and request.method == "POST":
            _remembered(request)[row.pk] = values_of(row)
        return row

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Write an addition."""
        _record(request, Happening.ADDED_IN_ADMIN, obj, {}, _stored(obj))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Write a change."""
        after = _stored(obj)
        _record(request, Happening.CHANGED_IN_ADMIN, obj, _remembered(request).pop(obj.pk, after), after)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Write a deletion, before it happens, with that of each row that goes along."""
        for row in _deleted(queryset, self.model):
            _record(request, Happening.DELETED_IN_ADMIN, row, values_of(row), {})
        return super().log_deletions(request, queryset)

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any) -> Any:
        """Carry an action out on the rows chosen, and write what it changed."""
        chosen = (
            {} if request.POST.get("select_across") == "1" else {"pk__in": request.POST.getlist("_selected_action")}
        )
        rows = list(queryset.filter(**chosen)[:MOST_AT_ONCE])
        before = [values_of(row) for row in rows]
        response = super().response_action(request, queryset, *args)
        there = self.model._base_manager.in_bulk([row.pk for row in rows])
        for row, was in zip(rows, before, strict=True):
            if row.pk in there and (now := values_of(there[row.pk])) != was:
                _record(request, Happening.CHANGED_IN_ADMIN, row, was, now)
        return response

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Save the rows below another one, and write what became of each."""
        before = {id(one.instance): _stored(one.instance) for one in formset.initial_forms if one.has_changed()}
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects:
            _record(request, Happening.ADDED_IN_ADMIN, row, {}, _stored(row))
        for row, _ in formset.changed_objects:
            _record(request, Happening.CHANGED_IN_ADMIN, row, before[id(row)], _stored(row))
        for row in formset.deleted_objects:
            _record(request, Happening.DELETED_IN_ADMIN, row, before[id(row)], {})


# What stands on the first page, in its order: first what administrators use. All else is of no use to them but to look
# into when something is wrong.
HEADINGS = {
    "People": "accounts.customer accounts.user accounts.invitation auth.group",
    "Sold": (
        "subscriptions.subscription subscriptions.domain subscriptions.certificate subscriptions.acmeaccount"
        " subscriptions.eabbinding subscriptions.prevalidation subscriptions.acmeserver subscriptions.unassignedaccount"
        " subscriptions.customerrequest"
    ),
    "Orders and charges": (
        "subscriptions.quote subscriptions.order subscriptions.operation subscriptions.transaction"
        " subscriptions.finding subscriptions.replacement"
    ),
    "Notices": "accounts.matter accounts.telling accounts.noticechoice accounts.undeliverableaddress",
    "Portal": "accounts.auditevent accounts.setting",
    "Sign-in": "mfa.authenticator usersessions.usersession",
}
INTERNALS = "Internals"
# Those whose own names are words of the code.
CALLED = {
    "accounts.auditevent": "Activity",
    "accounts.matter": "What people are told",
    "accounts.telling": "Who was told what",
    "accounts.noticechoice": "Choices of mails",
    "subscriptions.domain": "Names",
    "subscriptions.acmeaccount": "Registered ACME clients",
    "subscriptions.eabbinding": "EAB credentials",
    "subscriptions.customerrequest": "Customers’ requests",
    "subscriptions.operationevent": "Steps of operations",
    "subscriptions.baseline": "Readings before changes",
    "subscriptions.gate": "Connection to the CA",
    "subscriptions.heldkind": "Kinds of operations held back",
    "subscriptions.callslot": "Calls to the CA at once",
    "subscriptions.workerheartbeat": "Workers and their signs of life",
    "mfa.authenticator": "Second factors",
    "usersessions.usersession": "Sessions",
}


class TrailedAdminSite(admin.AdminSite):
    """Django admin whose pages all keep a trail, those of packages included.

    It takes no password by itself: Django's forms know neither second factors nor limits on guessing, and they would
    let somebody signed in here try the passwords of others.
    """

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Give what every page shows, under the portal's name."""
        title = f"{settings.PORTAL_NAME} administration"
        return super().each_context(request) | {"site_title": title, "site_header": title}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Give the models the person may look at, under headings; the page of one app has those of that app."""
        apps: list[Any] = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {entry["model"]._meta.label_lower: entry for app in apps for entry in app["models"]}
        for label, entry in models.items():
            entry["name"] = CALLED.get(label, entry["name"])
        named = {heading: labels.split() for heading, labels in HEADINGS.items()}
        rest = set(models) - {label for labels in named.values() for label in labels}
        named[INTERNALS] = sorted(rest, key=lambda label: str(models[label]["name"]))
        shown = {title: [models[label] for label in labels if label in models] for title, labels in named.items()}
        return [_heading(title, entries) for title, entries in shown.items() if entries]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead whoever may come here to the first page (strangers never get here: `portal/urls.py`)."""
        return redirect("admin:index")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """Sign out and lead to the sign-in, whatever address the form names."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        logout(request)
        return redirect("account_login")

    def password_change(  # type: ignore[override]  # Django itself leads on after a change, whatever its stubs say
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the portal's own page, where old passwords are counted and the change is told."""
        return redirect("account_change_password")

    def register(self, model_or_iterable: Any, admin_class: type[_ModelAdmin] | None = None, **options: Any) -> None:
        """Register pages of a model."""
        own = admin_class or admin.ModelAdmin
        trailed = type(f"Trailed{own.__name__}", (Trailed, own), {"__module__": own.__module__, "__doc__": own.__doc__})
        super().register(model_or_iterable, trailed, **options)


def _heading(title: str, models: list[Any]) -> dict[str, Any]:
    """Give what Django's page takes for an app."""
    address = reverse("admin:index", query={"heading": title})
    return {"name": title, "app_label": slugify(title), "app_url": address, "has_module_perms": True, "models": models}


def _remembered(request: HttpRequest) -> dict[Any, Values]:
    remembered: dict[Any, Values] = vars(request).setdefault("_before_the_change", {})
    return remembered


def _stored(row: Model) -> Values:
    return values_of(type(row)._base_manager.get(pk=row.pk))


def _deleted(rows: Iterable[Model], model: type[Model]) -> list[Model]:
    """Give these rows and those that go with them."""
    collector = NestedObjects(using=model._default_manager.db, origin=list(rows))
    collector.collect(list(rows))
    return [row for many in collector.data.values() for row in many][:MOST_AT_ONCE]


def _record(request: HttpRequest, happening: StrEnum, row: Model, before: Values, after: Values) -> None:
    record_event(
        happening,
        actor=signed_in_person(request),
        target=row,
        customer=_customer_of(row),
        what=f"{row._meta.verbose_name} {row}",
        model=row._meta.label_lower,
        changes=differences(before, after),
    )


def _customer_of(row: Model) -> Customer | None:
    found = row if isinstance(row, Customer) else getattr(row, "customer", None)
    return found if isinstance(found, Customer) else None
