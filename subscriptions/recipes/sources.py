"""Where each word of a page that belongs to a client was read: in that client's own source or documentation.

The table, `sources.csv`, is written from there, never from a page. `version` is the oldest version read that knows the
word, or the commit; `source` is the repository and the file.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# These run acme.sh, so their plug-ins and the plug-ins' variables are acme.sh's.
_RUN_ACME_SH = frozenset({"hosting-panels", "opnsense", "pfsense", "proxmox-ve"})
_OF_PLUGINS = frozenset({"provider", "variable"})


@dataclass(frozen=True, slots=True)
class Source:
    """A row: a flag, a setting, the name of a plug-in (`provider`) or one of its variables (`PLUGIN VARIABLE`)."""

    client: str
    kind: str
    word: str
    version: str
    source: str

    @property
    def repository(self) -> str:
        return self.source.partition(":")[0]


@cache
def sources() -> tuple[Source, ...]:
    """Give the whole table."""
    with (Path(__file__).parent / "sources.csv").open(newline="") as file:
        return tuple(Source(**row) for row in csv.DictReader(file))


def client_of(slug: str, kind: str) -> str:
    """Give the client that a word of this page stands under."""
    return "acme-sh" if slug in _RUN_ACME_SH and kind in _OF_PLUGINS else slug


@cache
def read_in(slug: str) -> tuple[str, ...]:
    """Give what the words of this page were read in: repositories, each with its versions.

    What a page has of its own comes from its flags and settings; where it has none, from its plug-ins.
    """
    own = [row for row in sources() if row.client == slug and row.kind not in _OF_PLUGINS]
    plugins = [row for row in sources() if row.client == client_of(slug, "provider") and row.kind in _OF_PLUGINS]
    return _repositories(own or plugins)


@dataclass(frozen=True, slots=True)
class NewerPlugin:
    """A plug-in, or one of its variables, that the oldest version read does not have, and a version that has it."""

    lacking: str
    having: str


@cache
def newer_plugin(slug: str, plugin: str) -> NewerPlugin | None:
    """Give what a reader with the oldest version has to know of this plug-in; None where it is as old as the client."""
    rows = [row for row in sources() if row.client == slug]
    oldest = min((row.version for row in rows if row.kind == "flag"), key=_ordered, default=None)
    needed = max(
        (row.version for row in rows if row.kind in _OF_PLUGINS and row.word.partition(" ")[0] == plugin),
        key=_ordered,
        default=None,
    )
    if oldest is None or needed is None or _ordered(needed) <= _ordered(oldest):
        return None
    return NewerPlugin(oldest, needed)


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _repositories(rows: Iterable[Source]) -> tuple[str, ...]:
    versions: dict[str, list[str]] = {}
    for row in rows:
        found = versions.setdefault(row.repository, [])
        if row.version not in found:
            found.append(row.version)
    return tuple(f"{repository} {', '.join(sorted(found))}" for repository, found in sorted(versions.items()))
