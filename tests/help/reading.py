"""Reads help pages the way a browser does: their links and their ids."""

import re
from html import unescape

from django.template.loader import render_to_string
from django.urls import reverse

from subscriptions.help import Topic

HELP = reverse("subscriptions:help-list")


def html_of(topic: Topic) -> str:
    """The topic's text as HTML."""
    return render_to_string(topic.template_name)


def ids_in(html: str) -> list[str]:
    """Every id of a page, in page order."""
    return re.findall(r'\sid="([^"]+)"', html)


def links_in(html: str) -> list[str]:
    """Every address that a page links to, in page order."""
    return [unescape(address) for address in re.findall(r'<a\b[^>]*\shref="([^"]*)"', html)]


def help_links_in(html: str) -> list[str]:
    """The addresses of topics that a page links to, each with its section, without the path of the help."""
    return [address.removeprefix(HELP) for address in links_in(html) if address.startswith(HELP) and address != HELP]
