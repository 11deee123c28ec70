"""A customer's people: inviting them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import customer_for_staff, invitation_for_staff, signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from accounts.services import invite_person, revoke_invitation
from subscriptions.forms.customers import PersonForm


@staff_only(Permission.WRITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def person_invite(request: HttpRequest, code: UUID) -> HttpResponse:
    """Invite a person of a customer by mail."""
    customer = customer_for_staff(signed_in_user(request), code)
    form = PersonForm(request.POST or None, initial={"email": customer.contact_email})
    if request.method == "POST" and form.is_valid():
        try:
            invitation = invite_person(actor=signed_in_user(request), customer=customer, **form.cleaned_data)
        except ServiceError as error:
            form.add_error("email", error.message)
        else:
            messages.success(request, f"{invitation.email} gets a mail with a link to accept.")
            return redirect("subscriptions:customer-detail", customer.code)
    return render(request, "subscriptions/person_invite.html", {"form": form, "customer": customer})


@staff_only(Permission.WRITE_CUSTOMERS)
@require_POST
def invitation_revoke(request: HttpRequest, code: UUID) -> HttpResponse:
    """Withdraw an invitation: its link stops to work."""
    invitation = invitation_for_staff(signed_in_user(request), code)
    if invitation.state == "open":
        revoke_invitation(actor=signed_in_user(request), invitation=invitation)
        messages.success(request, f"The invitation of {invitation.email} was withdrawn.")
    else:
        messages.info(request, f"The invitation of {invitation.email} is no longer open; nothing was changed.")
    return redirect("subscriptions:customer-detail", invitation.customer.code)
