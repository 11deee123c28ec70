"""Tags of the shared components: states, money, instants, navigation and blocks. See docs/templates.md."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts.browsers import browser_of
from subscriptions.explain.states import mark_of
from subscriptions.help import topic_by_slug
from subscriptions.rules import terms
from subscriptions.rules.instants import day_text, instant_text
from subscriptions.rules.prices import Totals, figures, shown
from subscriptions.rules.terms import last_day, utc_day
from subscriptions.rules.written_names import written

register = template.Library()

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

CALLOUT_ICONS = {
    "info": "information-circle",
    "success": "check-circle",
    "warning": "exclamation-triangle",
    "danger": "x-circle",
}
LEVELS = {"debug": "info", "info": "info", "success": "success", "warning": "warning", "error": "danger"}
DAY_COUNTS = {
    "refund": terms.REFUND_DAYS,
    "extension_before": terms.EXTENSION_DAYS_BEFORE,
    "extension_after": terms.EXTENSION_DAYS_AFTER,
    "asked_early": terms.ASKED_EARLY_DAYS,
}


# --- Values ---------------------------------------------------------------------------------------------------------


def _inline(name: str, parameters: dict[str, object]) -> SafeString:
    """Render an include without the blanks around it, so that it can stand before a full stop."""
    rendered = render_to_string(f"includes/{name}.html", parameters)
    # strip() of a template's own output loses the mark only.
    return mark_safe(rendered.strip())  # noqa: S308  # nosec B308, B703 - a template's output


@register.simple_tag
def badge(kind: str, state: object, *, word: str = "") -> SafeString:
    """`{% badge "operation" operation.state %}`: a state's icon and word; `word` replaces the word."""
    mark = mark_of(kind, state)
    parameters = {"word": word or mark.word, "icon": mark.icon, "tone": mark.tone, "is_working": mark.is_working}
    return _inline("_badge", parameters)


@register.simple_tag
def state_word(kind: str, state: object) -> str:
    """`{% state_word "operation" state %}`: the word alone, for mails, CSV and titles."""
    return mark_of(kind, state).word


@register.filter
def browser(user_agent: str) -> str:
    """`{{ session.user_agent|browser }}`: "Firefox 140 on Linux"; the whole text belongs in a title beside it."""
    return browser_of(user_agent)


@register.filter(name="money")
def money_text(amount: Decimal | None, currency: str = "") -> str:
    """`{{ line.cost|money:line.currency }}`: "USD 1,140.00", for a button's label or a mail; "–" for no amount."""
    return "–" if amount is None else shown(Decimal(amount), currency)


@register.simple_tag(name="money")
def money_tag(amount: Decimal | None, currency: str, *, total: bool = False) -> SafeString:
    """`{% money line.cost line.currency %}`: an amount with its currency, in tabular figures."""
    written = None if amount is None else figures(Decimal(amount), currency)
    return _inline("_money", {"figures": written, "currency": currency, "is_total": total})


@register.simple_tag(name="name")
def name_tag(value: object) -> SafeString:
    """`{% name domain.name %}`: a name as people write it, its A-labels beside it; those first where it misleads."""
    return _inline("_name", {"name": written(str(value))})


@register.filter(name="written")
def written_text(value: object) -> str:
    """`{{ domain.name|written }}`: the same as plain text, for a button, a label, a title or a mail."""
    return str(written(str(value)))


@register.simple_tag
def amounts(totals: Totals, *, total: bool = False) -> SafeString:
    """`{% amounts order.amounts %}`: an amount of each currency; "–" where there is none."""
    if not totals:
        return money_tag(None, "", total=total)
    shown_one = ((money_tag(amount, currency, total=total),) for currency, amount in totals.items())
    return format_html_join(", ", "{}", shown_one)


@register.simple_tag
def instant(value: datetime | None, *, relative: bool = False, missing: str = "–") -> SafeString:
    """`{% instant operation.created_at relative=True %}`: an instant, with "in 12 days" beside it where asked."""
    return _inline("_instant", _time(value, has_clock=True, relative=relative, missing=missing))


@register.simple_tag
def day(value: date | None, *, relative: bool = False, missing: str = "–") -> SafeString:
    """`{% day customer.created_at relative=True %}`: the day of an instant, where the viewer is."""
    return _inline("_day", _time(value, has_clock=False, relative=relative, missing=missing))


@register.simple_tag(name="last_day")
def last_day_tag(value: date | None, *, relative: bool = False, missing: str = "–") -> SafeString:
    """`{% last_day subscription.expires_at relative=True %}`: the last day of a term or a window.

    It is the day in UTC, the same for everyone; the exact end of an instant stays in the title.
    """
    if value is None:
        return _inline("_day", {"value": None, "missing": missing})
    exact = _time(value, has_clock=False, relative=False, missing="")["exact"]
    return _inline("_day", _time(last_day(value), has_clock=False, relative=relative, missing="") | {"exact": exact})


@register.filter(name="last_day")
def last_day_text(value: date | None) -> str:
    """`{{ subscription.expires_at|last_day }}`: the same as plain text, for mails, labels and options; "–" for none."""
    return "–" if value is None else day_text(last_day(value))


def _time(value: date | None, *, has_clock: bool, relative: bool, missing: str) -> dict[str, object]:
    if value is None:
        return {"value": None, "missing": missing}
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    return {
        "value": value,
        "is_instant": isinstance(value, datetime),
        "text": _clock_text(value) if has_clock and isinstance(value, datetime) else day_text(local),
        "machine": value.isoformat(),
        "exact": f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if isinstance(value, datetime) else "",
        "relative": from_now(value) if relative else "",
    }


def _clock_text(value: datetime) -> str:
    return instant_text(value, timezone.get_current_timezone())


@register.filter
def extendable_until(expires_at: datetime) -> datetime | None:
    """`{{ expires_at|extendable_until }}`: until when the CA takes an extension; nothing once that is over."""
    window = terms.extension_window(expires_at)
    return None if window.is_over(timezone.now()) else window.closes_at


@register.simple_tag
def days(of: str) -> int:
    """`{% days "refund" %}`: how many days the CA surely gives: `refund`, `extension_before`, `extension_after`."""
    return DAY_COUNTS[of]


@register.filter
def from_now(value: date | None) -> str:
    """`{{ session.last_seen_at|from_now }}`: "in 12 days", "3 hours ago", "tomorrow"; empty for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        seconds = (value - timezone.now()).total_seconds()
        if abs(seconds) < DAY:
            return _within_a_day(seconds)
        return _in_days(round(seconds / DAY))
    return _in_days((value - utc_day(timezone.now())) // timedelta(days=1))


def _within_a_day(seconds: float) -> str:
    size = abs(seconds)
    if size < MINUTE:
        return "now" if seconds >= 0 else "just now"
    count, unit = (int(size // MINUTE), "minute") if size < HOUR else (int(size // HOUR), "hour")
    return _directed(count, unit, is_past=seconds < 0)


def _in_days(days: int) -> str:
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    size = abs(days)
    if size < 90:
        count, unit = size, "day"
    elif size < 730:
        count, unit = round(size / 30.44), "month"
    else:
        count, unit = round(size / 365.25), "year"
    return _directed(count, unit, is_past=days < 0)


def _directed(count: int, unit: str, *, is_past: bool) -> str:
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{words} ago" if is_past else f"in {words}"


# --- Navigation -----------------------------------------------------------------------------------------------------


@register.inclusion_tag("includes/_nav_link.html", takes_context=True)
def nav_link(
    context: Context, route: str, label: str, icon: str = "", *, exact: bool = False, number: str = ""
) -> dict[str, object]:
    """`{% nav_link "subscriptions:customer-list" "Customers" "users" %}`: nothing where the route does not exist.

    The link is current on its own page and, without `exact`, on all below it. `number` is how many are new there.
    """
    try:
        url = reverse(route)
    except NoReverseMatch:
        return {"url": ""}
    path = getattr(context.get("request"), "path", "")
    is_current = path == url or (not exact and path.startswith(url))
    current = "page" if path == url else "true" if is_current else ""
    return {"url": url, "label": label, "icon": icon, "current": current, "number": number}


@register.simple_tag(takes_context=True)
def query_with(context: Context, name: str, value: object) -> str:
    """`{% query_with "page" 3 %}`: the page's query string with one parameter replaced; None removes it."""
    query = context["request"].GET.copy()
    query.pop(name, None)
    if value is not None:
        query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag
def query_only(name: str, value: object) -> str:
    """`{% query_only "person" event.actor_code %}`: a query string of this parameter alone."""
    return f"?{urlencode({name: str(value)})}"


@register.simple_tag
def help_link(slug: str, label: str, *, section: str = "") -> SafeString:
    """`{% help_link "eab" "What EAB is" section="values" %}`: a link to a topic of the help, or to a section of it."""
    url = reverse("subscriptions:help-topic", args=[topic_by_slug(slug).slug])
    return _inline("_help_link", {"url": f"{url}#{section}" if section else url, "label": label})


@register.filter
def level(message_tag: str) -> str:
    """`{{ message.level_tag|level }}`: the callout level of one of Django's messages."""
    return LEVELS.get(message_tag, "info")


# --- Blocks ---------------------------------------------------------------------------------------------------------


def _block(name: str, context: Context, **parameters: Any) -> SafeString:
    """Render the include of a block tag: it sees its parameters, and what `{% csrf_token %}` needs."""
    parameters |= {name: context.get(name) for name in ("csrf_token", "request")}
    return render_to_string(f"includes/{name}.html", parameters)


@register.simple_block_tag(takes_context=True, end_name="endpageheader")
def pageheader(
    context: Context,
    content: str,
    *,
    title: str,
    subtitle: str = "",
    parent: str = "",
    parent_url: str = "",
    grandparent: str = "",
    grandparent_url: str = "",
    badge_kind: str = "",
    badge_state: str = "",
    badge_word: str = "",
) -> SafeString:
    """`{% pageheader title="Customers" %}<a class="btn btn-primary" …>{% endpageheader %}`: title and actions."""
    crumbs = [
        {"label": label, "url": url} for label, url in ((grandparent, grandparent_url), (parent, parent_url)) if label
    ]
    return _block(
        "_page_header",
        context,
        actions=content.strip() and content,
        title=title,
        subtitle=subtitle,
        crumbs=crumbs,
        badge_kind=badge_kind,
        badge_state=badge_state,
        badge_word=badge_word,
    )


@register.simple_block_tag(takes_context=True, end_name="endcallout")
def callout(context: Context, content: str, level: str = "info", title: str = "") -> SafeString:
    """`{% callout "warning" "Title" %}…{% endcallout %}`: a note that stands out."""
    return _block("_callout", context, level=level, icon=CALLOUT_ICONS[level], title=title, content=content)


@register.simple_block_tag(takes_context=True, end_name="endemptystate")
def emptystate(context: Context, content: str, *, icon: str, title: str, text: str = "") -> SafeString:
    """`{% emptystate icon="users" title="No customers" text="…" %}first action{% endemptystate %}`."""
    return _block("_empty", context, icon=icon, title=title, text=text, actions=content.strip() and content)


@register.simple_block_tag(takes_context=True, end_name="endconfirm")
def confirm(
    context: Context,
    content: str,
    *,
    label: str,
    cancel_url: str,
    title: str = "",
    action: str = "",
    tone: str = "primary",
    cancel_label: str = "Go back",
) -> SafeString:
    """`{% confirm label="Add 12 domains – charge USD 1,140.00" cancel_url=url %}effect and fields{% endconfirm %}`."""
    return _block(
        "_confirm_box",
        context,
        content=content,
        label=label,
        cancel_url=cancel_url,
        title=title,
        action=action,
        tone=tone,
        cancel_label=cancel_label,
    )


@register.simple_tag
def callout_icon(level: str) -> str:
    """Give the icon of a callout level."""
    return CALLOUT_ICONS.get(level, CALLOUT_ICONS["info"])


@register.simple_tag
def initial(person: object) -> str:
    """Give the first letter of a person's name or address."""
    return format_html("{}", str(person)[:1])
