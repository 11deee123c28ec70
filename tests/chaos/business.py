"""What the reseller's staff do in a random run: accounts and their end, names, extensions, moves, suspensions."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

TYPES = ("DV", "OV")  # of the subscriptions, in turn


@dataclass(frozen=True)
class Size:
    """How much business there is, and how many rounds of faults, which end after so many seconds at the latest."""

    subscriptions: int
    orders: int  # of each subscription
    names: int  # of each order
    rounds: int
    seconds: float
    removals: int
    extensions: int
    moves: int
    suspensions: int
    clients: int  # that register under each subscription's key
    client_suspensions: int  # of one client, while the others of its key go on
    replacements: int


@dataclass
class Quoted:
    """A quote that is on its way to be an order."""

    code: str
    is_extension: bool = False
    replaces: str = ""  # the misspelt name


@dataclass
class Business:
    """All of it; `ask` has the driver do something. `is_done` once everything is ordered.

    `ended` is an account that is made to be deactivated for good: nothing is ordered for it.
    """

    ask: Callable[..., Any]
    chance: random.Random
    size: Size
    codes: list[str] = field(default_factory=list)
    moves: int = 0
    suspensions: int = 0
    client_suspensions: int = 0
    replaced: set[str] = field(default_factory=set)
    ended: str = ""
    _is_ended: bool = False
    _suspended: set[str] = field(default_factory=set)
    _suspended_clients: set[str] = field(default_factory=set)
    _quotes: dict[str, Quoted] = field(default_factory=dict)
    _ordered: Counter[str] = field(default_factory=Counter)  # orders by the subscription
    _extended: set[str] = field(default_factory=set)

    @property
    def is_done(self) -> bool:
        """Whether everything is ordered, moved, extended and ended, and nothing that was suspended is still."""
        size = self.size
        is_ordered = self._ordered.total() == size.subscriptions * size.orders and not self._quotes
        done = (len(self._extended), self.moves, self.suspensions, self.client_suspensions, len(self.replaced))
        wanted = (size.extensions, size.moves, size.suspensions, size.client_suspensions, size.replacements)
        is_stopped = bool(self._suspended or self._suspended_clients)
        return is_ordered and done == wanted and self._is_ended and not is_stopped

    def go_on(self) -> None:
        """Do a little of everything."""
        if len(self.codes) < self.size.subscriptions:
            type_ = TYPES[len(self.codes) % len(TYPES)]
            self.codes.append(self.ask("subscribe", self._form(), type_))
        elif not self.ended:
            self.ended = self.ask("subscribe", self._form())
        ready = sorted(self.ask("ready_accounts"))
        waiting = [code for code in ready if code != self.ended and self._ordered[code] < self.size.orders]
        if waiting:
            self._ask_for_names(self.chance.choice(waiting))
        self._ask_for_an_extension()
        for quote, asked in list(self._quotes.items()):
            self._confirm(quote, asked)

    def move(self) -> None:
        """Have all names under one pre-validation moved to a new one."""
        if self.moves < self.size.moves and self.ask("move", self.moves + 1):
            self.moves += 1

    def stop_or_let_go_on(self) -> None:
        """Suspend an account with its key, or reinstate it."""
        if self._suspended:
            code = min(self._suspended)
            if self.ask("reinstate", code):
                self._suspended.discard(code)
        elif self.suspensions < self.size.suspensions and self.codes:
            code = self.chance.choice(self.codes)
            if self.ask("suspend", code):
                self._suspended.add(code)
                self.suspensions += 1

    def stop_a_client_or_let_it_go_on(self) -> None:
        """Suspend one client by itself, or reinstate it."""
        if self._suspended_clients:
            account = min(self._suspended_clients)
            if self.chance.random() < 0.5 and self.ask("reinstate_client", account):
                self._suspended_clients.discard(account)
        elif self.client_suspensions < self.size.client_suspensions and self.codes:
            usable = self.ask("usable_clients", self.chance.choice(self.codes))
            if usable and self.ask("suspend_client", account := self.chance.choice(usable)):
                self._suspended_clients.add(account)
                self.client_suspensions += 1

    def replace(self, code: str, old: str) -> None:
        """Have a misspelt name replaced, once: of most the old one goes in the end, of some it is kept after all."""
        if len(self.replaced) == self.size.replacements or old in self.replaced:
            return
        new = f"right.{code[:8]}-{len(self.replaced)}.net"
        if quote := self.ask("replace", code, old, new, self._form()):
            self.replaced.add(old)
            self._quotes[quote] = Quoted(code, replaces=old)

    def change_their_mind(self) -> None:
        """Have a name that is being replaced kept, where that is still possible."""
        if self.replaced:
            self.ask("call_off", self.chance.choice(sorted(self.replaced)))

    def end(self) -> None:
        """Have the account that is made for it deactivated for good."""
        self._is_ended = self._is_ended or (bool(self.ended) and self.ask("deactivate", self.ended))

    def _ask_for_names(self, code: str) -> None:
        names = [self._new_name(code, number) for number in range(self.size.names)]
        if quote := self.ask("quote", code, names, self._form(), self.chance.random() < 0.3):
            self._ordered[code] += 1
            self._quotes[quote] = Quoted(code)

    def _ask_for_an_extension(self) -> None:
        if len(self._extended) == self.size.extensions or self.chance.random() < 0.5:
            return
        code = self.chance.choice([code for code in self.codes if code not in self._extended])
        if quote := self.ask("extend", code, self._form()):
            self._extended.add(code)
            self._quotes[quote] = Quoted(code, is_extension=True)

    def _confirm(self, quote: str, asked: Quoted) -> None:
        """Order it once it is priced; one that came to nothing is asked for again."""
        state = self.ask("quote_state", quote)
        if state not in ("ready", "refused"):
            return
        del self._quotes[quote]
        if state == "ready" and self.ask("confirm", quote):
            return
        if asked.is_extension:
            self._extended.discard(asked.code)
        elif asked.replaces:
            self.replaced.discard(asked.replaces)
        else:
            self._ordered[asked.code] -= 1

    def _form(self) -> str:
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    def _new_name(self, code: str, number: int) -> str:
        label = f"{self.chance.choice(('shop', 'mail', 'www', 'intra'))}"
        return f"{label}.{code[:8]}-{self._ordered[code]}-{number}.com"
