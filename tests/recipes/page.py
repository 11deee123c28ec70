"""Reads a rendered set-up page the way a browser does: the text content of each `<code>` that has an id."""

import re
import shlex
from html import unescape
from html.parser import HTMLParser


class _CodeReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self._open: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        identifier = dict(attrs).get("id")
        if tag == "code" and identifier:
            self._open = identifier
            self.found[identifier] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "code":
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self.found[self._open] += data


def blocks_from_html(html: str) -> dict[str, str]:
    """The text of every block of the page, by its id, in page order."""
    reader = _CodeReader()
    reader.feed(html)
    reader.close()
    return reader.found


def words_of_item(html: str, start: str) -> list[str]:
    """What the page shows as code in its one list item that starts with these words."""
    (item,) = [item for item in re.findall(r"<li>(.*?)</li>", html, re.DOTALL) if _text_of(item).startswith(start)]
    return [_text_of(code) for code in re.findall(r"<code>(.*?)</code>", item, re.DOTALL)]


def _text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def shell_words(command: str) -> list[str]:
    """The words of one command, with its continued lines joined as a shell does (shlex keeps the line break)."""
    return shlex.split(command.replace("\\\n", ""))
