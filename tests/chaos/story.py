"""Random business under random faults, from a seed; then everything is well again, and the ledgers must agree."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.chaos.installation import Installation, ProblemError
from tests.chaos.ledgers import lines_of_ca, lines_of_portal
from tests.chaos.lies import Liar
from tests.chaos.postgres_server import PostgresServer
from tests.chaos.redis_server import RedisServer
from tests.chaos.second_user import SecondUser
from tests.waiting import wait_for

WORKERS = ("worker-now", "worker-later")
CHARGES = {"quoteOnly": "N"}
MOST_ACCOUNTS_LOST = 4  # five in a row would hold all that are still to be made for an hour
# What the CA does to the next call of an action: kind, options.
CA_FAULTS: tuple[tuple[str, str, dict[str, Any]], ...] = tuple(
    (action, kind, options | ({"arguments": CHARGES} if action == "ADDDOMAIN" else {}))
    for action in ("ADDDOMAIN", "REMOVEDOMAIN", "PREREGISTER")
    for kind, options in (
        ("cut-before", {}),
        ("cut-after", {}),
        ("latency", {"seconds": 5}),
        ("after-caller-gave-up", {"seconds": 3}),
        ("server-error", {"status": 502}),
        ("server-error", {"status": 503, "after": True}),
        ("wrong-json", {"after": True}),
        ("too-many-requests", {}),
    )
)


@dataclass(frozen=True)
class Size:
    """How much business there is, and for how long things go wrong at least."""

    subscriptions: int
    orders: int  # of each subscription
    names: int  # of each order
    seconds: float
    removals: int


@dataclass
class Story:
    """One run: `play` it, `come_to_rest`, then `assert_all_is_explained`."""

    installation: Installation
    seed: int
    size: Size
    redis: RedisServer | None = None
    postgres: PostgresServer | None = None
    faults: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - a repeatable test
        self.liar = Liar(self.seed, rate=0.08)
        self.second = SecondUser(self.installation)
        self.codes: list[str] = []
        self.quotes: dict[str, bool] = {}  # by code, and whether it is confirmed
        self.ordered: Counter[str] = Counter()  # orders by the subscription
        self.removed: list[tuple[str, str]] = []
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._away: set[str] = set()
        self._dear = 50

    # --- The time of faults

    def play(self) -> None:
        """Do business while things go wrong, until all is ordered and the time is over."""
        assert self.installation.stand_in is not None
        self.installation.stand_in.lie = self.liar
        ends, next_fault, next_look = time.monotonic() + self.size.seconds, 0.0, 0.0
        while time.monotonic() < ends or not self._is_all_confirmed():
            assert time.monotonic() < ends + 240, "the business does not come to an end"
            now = time.monotonic()
            self._do_what_is_due(now)
            self._do_business()
            if now >= next_fault and now < ends:
                self._go_wrong()
                next_fault = now + self.chance.uniform(0.2, 0.8)
            if now >= ends:
                self.installation.disarm()
                self._ask("let_waits_end")
            if now >= next_look:
                self._look()
                next_look = now + 1.5
        self._do_what_is_due(float("inf"))

    def _ask(self, command: str, *arguments: object) -> Any:
        """Have the driver do something that can be done twice, again while a server is away."""

        def answered() -> list[Any] | None:
            try:
                return [self.installation.ask(command, *arguments)]
            except ProblemError as problem:
                if not problem.is_of_server:
                    raise
                self._do_what_is_due(time.monotonic())
                return None

        [answer] = wait_for(answered, every=0.3, what=f"an answer to {command}") or []
        return answer

    def _do_what_is_due(self, now: float) -> None:
        due = [end for at, end in self._later if at <= now]
        self._later = [(at, end) for at, end in self._later if at > now]
        for end in due:
            end()

    def _is_all_confirmed(self) -> bool:
        wanted = self.size.subscriptions * self.size.orders
        return len(self.quotes) == wanted and all(self.quotes.values())

    def _form(self) -> str:
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    def _do_business(self) -> None:
        ask = self._ask
        if len(self.codes) < self.size.subscriptions:
            self.codes.append(ask("subscribe", self._form()))
        ready = sorted(ask("ready_accounts"))
        waiting = [code for code in ready if self.ordered[code] < self.size.orders]
        if waiting:
            code = self.chance.choice(waiting)
            names = [self._new_name(code, number) for number in range(self.size.names)]
            quote = ask("quote", code, names, self._form(), self.chance.random() < 0.3)
            self.ordered[code] += 1
            self.quotes[quote] = False
        for quote, is_confirmed in self.quotes.items():
            if not is_confirmed and ask("quote_state", quote) == "ready":
                ask("confirm", quote)
                self.quotes[quote] = True

    def _new_name(self, code: str, number: int) -> str:
        label = f"{self.chance.choice(('shop', 'mail', 'www', 'intra'))}"
        return f"{label}.{code[:8]}-{self.ordered[code]}-{number}.com"

    def _look(self) -> None:
        """Do what beat does, what staff do, and what a second user of the CA account does."""
        self._start_what_ended()
        ask = self._ask
        ask("sweep")
        ask("decide", False)
        accounts = ask("ready_accounts")
        if accounts:
            ask("read", self.chance.choice(sorted(accounts)))
        settled = [(code, name) for code, name in ask("settled_names") if name not in self.second.removed]
        if settled and len(self.removed) < self.size.removals and self.chance.random() < 0.4:
            code, name = self.chance.choice(settled)
            self.removed.append((code, name))
            ask("remove", code, name)
        taken = {name for _, name in self.removed}
        spare = [(accounts[code], name) for code, name in settled if name not in taken]
        if self.chance.random() < 0.15:
            self.faults["second user"] += 1
            self.second.act(self.chance, sorted(accounts.values()), spare)

    def _start_what_ended(self) -> None:
        """Be the supervisor of the workers."""
        for name in WORKERS:
            worker = self.installation.processes.get(name)
            if worker is not None and worker.poll() is not None:
                self.faults[f"{name} ended by itself"] += 1
                self.installation.start_worker(name)

    def _go_wrong(self) -> None:
        ways: list[tuple[str, int]] = [("CA", 30), ("kill", 2), ("stop", 4), ("price", 1)]
        if self.redis is not None:
            ways += [("Redis", 3)]
        if self.postgres is not None:
            ways += [("cut", 3), ("PostgreSQL", 1)]
        [way] = self.chance.choices([way for way, _ in ways], [weight for _, weight in ways])
        if way != "CA":
            self.faults[way] += 1
        self.WAYS[way](self)

    def _let_the_ca_fail(self) -> None:
        # An armed fault waits for its call: there are no more of them than calls to meet.
        likely = {"ADDDOMAIN": 12, "REMOVEDOMAIN": 2, "PREREGISTER": 1}
        [(action, kind, options)] = self.chance.choices(CA_FAULTS, [likely[action] for action, _, _ in CA_FAULTS])
        if action != "PREREGISTER" or self.faults[action] < MOST_ACCOUNTS_LOST:
            self.faults[action] += 1
            self.installation.arm(action, kind, **options)

    def _kill_a_worker(self) -> None:
        name = self.chance.choice(WORKERS)
        if name in self._away:
            return
        self.installation.kill_worker(name)
        self.installation.start_worker(name)

    def _stop_a_worker(self) -> None:
        name = self.chance.choice(WORKERS)
        worker = self.installation.processes[name]
        if name in self._away or worker.poll() is not None:
            return
        self._be_away(
            name,
            lambda: self.installation.signal(name, signal.SIGSTOP),
            self.chance.choice((1.0, 3.0, 12.0)),
            lambda: self.installation.signal(name, signal.SIGCONT),
        )

    def _raise_the_price(self) -> None:
        self._dear += 5
        self.installation.set_price("DV", self._dear)

    def _lose_redis(self) -> None:
        redis, how = self.redis, self.chance.choice(("killed", "hanging", "flushed", "replica"))
        assert redis is not None
        self._be_away("Redis", lambda: redis.be_away(how), self.chance.uniform(0.5, 3), lambda: redis.come_back(how))

    def _cut_connections(self) -> None:
        if self.postgres is not None and "PostgreSQL" not in self._away:
            self.postgres.cut_connections()

    def _stop_postgres(self) -> None:
        assert self.postgres is not None
        self._be_away("PostgreSQL", self.postgres.stop, 0, self.postgres.start)

    def _be_away(self, name: str, begin: Callable[[], None], seconds: float, end: Callable[[], None]) -> None:
        if name in self._away:
            return

        def come_back() -> None:
            end()
            self._away.discard(name)

        begin()
        self._away.add(name)
        self._later.append((time.monotonic() + seconds, come_back))

    WAYS = {
        "CA": _let_the_ca_fail,
        "kill": _kill_a_worker,
        "stop": _stop_a_worker,
        "price": _raise_the_price,
        "Redis": _lose_redis,
        "cut": _cut_connections,
        "PostgreSQL": _stop_postgres,
    }

    # --- And afterwards

    def come_to_rest(self) -> None:
        """Have everything well again, and go on until nothing is under way and every amount is known."""
        self.installation.disarm()
        self.liar.rate = 0
        ask = self._ask
        ask("forget_messages")
        wait_for(self._is_settled, seconds=150, every=1, what="every operation settled")
        for _ in range(3):  # the first closes what a lie or a late message left, the others agree minutes apart
            self._read_all()
            ask("let_time_pass", 6)
        self._read_all()

    def _is_settled(self) -> bool:
        self._start_what_ended()
        ask = self._ask
        ask("let_waits_end")
        ask("sweep")
        under_way = [row for row in ask("operations") if row["state"] in ("queued", "sending", "unknown", "attention")]
        if under_way and not any(row["state"] in ("queued", "sending", "unknown") for row in under_way):
            self._read_all()
            ask("decide", True)
        return not under_way

    def _read_all(self) -> None:
        """Have every subscription read, and the list of EAB pairs, after all that has ended so far counts as judged."""
        ask = self._ask
        ask("look_for_strays")
        for code in ask("ready_accounts"):
            self._read(code)

    def _read(self, code: str) -> None:
        """Have one subscription read, again where its message was lost on the way."""
        before = self._ask("read_at")[code]

        def is_read() -> bool:
            self._start_what_ended()
            self._ask("read", code)
            return self._ask("read_at")[code] not in ("", before)

        wait_for(is_read, every=0.5, what=f"a reading of {code}")

    def told(self) -> str:
        """Give in a line how much there was."""
        rows = self.installation.ask("operations")
        charged = sum(row["kind"] == "add_domain" and row["state"] == "succeeded" for row in rows)
        faults = ", ".join(f"{number} {what}" for what, number in self.faults.most_common())
        return f"{charged} charged lines; {faults}; {self.liar.told} lies"

    def assert_all_is_explained(self) -> None:
        """Check the ledgers line by line, amounts, findings, accounts and the gate."""
        ask = self.installation.ask
        ours, theirs = lines_of_portal(self.installation), lines_of_ca(self.installation, not_ours=self.second.names)
        by_second = [line for line in theirs if line[0] == "refund" and line[2] in self.second.removed]
        assert ours == sorted(line for line in theirs if line not in by_second), self._differences(ours, theirs)
        rows = ask("operations")
        assert Counter(row["state"] for row in rows).keys() <= {"succeeded", "canceled", "refused"}
        assert [row for row in rows if row["open"]] == []
        assert sum(Decimal(row["charged"]) for row in rows) > 0
        strangers = self.second.names | self.second.removed
        for finding in ask("findings"):
            # What the second user removed took its companion with it, which is refunded with it.
            unexpected = [line for line in finding["lines"] if strangers.isdisjoint(line["names"])]
            assert unexpected == [], finding["sort"]
        assert ask("gate")["closings"] == []
        keys = self.second.all_key_ids()
        assert keys == set(ask("key_ids")) | set(ask("stray_key_ids"))
        assert self.second.key_ids <= set(ask("stray_key_ids"))

    def _differences(self, ours: list[Any], theirs: list[Any]) -> str:
        differing = sorted(set(ours) ^ set(theirs))
        told = [f"{line}: {self.installation.ask('history', line[2])}" for line in differing[:5]]
        return "\n".join([f"seed {self.seed}", *told])
