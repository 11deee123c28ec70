"""The reseller's own people: inviting them, changing their roles, removing them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services, staff
from accounts.access import colleague_for_staff, signed_in_user, staff_invitation, staff_only
from accounts.errors import ServiceError
from accounts.forms import StaffInvitationForm, StaffRoleForm
from accounts.models import Invitation, User
from accounts.roles import Permission, ResellerRole


@staff_only(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def staff_invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody to the staff by mail."""
    form = StaffInvitationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            invitation = staff.invite_to_staff(actor=signed_in_user(request), **form.cleaned_data)
        except ServiceError as error:
            form.add_error("email", error.message)
        else:
            messages.success(request, f"{invitation.email} gets a mail with a link to accept.")
            return redirect("subscriptions:staff-list")
    return render(request, "subscriptions/staff_invite.html", {"form": form})


@staff_only(Permission.MANAGE_STAFF)
@require_POST
def staff_invitation_again(request: HttpRequest, code: UUID) -> HttpResponse:
    """Invite the same person anew: the earlier link stops to work."""
    invitation = staff_invitation(signed_in_user(request), code)
    try:
        again = staff.invite_to_staff(
            actor=signed_in_user(request), email=invitation.email, role=invitation.reseller_role
        )
    except ServiceError as error:
        messages.info(request, error.message)
    else:
        messages.success(request, f"{again.email} gets a mail with a new link; the earlier one does not work any more.")
    return redirect("subscriptions:staff-list")


@staff_only(Permission.MANAGE_STAFF)
@require_POST
def staff_invitation_revoke(request: HttpRequest, code: UUID) -> HttpResponse:
    """Withdraw an invitation: its link stops to work."""
    invitation = staff_invitation(signed_in_user(request), code)
    if invitation.state == Invitation.State.OPEN:
        services.revoke_invitation(actor=signed_in_user(request), invitation=invitation)
        messages.success(request, f"The invitation of {invitation.email} was withdrawn.")
    else:
        messages.info(request, f"The invitation of {invitation.email} is no longer open; nothing was changed.")
    return redirect("subscriptions:staff-list")


@staff_only(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def staff_edit(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give one of the staff another role."""
    person = colleague_for_staff(signed_in_user(request), code)
    form = StaffRoleForm(request.POST if request.method == "POST" else None, person=person)
    if form.is_valid() and _change_role(request, person, form):
        return _to_list(request)
    objection = staff.objection_to_demotion(signed_in_user(request), person)
    return render(request, "subscriptions/staff_edit.html", {"form": form, "person": person, "objection": objection})


def _change_role(request: HttpRequest, person: User, form: StaffRoleForm) -> bool:
    role = form.cleaned_data["role"]
    try:
        staff.change_staff_role(actor=signed_in_user(request), person=person, role=role)
    except ServiceError as error:
        form.add_error("role", error.message)
        return False
    messages.success(request, f"The role of {person} is {ResellerRole(role).label} now.")
    return True


@staff_only(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def staff_remove(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take somebody off the staff, after saying what that means."""
    actor = signed_in_user(request)
    person = colleague_for_staff(actor, code)
    objection = staff.objection_to_removal(actor, person)
    if request.method == "POST" and not (objection := _remove(request, person)):
        return _to_list(request)
    context = {"person": person, "label": f"Remove {person}", "objection": objection}
    return render(request, "subscriptions/staff_remove.html", context)


def _remove(request: HttpRequest, person: User) -> str:
    """Remove somebody; give what stands against it, or an empty text."""
    try:
        staff.remove_from_staff(actor=signed_in_user(request), person=person)
    except ServiceError as error:
        return error.message
    messages.success(request, f"{person} does not belong to the staff any more.")
    return ""


def _to_list(request: HttpRequest) -> HttpResponse:
    """Lead back to the list, or home one who has just given up managing the staff."""
    signed_in_user(request).refresh_from_db(fields=["reseller_role"])
    may_manage = signed_in_user(request).may(Permission.MANAGE_STAFF)
    return redirect("subscriptions:staff-list" if may_manage else "home")
