"""One Chromium for all tests of a process, on a thread of its own.

Playwright keeps an event loop on the thread it was started in, and Django refuses the database on such a thread. With
the browser elsewhere, tests read and write rows between two looks at a page.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

from tests.flows.browser import running_chromium
from tests.portal import browsing

Args = ParamSpec("Args")
Result = TypeVar("Result")


class Screen:
    """A running Chromium; everything that touches it goes through `do`."""

    def __init__(self, executable: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chromium")
        self._running = running_chromium(executable)
        self._browser: Browser = self.do(self._running.__enter__)

    def do(self, step: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs) -> Result:
        """Run a step on the browser's thread and give what it gives; its failure is raised here."""
        return self._thread.submit(step, *args, **kwargs).result()

    @contextmanager
    def window(self, server: str, session: str = "", **options: Any) -> Iterator["Window"]:
        """A fresh window with an empty profile, signed in by a session's cookie where there is one."""
        window = self.do(Window, self._browser, server, session, options, self.do)
        try:
            yield window
        finally:
            self.do(window.context.close)

    def close(self) -> None:
        """End Chromium and its thread."""
        self.do(self._running.__exit__, None, None, None)
        self._thread.shutdown()


class Window:
    """One browser window on one server. `do` gives a step its page, on the browser's thread."""

    def __init__(
        self, browser: Browser, server: str, session: str, options: dict[str, Any], run: Callable[..., Any]
    ) -> None:
        self.server, self._run = server, run
        self.context: BrowserContext = browser.new_context(**{"reduced_motion": "reduce"} | options)
        if session:
            browsing.sign_in(self.context, server, session)
        self.page = self.context.new_page()
        self.complaints = browsing.complaints_of(self.page)

    def do(self, step: Callable[[Page], Result]) -> Result:
        """Run a step with the window's page."""
        result: Result = self._run(step, self.page)
        return result

    def path(self) -> str:
        """The path of the address that is shown."""
        return urlsplit(self.do(lambda page: page.url)).path

    def open(self, path: str) -> None:
        """Go to an address of the server."""
        self._run(self.page.goto, self.server + path)
