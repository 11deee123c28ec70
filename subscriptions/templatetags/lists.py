"""Tags of lists: the addresses of their pages, and how many rows they have."""

from django import forms, template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.context import Context

from subscriptions.lists.paging import POSITION, Total

register = template.Library()


@register.simple_tag(takes_context=True)
def list_query(context: Context, name: str = "", value: object = None) -> str:
    """`{% list_query "after" page.last %}`: the list as it is searched, filtered and ordered, with one more thing said.

    Where its page begins is left out: alone it is the first page.
    """
    query = context["request"].GET.copy()
    for one in (*POSITION, name):
        query.pop(one, None)
    if name and value is not None:
        query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def list_fields(context: Context, *left_out: str) -> list[tuple[str, str]]:
    """`{% list_fields "name" as fields %}`: the same, as names and values for a form's hidden fields."""
    query = context["request"].GET
    return [(name, value) for name in query if name not in (*POSITION, *left_out) for value in query.getlist(name)]


@register.filter
def has_filters(form: forms.BaseForm) -> bool:
    """`{{ form|has_filters }}`: whether a filter is set, or is wrong; a search or an order is none."""
    fields = [field for field in form.visible_fields() if field.name not in ("q", "sort")]
    return any(field.errors or field.data not in (None, "") for field in fields)


@register.filter
def in_words(total: Total) -> str:
    """`{{ filter.total|in_words }}`: "312", "more than 1,000" or "about 1,204,000"."""
    if total.is_estimate:
        return f"about {intcomma(_rounded(total.number))}"
    return intcomma(total.number) if total.is_exact else f"more than {intcomma(total.number)}"


def _rounded(number: int) -> int:
    step: int = 10 ** max(len(str(number)) - 3, 0)
    return round(number / step) * step
