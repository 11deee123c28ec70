"""What the navigation asks about the person signed in."""

from django import template

from accounts.access import customers_owned_by
from accounts.models import User

register = template.Library()


@register.simple_tag
def manages_people(user: User) -> bool:
    """`{% manages_people user as is_manager %}`: whether the person may manage the people of a customer."""
    return bool(customers_owned_by(user))
