"""What a page of the list is: a route, who looks at it, and how it came to show what it shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from accounts.models import User

Act = Callable[[BrowserPage], object]


@dataclass(frozen=True)
class Scene:
    """A page's rows are made: who looks, what stands in the address, and whether the sign-in is a recent one."""

    viewer: User | None = None
    args: Sequence[object] = ()
    is_recent: bool = True


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page in one state. `act` is what the person does there first; `lands` the route that leads to."""

    route: str
    state: str
    arrange: Callable[[], Scene]
    query: str = ""
    act: Act | None = None
    lands: str = ""
    status: int = 200
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.lands or self.route}: {self.state}"

    def address(self, scene: Scene) -> str:
        """The path of the page, of the rows of a scene."""
        return reverse(self.route, args=scene.args) + self.query


def press(button: str, /, *, shows: str = "", **values: str) -> Act:
    """Fill in fields by their names and press a button; wait for the text that its answer shows."""

    def act(page: BrowserPage) -> None:
        for name, value in values.items():
            page.locator(f"[name={name}]:visible").fill(value)
        page.get_by_role("button", name=button).first.click()
        if shows:
            expect(page.locator("body")).to_contain_text(shows)

    return act
