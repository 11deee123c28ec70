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
        self._used: BrowserContext | None = None

    def do(self, step: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs) -> Result:
        """Run a step on the browser's thread and give what it gives; its failure is raised here."""
        return self._thread.submit(step, *args, **kwargs).result()

    @contextmanager
    def window(self, server: str, session: str = "", **options: Any) -> Iterator["Window"]:
        """A fresh window with an empty profile, signed in by a session's cookie where there is one."""
        context = self.do(self._browser.new_context, **{"reduced_motion": "reduce"} | options)
        try:
            yield self.do(Window, context, server, session, self.do)
        finally:
            self.do(context.close)

    @contextmanager
    def used_window(self, server: str, session: str = "") -> Iterator["Window"]:
        """A large, light window of a profile that has the server's styles and scripts already, and nothing else."""
        if self._used is None:
            options: dict[str, Any] = {"reduced_motion": "reduce", "viewport": browsing.LARGE, "color_scheme": "light"}
            self._used = self.do(self._browser.new_context, **options)
        window = self.do(Window, self._used, server, session, self.do)
        try:
            yield window
        finally:
            self.do(window.leave)

    def close(self) -> None:
        """End Chromium and its thread."""
        self.do(self._running.__exit__, None, None, None)
        self._thread.shutdown()


class Window:
    """One browser window on one server. `do` gives a step its page, on the browser's thread."""

    def __init__(self, context: BrowserContext, server: str, session: str, run: Callable[..., Any]) -> None:
        self.context, self.server, self._run = context, server, run
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

    def leave(self) -> None:
        """Close the page, and forget what it kept but for files; to be called on the browser's thread."""
        devtools = self.context.new_cdp_session(self.page)
        what = "cookies,local_storage,indexeddb,service_workers"
        devtools.send("Storage.clearDataForOrigin", {"origin": self.server, "storageTypes": what})
        self.page.close()
        self.context.clear_cookies()
