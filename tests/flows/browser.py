"""The system's Chromium, here or inside a namespace."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The path of the system's Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def running_chromium(executable: Path | str) -> Iterator[Browser]:
    """A headless Chromium with an empty profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(executable), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def wrapped(executable: str, *, process_id: int, folder: Path) -> Path:
    """A script that starts the browser inside the namespace of a process."""
    script = folder / "chromium-inside"
    inside = f"nsenter --target {process_id} --net --mount --pid --"
    script.write_text(f'#!/bin/sh\nexec {inside} {executable} "$@"\n')
    script.chmod(0o755)
    return script
