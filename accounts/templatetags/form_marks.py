"""The tag that every form has that changes something, with what says who the form was shown to."""

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from accounts.typed import MARK, mark_of

register = template.Library()


class MarkedTokenNode(CsrfTokenNode):
    """Django's hidden field, and beside it whose form it is: what is typed comes back to that person alone."""

    def render(self, context: Context) -> SafeString:
        """Give both fields; a stranger's form has the first only."""
        token = mark_safe(super().render(context))  # noqa: S308  # nosec B308, B703 - Django's own field
        user = getattr(context.get("request"), "user", None)
        if not token or not isinstance(user, User):
            return token
        return format_html('{}<input type="hidden" name="{}" value="{}">', token, MARK, mark_of(user))


@register.tag
def csrf_token(parser: Parser, token: Token) -> MarkedTokenNode:
    """`{% csrf_token %}`: in every form whose method is POST."""
    return MarkedTokenNode()
