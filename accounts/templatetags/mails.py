"""What the texts of mails need."""

from django import template

from accounts.validators import without_links

register = template.Library()


@register.filter
def unlinked(value: object) -> str:
    """`{{ customer.name|unlinked }}`: what somebody chose to be called, so that no mail program makes a link of it."""
    return without_links(str(value))
