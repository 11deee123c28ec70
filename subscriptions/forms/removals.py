"""Which names are to be taken out, as a list's boxes or a page's hidden fields say."""

from uuid import UUID

from django.http import QueryDict

from accounts.errors import ServiceError

MOST_NAMES = 500  # taken out by one confirmation


class RemovalForm:
    """The codes of chosen names, and the version of the page that told what goes."""

    def __init__(self, data: QueryDict) -> None:
        self.codes = _codes(data.getlist("name"))
        self.seen = data.get("seen", "")
        self.problem = ""

    def check_seen(self, version: str) -> None:
        """Raise ServiceError where the page that was confirmed told something else than is so now."""
        if self.seen != version:
            raise ServiceError("Something about these names changed since this page was opened. Nothing was removed.")


def _codes(typed: list[str]) -> list[UUID]:
    codes: dict[UUID, None] = {}
    for text in typed[:MOST_NAMES]:
        try:
            codes[UUID(text)] = None
        except ValueError:
            continue
    return list(codes)
