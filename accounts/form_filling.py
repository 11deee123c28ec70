"""A page's form with what was typed into it before: the page is read for its fields; these alone are written anew."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from itertools import accumulate
from urllib.parse import urljoin, urlsplit

from accounts.meanwhile import VERSION
from accounts.typed import Typed

NOT_FILLED = {"hidden", "password", "file", "submit", "button", "image", "reset"}
TICKED = {"checkbox", "radio"}
# VERSION is the one hidden field that comes back: it says what was seen, and who saves over a later change is told.
OF_THE_FORM_ITSELF = {VERSION, "form_token", "seen", "seen_event", "decision", "confirmed"}

Attributes = list[tuple[str, str | None]]


@dataclass(slots=True)
class Filled:
    """A page with what was typed; `found` says whether the form is still there, `left` what has no place any more."""

    page: str
    found: bool
    place: int
    left: list[tuple[str, str]] = field(default_factory=list)

    def with_notice(self, notice: str) -> str:
        """Give the page with a notice at the form, or at the beginning of its content."""
        return self.page[: self.place] + notice + self.page[self.place :]


def fill(page: str, typed: Typed) -> Filled:
    """Put what was typed into the form of a page that sends it to where it was sent to."""
    reader = _Reader(page, typed)
    reader.feed(page)
    reader.close()
    written, end, place = [], 0, reader.place
    for start, stop, text in reader.changes:
        written += [page[end:start], text]
        if start < reader.place:
            place += len(text) - (stop - start)
        end = stop
    filled = Filled("".join([*written, page[end:]]), reader.found, place)
    filled.left = list(_left(typed, reader.names))
    return filled


def _left(typed: Typed, there: set[str]) -> Iterator[tuple[str, str]]:
    for name, texts in typed.fields.items():
        text = "\n".join(texts).strip()
        if text and name not in there | OF_THE_FORM_ITSELF:
            yield name.replace("_", " ").capitalize(), text


class _Reader(HTMLParser):
    """Notes what is to be written anew (from, to, text), in the order of the page."""

    def __init__(self, page: str, typed: Typed) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0, *accumulate(len(line) + 1 for line in page.split("\n"))]
        self._typed = typed
        self._values = {name: list(texts) for name, texts in typed.fields.items()}
        self._inside = False
        self._select: str | None = None
        self._textarea: tuple[int, str] | None = None
        self.found = False
        self.place = 0
        self.names: set[str] = set()
        self.changes: list[tuple[int, int, str]] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Look at a tag."""
        given, end = dict(attrs), self._at() + len(self.get_starttag_text() or "")
        if tag == "form":
            self._begin(given, end)
        elif not self._inside:
            if given.get("id") == "content" and not self.found:
                self.place = end
        elif tag == "input":
            self._input(attrs, given)
        elif tag == "textarea":
            self._textarea = (end, given.get("name") or "")
        elif tag == "select":
            self._select = given.get("name") or ""
            self.names.add(self._select)
        elif tag == "option" and self._select in self._values:
            self._flag(tag, attrs, "selected", is_on=given.get("value") in self._values[self._select or ""])

    def handle_endtag(self, tag: str) -> None:
        """Look at the end of an element."""
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._textarea is not None:
            (begin, name), self._textarea = self._textarea, None
            self.names.add(name)
            if name in self._values:
                self.changes.append((begin, self._at(), f"\n{escape(self._next(name))}"))

    def _begin(self, given: dict[str, str | None], end: int) -> None:
        action = urlsplit(urljoin(self._typed.page, given.get("action") or "")).path
        self._inside = (given.get("method") or "").lower() == "post" and action == self._typed.action
        if self._inside and not self.found:
            classes = (given.get("class") or "").split()
            is_a_card = "card" in classes and "card-body" not in classes
            self.found, self.place = True, self._at() if is_a_card else end

    def _input(self, attrs: Attributes, given: dict[str, str | None]) -> None:
        name, kind = given.get("name") or "", (given.get("type") or "text").lower()
        self.names.add(name)
        if "disabled" in given:
            return
        if kind in TICKED:
            if kind == "checkbox" or name in self._values:
                self._flag("input", attrs, "checked", is_on=(given.get("value") or "on") in self._values.get(name, []))
        elif name in self._values and (kind not in NOT_FILLED or name == VERSION):
            self._write(
                "input", [(key, value) for key, value in attrs if key != "value"] + [("value", self._next(name))]
            )

    def _flag(self, tag: str, attrs: Attributes, flag: str, *, is_on: bool) -> None:
        rest = [(key, value) for key, value in attrs if key != flag]
        self._write(tag, [*rest, (flag, None)] if is_on else rest)

    def _next(self, name: str) -> str:
        """Give what was typed into this field; several of one name have theirs in order."""
        values = self._values[name]
        return values.pop(0) if len(values) > 1 else values[0]

    def _write(self, tag: str, attrs: Attributes) -> None:
        written = "".join(f" {key}" if value is None else f' {key}="{escape(value)}"' for key, value in attrs)
        start = self._at()
        self.changes.append((start, start + len(self.get_starttag_text() or ""), f"<{tag}{written}>"))

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column
