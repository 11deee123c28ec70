"""Organization pre-validations, which staff record by hand: the CA has no call that lists them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import customer_for_staff, signed_in_user, staff_only
from accounts.roles import Permission
from subscriptions.access import prevalidation_for_staff
from subscriptions.forms.domains import PrefillForm
from subscriptions.forms.prevalidations import PrevalidationAddForm, PrevalidationEditForm
from subscriptions.lists import tables
from subscriptions.lists.filters import PrevalidationFilter
from subscriptions.selectors import rows
from subscriptions.services.prevalidations import create_prevalidation, update_prevalidation


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def prevalidation_list(request: HttpRequest) -> HttpResponse:
    """List pre-validations, those that end first in front."""
    selection = PrevalidationFilter(request.GET, queryset=rows.prevalidations())
    table = tables.show(tables.PrevalidationTable(selection.qs), request)
    return render(request, "subscriptions/prevalidation_list.html", {"filter": selection, "table": table})


@staff_only(Permission.WRITE_PREVALIDATIONS)
@require_http_methods(["GET", "POST"])
def prevalidation_add(request: HttpRequest) -> HttpResponse:
    """Record a pre-validation."""
    form = PrevalidationAddForm(request.POST or None, initial=_start(request))
    if request.method == "POST" and form.is_valid():
        prevalidation = create_prevalidation(actor=signed_in_user(request), **form.cleaned_data)
        messages.success(request, f"The pre-validation of {prevalidation.organization_name} was recorded.")
        return redirect("subscriptions:customer-detail", prevalidation.customer.code)
    context = {"form": form, "customer_names": rows.customer_names("")}
    return render(request, "subscriptions/prevalidation_add.html", context)


def _start(request: HttpRequest) -> dict[str, str]:
    code = PrefillForm.codes(request.GET).get("customer")
    if code is None:
        return {}
    customer = customer_for_staff(signed_in_user(request), code)
    return {"customer": customer.name, "organization_name": customer.name}


@staff_only(Permission.WRITE_PREVALIDATIONS)
@require_http_methods(["GET", "POST"])
def prevalidation_edit(request: HttpRequest, code: UUID) -> HttpResponse:
    """Change a pre-validation's organization name or last day."""
    prevalidation = prevalidation_for_staff(signed_in_user(request), code)
    form = PrevalidationEditForm(request.POST or None, instance=prevalidation)
    if request.method == "POST" and form.is_valid():
        update_prevalidation(actor=signed_in_user(request), prevalidation=prevalidation, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("subscriptions:prevalidation-list")
    context = {"form": form, "prevalidation": prevalidation_for_staff(signed_in_user(request), code)}
    return render(request, "subscriptions/prevalidation_edit.html", context)
