"""Organization pre-validations, which staff record by hand: the CA has no call that lists them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import customer_for_staff, signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from accounts.session_limits import poll
from subscriptions.access import prevalidation_for_staff
from subscriptions.forms.domains import PrefillForm
from subscriptions.forms.prevalidations import PrevalidationForm, RenewalModeForm
from subscriptions.lists import exports, tables
from subscriptions.lists.filters import PrevalidationFilter
from subscriptions.models import Prevalidation
from subscriptions.selectors import anchor_moves, prevalidation_rows, rows
from subscriptions.selectors.prevalidation_uses import uses_of
from subscriptions.selectors.prevalidation_warnings import endings_of
from subscriptions.selectors.prevalidations import Yardstick, chosen_renewal_mode
from subscriptions.services import prevalidations as services
from subscriptions.views.listing import list_file, list_page
from subscriptions.views.staff.polling import fragment


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def prevalidation_list(request: HttpRequest) -> HttpResponse:
    """List pre-validations, those that end first in front."""
    return list_page(
        request, "subscriptions/prevalidation_list.html", _listed(request), renewal_mode=chosen_renewal_mode()
    )


def _listed(request: HttpRequest) -> PrevalidationFilter:
    return PrevalidationFilter(request.GET, queryset=prevalidation_rows.prevalidations())


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def prevalidation_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the pre-validations of the list, as it is searched, filtered and ordered, as a CSV file."""
    list_url = reverse("subscriptions:prevalidation-list")
    return list_file(request, _listed(request), exports.PREVALIDATIONS, list_url=list_url)


@staff_only(Permission.WRITE_PREVALIDATIONS)
@require_http_methods(["GET", "POST"])
def prevalidation_add(request: HttpRequest) -> HttpResponse:
    """Record a pre-validation."""
    form = PrevalidationForm(request.POST or None, initial=_start(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            prevalidation = services.create_prevalidation(
                actor=signed_in_user(request),
                customer=data["customer"],
                fields=form.values(),
                confirmed=data["confirmed"],
            )
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"The pre-validation of {prevalidation.organization_name} was recorded.")
            return redirect("subscriptions:prevalidation-detail", prevalidation.code)
    context = {"form": form, "customer_names": rows.customer_names("")}
    return render(request, "subscriptions/prevalidation_add.html", context)


def _start(request: HttpRequest) -> dict[str, str]:
    code = PrefillForm.codes(request.GET).get("customer")
    if code is None:
        return {}
    customer = customer_for_staff(signed_in_user(request), code)
    return {"customer": customer.name, "organization_name": customer.name}


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def prevalidation_detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show a pre-validation with the subscriptions and the names that are under it, and the moves of its names."""
    prevalidation = prevalidation_for_staff(signed_in_user(request), code)
    return render(request, "subscriptions/prevalidation_detail.html", _context(request, prevalidation))


@poll
@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def prevalidation_status(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give what a pre-validation's page shows, as long as names are being moved."""
    context = _context(request, prevalidation_for_staff(signed_in_user(request), code))
    return fragment(request, "subscriptions/_prevalidation_status.html", context, version=context["progress"].version)


def _context(request: HttpRequest, prevalidation: Prevalidation) -> dict[str, Any]:
    now, yardstick = timezone.now(), Yardstick.now()
    subscriptions = prevalidation_rows.subscriptions_under(prevalidation)
    names = prevalidation_rows.names_under(prevalidation)
    progress = anchor_moves.move_progress(prevalidation)
    return {
        "prevalidation": prevalidation,
        "status": yardstick.status(prevalidation),
        "problem": yardstick.why_no_names(prevalidation),
        "warning": yardstick.warning(prevalidation),
        "subscriptions": tables.show(tables.UnderPrevalidationTable(subscriptions), request),
        "names": tables.show(tables.NameUnderTable(names), request),
        "progress": progress,
        "moves": tables.show(tables.MoveTable(anchor_moves.moves_from(prevalidation)), request),
        "activity": prevalidation_rows.prevalidation_activity(prevalidation),
        "endings": endings_of([prevalidation], now),
        "older": anchor_moves.older_ones(prevalidation, now) if yardstick.takes_names(prevalidation) else [],
        "may_delete": not uses_of(prevalidation).why_not_deleted,
        "may_buy": signed_in_user(request).may(Permission.BUY),
    }


@staff_only(Permission.WRITE_PREVALIDATIONS)
@require_http_methods(["GET", "POST"])
def prevalidation_edit(request: HttpRequest, code: UUID) -> HttpResponse:
    """Correct what is recorded of a pre-validation."""
    prevalidation = prevalidation_for_staff(signed_in_user(request), code)
    form = PrevalidationForm(request.POST or None, instance=prevalidation)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        fields = form.values() | {"customer": data["customer"]}
        try:
            services.update_prevalidation(
                actor=signed_in_user(request), prevalidation=prevalidation, fields=fields, confirmed=data["confirmed"]
            )
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Saved.")
            return redirect("subscriptions:prevalidation-detail", code)
    # The form writes what was typed into its instance: the page's head keeps what is recorded.
    context = {
        "form": form,
        "prevalidation": prevalidation_for_staff(signed_in_user(request), code),
        "customer_names": rows.customer_names(""),
    }
    return render(request, "subscriptions/prevalidation_edit.html", context)


@staff_only(Permission.WRITE_PREVALIDATIONS)
@require_http_methods(["GET", "POST"])
def prevalidation_delete(request: HttpRequest, code: UUID) -> HttpResponse:
    """Delete a pre-validation that nothing has ever used."""
    prevalidation = prevalidation_for_staff(signed_in_user(request), code)
    if request.method == "POST":
        try:
            services.delete_prevalidation(actor=signed_in_user(request), prevalidation=prevalidation)
        except ServiceError as error:
            messages.error(request, error.message)
            return redirect("subscriptions:prevalidation-detail", code)
        messages.success(request, f"The pre-validation of {prevalidation.organization_name} was deleted.")
        return redirect("subscriptions:prevalidation-list")
    context = {"prevalidation": prevalidation, "why_not": uses_of(prevalidation).why_not_deleted}
    return render(request, "subscriptions/prevalidation_delete.html", context)


@staff_only(Permission.CHANGE_SETTINGS)
@require_http_methods(["GET", "POST"])
def renewal_mode(request: HttpRequest) -> HttpResponse:
    """Set who renews the reseller's pre-validations."""
    chosen = chosen_renewal_mode()
    form = RenewalModeForm(request.POST or None, initial={"mode": chosen})
    if request.method == "POST" and form.is_valid():
        services.set_renewal_mode(actor=signed_in_user(request), mode=form.cleaned_data["mode"])
        messages.success(request, f"The renewal mode is {form.cleaned_data['mode']}.")
        return redirect("subscriptions:prevalidation-list")
    return render(request, "subscriptions/renewal_mode.html", {"form": form, "chosen": chosen})
