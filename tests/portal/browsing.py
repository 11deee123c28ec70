"""Pages in the system's Chromium, against the live server."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import User
from tests import cast
from tests.flows.browser import chromium, running_chromium
from tests.services import require_service

LARGE = {"width": 1440, "height": 900}
SMALL = {"width": 390, "height": 844}


@contextmanager
def a_browser() -> Iterator[Browser]:
    """The system's Chromium, or a skip with the reason."""
    path = chromium()
    require_service("Chromium", path is not None, "no chromium on the path")
    with running_chromium(str(path)) as browser:
        yield browser


def session_of(user: User, *, is_recent: bool = True) -> str:
    """The session cookie of a sign-in of `user`, a fresh one unless told otherwise."""
    client = cast.sign_in(Client(), user)
    if is_recent:
        cast.confirm_password(client)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def sign_in(context: BrowserContext, server: str, session: str) -> None:
    """Give the browser a session."""
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server}])


def complaints_of(page: Page) -> list[str]:
    """The list that fills with what the browser complains about: blocked scripts and styles, errors, missing files."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def barriers_of(page: Page, *, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds by all its rules, or by those named, a line each: the rule, the element, the reason."""
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = list(rules)
    # Its script is half a megabyte: a page that is looked at again has it already.
    axe = Axe("null") if page.evaluate("'axe' in window") else Axe()
    violations = axe.run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:120]} – {node['failureSummary'][:200]}"
        for violation in violations
        for node in violation["nodes"]
    ]


def overflow_of(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def wide_tables_of(page: Page) -> list[str]:
    """The tables of which a part has to be scrolled to."""
    script = "frames => frames.filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText.slice(0, 60))"
    return list(page.locator(".table-frame").evaluate_all(script))


def keep_picture(page: Page, name: str) -> None:
    """Write a picture of the page into the folder SCREENSHOTS, where one is named."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
