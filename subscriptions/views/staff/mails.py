"""Mails: what was sent to whom, what became of it, and sending one again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import outbox, undeliverable
from accounts.access import mail_for_staff, mark_for_staff, signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.models import Mail
from accounts.roles import Permission
from subscriptions.explain.mails import MEANINGS
from subscriptions.lists import exports
from subscriptions.lists.filters import MailFilter
from subscriptions.selectors import mails as selectors
from subscriptions.views.listing import list_file, list_page


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    """List mails, the newest first."""
    may_write = signed_in_user(request).may(Permission.WRITE_CUSTOMERS)
    marks = undeliverable.newest_marks()
    return list_page(request, "subscriptions/mail_list.html", _listed(request), marks=marks, may_write=may_write)


def _listed(request: HttpRequest) -> MailFilter:
    return MailFilter(request.GET, queryset=selectors.mails())


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def mail_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the mails of the list, as it is searched, filtered and ordered, as a CSV file."""
    return list_file(request, _listed(request), exports.MAILS, list_url=reverse("subscriptions:mail-list"))


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def mail_detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show what became of a mail, in the mail server's words, and what to do."""
    mail = mail_for_staff(signed_in_user(request), code)
    again = getattr(mail, "again", None)
    context = {
        "mail": mail,
        "meaning": MEANINGS[mail.state],
        "subject_url": selectors.address_of_subject(mail),
        "again": again,
        "can_go_again": again is None and mail.state not in {Mail.State.SENDING, Mail.State.NOT_NEEDED},
    }
    return render(request, "subscriptions/mail_detail.html", context)


@staff_only(Permission.WRITE_CUSTOMERS)
@require_POST
def mail_again(request: HttpRequest, code: UUID) -> HttpResponse:
    """Send a mail once more."""
    user = signed_in_user(request)
    mail = mail_for_staff(user, code)
    try:
        again = outbox.send_again(actor=user, mail=mail)
    except ServiceError as error:
        messages.error(request, f"Nothing was sent. {error.message}")
        return redirect("subscriptions:mail-detail", mail.code)
    messages.success(request, f"A mail to {again.address} is on its way.")
    return redirect("subscriptions:mail-detail", again.code)


@staff_only(Permission.WRITE_CUSTOMERS)
@require_POST
def address_clear(request: HttpRequest, code: UUID) -> HttpResponse:
    """Let an address get notices again that mails did not reach."""
    user = signed_in_user(request)
    mark = mark_for_staff(user, code)
    undeliverable.clear(mark, actor=user)
    messages.success(request, f"{mark.address} gets notices again.")
    customer = undeliverable.customer_of(mark)
    if customer is None:
        return redirect("subscriptions:mail-list")
    return redirect("subscriptions:customer-detail", customer.code)
