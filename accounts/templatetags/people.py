"""What the navigation and the pages of sign-in ask about the person signed in."""

from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from django import template

from accounts.access import customers_owned_by
from accounts.models import User

register = template.Library()


@register.simple_tag
def manages_people(user: User) -> bool:
    """`{% manages_people user as is_manager %}`: whether the person may manage the people of a customer."""
    return bool(customers_owned_by(user))


@register.filter
def recovery_codes_left(factor: Authenticator) -> str:
    """`{{ factor|recovery_codes_left }}`: "9 of 10"; told by the marks of the used ones, without decrypting any."""
    total: int = mfa_settings.RECOVERY_CODE_COUNT
    return f"{total - int(factor.data['used_mask']).bit_count()} of {total}"
