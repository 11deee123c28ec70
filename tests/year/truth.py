"""What was really so, from what the clients did and not from what the portal knows: each name’s spells of trouble."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.year.business import Bought
from tests.year.clients import DUE, Client, Issued

LATE = 0.10  # of the lifetime, beyond the time at which it is due


@dataclass(frozen=True)
class Spell:
    """Some time in which something was the matter with a name; `is_cured` is whether a new certificate ended it."""

    notice: str
    name: str
    began: datetime
    ended: datetime
    is_cured: bool

    @property
    def lasted(self) -> timedelta:
        """How long it lasted."""
        return self.ended - self.began


def spells_of(bought: Bought, until: datetime) -> list[Spell]:
    """Give all spells of a subscription's names: none goes on after the end of its term, nor after `until`."""
    end = min(until, bought.ends_at)
    found = [spell for client in bought.clients for spell in _spells(client, end)]
    return [spell for spell in found if spell.began < spell.ended]


def _spells(client: Client, end: datetime) -> Iterator[Spell]:
    followers = [*client.issued[1:], None]
    for issued, follower in zip(client.issued, followers, strict=True):
        for notice, began, ended in _troubles(client, issued, end if follower is None else follower.at):
            is_cured = follower is not None and ended == follower.at and ended <= end
            for name in client.names:
                yield Spell(notice, name, began, min(ended, end), is_cured)


def _troubles(client: Client, issued: Issued, next_at: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """Give what was the matter between a certificate and the next: what is worse takes the place of what is less."""
    within = [at for at, _ in client.failed if issued.at <= at < next_at]
    failed = min(within, default=next_at)
    revoked = min((at for at in client.revoked if issued.at <= at < next_at), default=next_at)
    expired = min(issued.valid_until, revoked, next_at)
    yield "certificate_late", issued.after(DUE + LATE), min(failed, expired)
    yield "certificate_failing", failed, expired
    yield "certificate_expired", issued.valid_until, revoked if revoked > issued.valid_until else next_at
    yield "certificate_revoked", revoked, next_at
