"""A customer's people: inviting them, changing their roles, removing them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sessions
from accounts.access import (
    customer_for_staff,
    invitation_for_staff,
    membership_for_staff,
    signed_in_user,
    staff_only,
)
from accounts.errors import ServiceError
from accounts.forms import PersonForm, RoleChangeForm
from accounts.models import Invitation, Membership
from accounts.reach import offered_to
from accounts.roles import CustomerRole, Permission
from accounts.services import change_role, invite_person, remove_person, revoke_invitation


@staff_only(Permission.WRITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def person_invite(request: HttpRequest, code: UUID) -> HttpResponse:
    """Invite a person of a customer by mail."""
    customer = customer_for_staff(signed_in_user(request), code)
    initial = {"email": customer.contact_email, "role": CustomerRole.OWNER}
    form = PersonForm(request.POST or None, initial=initial, offered=offered_to(signed_in_user(request), customer))
    if request.method == "POST" and form.is_valid():
        try:
            email, role = form.cleaned_data["email"], form.cleaned_data["role"]
            invitation = invite_person(
                actor=signed_in_user(request), customer=customer, email=email, role=role, reach=form.reach
            )
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
    if invitation.state == Invitation.State.OPEN:
        revoke_invitation(actor=signed_in_user(request), invitation=invitation)
        messages.success(request, f"The invitation of {invitation.email} was withdrawn.")
    else:
        messages.info(request, f"The invitation of {invitation.email} is no longer open; nothing was changed.")
    customer = invitation.customer
    return (
        redirect("subscriptions:customer-detail", customer.code) if customer else redirect("subscriptions:staff-list")
    )


@staff_only(Permission.WRITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def person_edit(request: HttpRequest, code: UUID, person_code: UUID) -> HttpResponse:
    """Give a person another role within a customer."""
    membership = membership_for_staff(signed_in_user(request), code, person_code)
    offered = offered_to(signed_in_user(request), membership.customer)
    form = RoleChangeForm(request.POST if request.method == "POST" else None, membership=membership, offered=offered)
    if form.is_valid() and _change_role(request, membership, form):
        return redirect("subscriptions:customer-detail", code)
    return render(request, "subscriptions/person_edit.html", {"form": form, "membership": membership})


def _change_role(request: HttpRequest, membership: Membership, form: RoleChangeForm) -> bool:
    role = form.cleaned_data["role"]
    try:
        change_role(actor=signed_in_user(request), membership=membership, role=role, reach=form.new_reach)
    except ServiceError as error:
        form.add_error("role", error.message)
        return False
    is_role = role != membership.role
    said = f"The role of {membership.user} is {CustomerRole(role).label} now." if is_role else "Saved."
    messages.success(request, said)
    return True


@staff_only(Permission.WRITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def person_remove(request: HttpRequest, code: UUID, person_code: UUID) -> HttpResponse:
    """Remove a person from a customer, after saying what that means."""
    membership = membership_for_staff(signed_in_user(request), code, person_code)
    if request.method == "POST":
        try:
            remove_person(actor=signed_in_user(request), membership=membership)
        except ServiceError as error:
            messages.info(request, error.message)
        else:
            messages.success(request, f"{membership.user} was removed from {membership.customer}.")
        return redirect("subscriptions:customer-detail", code)
    label = f"Remove {membership.user}"
    context = {"membership": membership, "title": f"{label} from {membership.customer}", "label": label}
    return render(request, "subscriptions/person_remove.html", context)


@staff_only(Permission.END_SESSIONS)
@require_http_methods(["GET", "POST"])
def person_sessions(request: HttpRequest, code: UUID, person_code: UUID) -> HttpResponse:
    """Show where a person of a customer is signed in, and end that."""
    membership = membership_for_staff(signed_in_user(request), code, person_code)
    person = membership.user
    if request.method == "POST":
        sessions.end_sessions(person, actor=signed_in_user(request), reason="by the reseller")
        messages.success(request, f"{person} is signed out everywhere.")
        return redirect("subscriptions:customer-detail", code)
    context = {"membership": membership, "sessions": sessions.sessions_of(person)}
    return render(request, "subscriptions/person_sessions.html", context)
