"""Quotes: the CA's prices, and the confirmation that makes them an order."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.models import User
from accounts.roles import Permission
from accounts.session_limits import poll
from subscriptions.access import quote_for_staff
from subscriptions.lists import exports
from subscriptions.lists.quote_filters import QuoteFilter
from subscriptions.lists.quote_pdf import quote_pdf as pdf_of
from subscriptions.selectors import quotes as rows
from subscriptions.selectors.buying import QuotePage, quote_page
from subscriptions.selectors.quote_checks import QuoteChecks, quote_checks
from subscriptions.selectors.quote_documents import quote_document
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quote_lines import leave_out, put_back
from subscriptions.views.listing import list_file, list_page
from subscriptions.views.staff.asking import asking_url
from subscriptions.views.staff.polling import fragment

CONFLICT = 409


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def quote_list(request: HttpRequest) -> HttpResponse:
    """List quotes."""
    selection = _listed(request)
    rows.with_lines(selection.page.rows)
    return list_page(request, "subscriptions/quote_list.html", selection)


def _listed(request: HttpRequest) -> QuoteFilter:
    return QuoteFilter(request.GET, queryset=rows.quotes())


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def quote_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the quotes of the list, as it is searched, filtered and ordered, as a CSV file."""
    return list_file(request, _listed(request), exports.QUOTES, list_url=reverse("subscriptions:quote-list"))


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def quote_detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show a quote: while the CA is asked, how far that is; then every name with its price."""
    return _show(request, code)


def _show(request: HttpRequest, code: UUID, problem: str = "") -> HttpResponse:
    user = signed_in_user(request)
    page = quote_page(quote_for_staff(user, code))
    context = _context(page, user) | {"problem": problem}
    return render(request, "subscriptions/quote_detail.html", context, status=CONFLICT if problem else 200)


def _context(page: QuotePage, user: User) -> dict[str, Any]:
    return {
        "page": page,
        "quote": page.quote,
        "may_buy": user.may(Permission.BUY),
        "checks": _checks(page),
        "back_url": f"{address}?quote={page.quote.code}" if (address := asking_url(page.lines)) else "",
    }


@poll
@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def quote_lines(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give the part of a quote's page that follows the asking."""
    user = signed_in_user(request)
    page = quote_page(quote_for_staff(user, code))
    return fragment(request, "subscriptions/_quote_lines.html", _context(page, user), version=page.version)


def _checks(page: QuotePage) -> QuoteChecks | None:
    return quote_checks(page.quote, page.now, names=page.names_to_add) if page.can_confirm else None


@poll
@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def quote_checked(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give the part of a quote's page that follows the looks at its names."""
    checks = _checks(quote_page(quote_for_staff(signed_in_user(request), code)))
    version = checks.version if checks else ""
    return fragment(request, "subscriptions/_quote_checks.html", {"checks": checks}, version=version)


@staff_only(Permission.READ_COSTS)
@require_safe
def quote_pdf(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give a quote as a PDF file; 404 while it has no price."""
    document = quote_document(quote_page(quote_for_staff(signed_in_user(request), code)))
    if document is None:
        raise Http404
    answer = HttpResponse(pdf_of(document, made_by=settings.PORTAL_NAME), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{document.number}.pdf"'
    return answer


@staff_only(Permission.BUY)
@require_POST
def quote_confirm(request: HttpRequest, code: UUID) -> HttpResponse:
    """Confirm a quote: its order is made once, however often this is sent."""
    quote = quote_for_staff(signed_in_user(request), code)
    try:
        order = confirm_quote(actor=signed_in_user(request), quote=quote, revision=_revision(request))
    except ServiceError as error:
        return _show(request, code, error.message)
    return redirect("subscriptions:order-detail", order.code)


@staff_only(Permission.BUY)
@require_POST
def quote_leave_out(request: HttpRequest, code: UUID) -> HttpResponse:
    """Leave lines out of a quote before it is confirmed."""
    return _change_lines(request, code, leave_out)


@staff_only(Permission.BUY)
@require_POST
def quote_put_back(request: HttpRequest, code: UUID) -> HttpResponse:
    """Put lines back that were left out of a quote."""
    return _change_lines(request, code, put_back)


def _change_lines(request: HttpRequest, code: UUID, change: Callable[..., int]) -> HttpResponse:
    user = signed_in_user(request)
    quote = quote_for_staff(user, code)
    positions = {int(one) for one in request.POST.getlist("line") if one.isascii() and one.isdigit() and len(one) < 9}
    try:
        change(actor=user, quote=quote, positions=positions, revision=_revision(request))
    except ServiceError as error:
        messages.warning(request, error.message)
    return redirect("subscriptions:quote-detail", quote.code)


def _revision(request: HttpRequest) -> int:
    """Give which revision of a quote a person saw; the first where the page does not say."""
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0
