"""Archiving a customer, and bringing one back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import customer_for_staff, signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions.forms.customers import ArchiveForm
from subscriptions.selectors.archiving import why_not_archived
from subscriptions.selectors.people import people_of
from subscriptions.services.customers import archive_customer, bring_back_customer


@staff_only(Permission.WRITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def customer_archive(request: HttpRequest, code: UUID) -> HttpResponse:
    """Archive a customer, after saying what that means and asking what becomes of its people."""
    customer = customer_for_staff(signed_in_user(request), code)
    if customer.archived_at is not None:
        return redirect("subscriptions:customer-detail", code)
    why_not = why_not_archived(customer)
    form = ArchiveForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and not (why_not := _archive(request, code, form)):
        return redirect("subscriptions:customer-detail", code)
    people = people_of(customer).count()
    context = {"customer": customer, "form": form, "why_not": why_not, "people": people}
    return render(request, "subscriptions/customer_archive.html", context)


def _archive(request: HttpRequest, code: UUID, form: ArchiveForm) -> str:
    """Archive a customer; give what stands against it, or an empty text."""
    actor = signed_in_user(request)
    customer = customer_for_staff(actor, code)
    try:
        archive_customer(actor=actor, customer=customer, removes_people=form.cleaned_data["people"] == "remove")
    except ServiceError as error:
        return error.message
    messages.success(request, f"{customer} is archived.")
    return ""


@staff_only(Permission.WRITE_CUSTOMERS)
@require_POST
def customer_bring_back(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take a customer out of the archive."""
    customer = customer_for_staff(signed_in_user(request), code)
    bring_back_customer(actor=signed_in_user(request), customer=customer)
    messages.success(request, f"{customer} is back.")
    return redirect("subscriptions:customer-detail", code)
