"""Customers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import undeliverable
from accounts.access import customer_for_staff, signed_in_user, staff_only
from accounts.models import Customer
from accounts.roles import Permission
from accounts.services import NameTakenError, create_customer, update_customer
from subscriptions.forms.customers import CustomerForm, taken
from subscriptions.forms.subscriptions import chosen_in
from subscriptions.lists import exports, tables
from subscriptions.lists.filters import CustomerFilter
from subscriptions.selectors import people, prevalidation_rows, rows
from subscriptions.selectors.hand_over import not_handed_over
from subscriptions.selectors.prevalidation_warnings import ending_of_customer
from subscriptions.views.listing import list_file, list_page


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def customer_list(request: HttpRequest) -> HttpResponse:
    """List customers."""
    return list_page(request, "subscriptions/customer_list.html", _customers(request))


def _customers(request: HttpRequest) -> CustomerFilter:
    return CustomerFilter(request.GET, queryset=rows.customers())


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def customer_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the customers of the list, as it is searched, filtered and ordered, as a CSV file."""
    list_url = reverse("subscriptions:customer-list")
    return list_file(request, _customers(request), exports.CUSTOMERS, list_url=list_url)


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def customer_options(request: HttpRequest) -> HttpResponse:
    """Suggest customers for what is typed, as the options of a datalist."""
    names = rows.customer_names(request.GET.get("customer", "").strip())
    return render(request, "subscriptions/_customer_options.html", {"customer_names": names})


@staff_only(Permission.WRITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def customer_add(request: HttpRequest) -> HttpResponse:
    """Add a customer; `then=subscription-add` goes on to its ACME account, with what was chosen of that before."""
    form = CustomerForm(request.POST or None, initial={"name": request.GET.get("name", "")})
    if request.method == "POST" and form.is_valid() and (customer := _created(request, form)):
        messages.success(request, f"{customer} was added.")
        if "subscription-add" in (request.GET.get("then"), request.POST.get("then")):
            along = {"customer": customer.code} | chosen_in(request.GET)
            return redirect(reverse("subscriptions:subscription-add", query=along))
        return redirect("subscriptions:customer-detail", customer.code)
    return render(request, "subscriptions/customer_add.html", {"form": form})


def _created(request: HttpRequest, form: CustomerForm) -> Customer | None:
    """Write the customer; None where another took the name at the same moment, which the form then says."""
    try:
        return create_customer(actor=signed_in_user(request), **form.cleaned_data)
    except NameTakenError as error:
        form.add_error("name", taken(error.customer))
        return None


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def customer_detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show a customer: people and invitations, subscriptions, pre-validations, activity."""
    user = signed_in_user(request)
    customer = customer_for_staff(user, code)
    account_url = reverse("subscriptions:subscription-add", query={"customer": customer.code})
    subscriptions = rows.subscriptions().filter(customer=customer)
    prevalidations = prevalidation_rows.prevalidations().filter(customer=customer)
    context = {
        "customer": customer,
        "people": tables.show(tables.PersonTable(people.people_of(customer)), request),
        "invitations": tables.show(tables.InvitationTable(people.invitations_of(customer)), request),
        "subscriptions": tables.show(
            tables.SubscriptionTable(subscriptions, prefix="subscriptions-", exclude=["choose"]), request
        ),
        "prevalidations": tables.show(
            tables.PrevalidationTable(prevalidations, prefix="prevalidations-", exclude=["choose", "customer"]), request
        ),
        "hand_over_count": not_handed_over(customer).count(),
        "marks": undeliverable.marks_at(customer),
        "endings": ending_of_customer(customer, timezone.now()),
        "activity": rows.activity_of(customer),
        "may_write": user.may(Permission.WRITE_CUSTOMERS),
        "may_end_sessions": user.may(Permission.END_SESSIONS),
        "account_url": account_url if user.may(Permission.BUY) and customer.archived_at is None else "",
    }
    return render(request, "subscriptions/customer_detail.html", context)


@staff_only(Permission.WRITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def customer_edit(request: HttpRequest, code: UUID) -> HttpResponse:
    """Change a customer's own data."""
    customer = customer_for_staff(signed_in_user(request), code)
    form = CustomerForm(request.POST or None, instance=customer)
    if request.method == "POST" and form.is_valid():
        fields = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            if fields:
                update_customer(actor=signed_in_user(request), customer=customer, fields=fields)
        except NameTakenError as error:
            form.add_error("name", taken(error.customer))
    if request.method == "POST" and form.is_valid():
        messages.success(request, "Saved.")
        return redirect("subscriptions:customer-detail", customer.code)
    # The form writes what was typed into its instance: the page's head keeps the name the customer has.
    context = {"form": form, "customer": customer_for_staff(signed_in_user(request), code)}
    return render(request, "subscriptions/customer_edit.html", context)
