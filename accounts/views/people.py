"""The people of a customer, as its owner sees them."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, services
from accounts.access import signed_in_user
from accounts.errors import ServiceError
from accounts.forms import MemberForm, RoleChangeForm
from accounts.models import Customer, Invitation, Membership
from accounts.reach import offered_to
from accounts.roles import CustomerRole


@login_required
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Lead an owner to the people of the customer; let one choose who owns several."""
    owned = access.customers_owned_by(signed_in_user(request))
    if not owned:
        raise PermissionDenied if signed_in_user(request).memberships.exists() else Http404
    if len(owned) == 1:
        return redirect("subscriptions:my-people", code=owned[0].code)
    return render(request, "accounts/people.html", {"customers": owned})


@login_required
@require_http_methods(["GET", "POST"])
def member_invite(request: HttpRequest, code: UUID) -> HttpResponse:
    """Invite a colleague by e-mail."""
    customer = access.customer_for_owner(signed_in_user(request), code)
    offered = offered_to(signed_in_user(request), customer)
    form = MemberForm(request.POST if request.method == "POST" else None, offered=offered)
    if form.is_valid() and (invitation := _invite(request, customer, form)):
        messages.success(request, f"An invitation is on its way to {invitation.email}.")
        return redirect("subscriptions:my-people", code=code)
    return render(request, "accounts/member_invite.html", {"customer": customer, "form": form})


def _invite(request: HttpRequest, customer: Customer, form: MemberForm) -> Invitation | None:
    fields = form.cleaned_data
    try:
        return services.invite_person(
            actor=signed_in_user(request),
            customer=customer,
            email=fields["email"],
            role=fields["role"],
            reach=form.reach,
        )
    except ServiceError as error:
        form.add_error("email", error.message)
        return None


@login_required
@require_POST
def member_invitation_revoke(request: HttpRequest, code: UUID, invitation_code: UUID) -> HttpResponse:
    """Withdraw an open invitation."""
    invitation = access.invitation_for_owner(signed_in_user(request), code, invitation_code)
    if invitation.state == Invitation.State.OPEN:
        services.revoke_invitation(actor=signed_in_user(request), invitation=invitation)
        messages.success(request, f"The invitation of {invitation.email} is withdrawn.")
    else:
        messages.info(request, f"The invitation of {invitation.email} is not open any more.")
    return redirect("subscriptions:my-people", code=code)


@login_required
@require_http_methods(["GET", "POST"])
def member_edit(request: HttpRequest, code: UUID, person_code: UUID) -> HttpResponse:
    """Give a colleague another role."""
    membership = access.membership_for_owner(signed_in_user(request), code, person_code)
    offered = offered_to(signed_in_user(request), membership.customer)
    form = RoleChangeForm(request.POST if request.method == "POST" else None, membership=membership, offered=offered)
    if form.is_valid() and _change_role(request, membership, form):
        return _to_people(request, membership.customer)
    return render(request, "accounts/member_edit.html", {"form": form, "membership": membership})


def _change_role(request: HttpRequest, membership: Membership, form: RoleChangeForm) -> bool:
    role = form.cleaned_data["role"]
    try:
        services.change_role(actor=signed_in_user(request), membership=membership, role=role, reach=form.new_reach)
    except ServiceError as error:
        form.add_error("role", error.message)
        return False
    is_role = role != membership.role
    said = f"The role of {membership.user} is {CustomerRole(role).label} now." if is_role else "Saved."
    messages.success(request, said)
    return True


@login_required
@require_http_methods(["GET", "POST"])
def member_remove(request: HttpRequest, code: UUID, person_code: UUID) -> HttpResponse:
    """Remove a colleague, after saying what that means."""
    actor = signed_in_user(request)
    membership = access.membership_for_owner(actor, code, person_code)
    objection = services.objection_to_leaving(actor, membership)
    if request.method == "POST" and not (objection := _remove(request, membership)):
        return _to_people(request, membership.customer)
    label = f"Remove {membership.user}"
    texts = {"title": f"{label} from {membership.customer}", "label": label, "objection": objection}
    return render(request, "accounts/member_remove.html", {"membership": membership} | texts)


def _remove(request: HttpRequest, membership: Membership) -> str:
    """Remove a colleague; give what stands against it, or an empty text."""
    try:
        services.remove_person(actor=signed_in_user(request), membership=membership)
    except ServiceError as error:
        return error.message
    messages.success(request, f"{membership.user} was removed from {membership.customer}.")
    return ""


def _to_people(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Lead back to the people, or home one who has just given up managing them."""
    if customer in access.customers_owned_by(signed_in_user(request)):
        return redirect("subscriptions:my-people", code=customer.code)
    return redirect(settings.LOGIN_REDIRECT_URL)
