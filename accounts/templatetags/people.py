"""What the navigation and the pages of sign-in ask about the person signed in."""

from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from django import template
from django.template.context import Context

from accounts.access import customers_owned_by
from accounts.models import User
from accounts.own_tellings import unread_number

register = template.Library()
MOST_SHOWN = 99


@register.simple_tag
def manages_people(user: User) -> bool:
    """`{% manages_people user as is_manager %}`: whether the person may manage the people of a customer."""
    return bool(customers_owned_by(user))


@register.simple_tag(takes_context=True)
def unread_notices(context: Context) -> str:
    """`{% unread_notices as unread %}`: how many notices the person has not read, as the bell shows it; empty for none.

    Asked once for a request, however often the page shows it.
    """
    request = context["request"]
    number: int | None = getattr(request, "unread_notices", None)
    if number is None:
        request.unread_notices = number = unread_number(request.user, most=MOST_SHOWN + 1)
    return f"{MOST_SHOWN}+" if number > MOST_SHOWN else str(number or "")


@register.filter
def recovery_codes_left(factor: Authenticator) -> str:
    """`{{ factor|recovery_codes_left }}`: "9 of 10"; told by the marks of the used ones, without decrypting any."""
    total: int = mfa_settings.RECOVERY_CODE_COUNT
    return f"{total - int(factor.data['used_mask']).bit_count()} of {total}"
