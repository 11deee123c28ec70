"""Random business under random faults, from a seed; then everything is well again, and the ledgers must agree."""

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from threading import Timer
from typing import Any

from tests.chaos.business import Business, Size
from tests.chaos.customers import Customers
from tests.chaos.installation import Installation, ProblemError
from tests.chaos.lies import Liar
from tests.chaos.postgres_server import PostgresServer
from tests.chaos.redis_server import RedisServer
from tests.chaos.second_user import SecondUser
from tests.waiting import wait_for

WORKERS = ("worker-now", "worker-later")
CHARGES = {"quoteOnly": "N"}
MOST_ACCOUNTS_LOST = 4  # five in a row would hold all that are still to be made for an hour
# What the CA does to the next call of an action: kind, options.
CA_FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cut-before", {}),
    ("cut-after", {}),
    ("latency", {"seconds": 5}),
    ("after-caller-gave-up", {"seconds": 3}),
    ("server-error", {"status": 502}),
    ("server-error", {"status": 503, "after": True}),
    ("wrong-json", {"after": True}),
    ("too-many-requests", {}),
)
REDIS_FAULTS = ("killed", "hanging", "flushed", "replica")
# How often each fault comes in every round of them; a round brings them all, in any order.
SHARES = {
    "charge": 6,
    "removal": 1,
    "account": 1,
    "extension": 1,
    "move": 1,
    "suspension": 2,
    "second user": 2,
    "stop": 1,
    "kill": 1,
    "price": 1,
}
SHARES_OF_SERVERS = {"Redis": 2, "cut": 1, "PostgreSQL": 1}
DEARER_EVERY = 3  # rounds: a higher price stops all that is ordered
BUSY = ("queued", "sending", "unknown")
PATIENCE = 600  # seconds for each part of a run, on a busy machine
LOST_AFTER = 10  # seconds until a message counts as lost


@dataclass
class Story:
    """One run: `play` it, `come_to_rest`, then `explained.assert_all_is_explained`."""

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
        self.customers = Customers(self.installation)
        self.business = Business(self._ask, self.chance, self.size)
        self.removed: set[str] = set()
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._stopped: list[Timer] = []
        self._away: set[str] = set()
        self._dear = 50
        self._swept_late_at = time.monotonic()
        has_servers = self.redis is not None and self.postgres is not None
        shares = SHARES | (SHARES_OF_SERVERS if has_servers else {})
        self._to_come = list(islice(_rounds(self.chance, shares), self.size.rounds * sum(shares.values())))
        self._ca_faults = _rounds(self.chance, dict.fromkeys(range(len(CA_FAULTS)), 1))
        self._redis_faults = _rounds(self.chance, dict.fromkeys(REDIS_FAULTS, 1))

    # --- The time of faults

    def play(self) -> None:
        """Do business while things go wrong, until all is ordered and everything has gone wrong."""
        assert self.installation.stand_in is not None
        self.installation.stand_in.lie = self.liar
        self.installation.prepare_for_extensions()
        began, next_fault, next_look = time.monotonic(), 0.0, 0.0
        while self._to_come or not self.business.is_done:
            now = time.monotonic()
            assert now < began + PATIENCE, "the business does not come to an end"
            self._do_what_is_due(now)
            self.business.go_on()
            if self._to_come and now >= next_fault:
                self._go_wrong(self._to_come.pop())
                next_fault = now + self.chance.uniform(0.2, 0.8)
            if not self._to_come or now > began + self.size.seconds:
                self._to_come.clear()
                self.installation.disarm()
                self._ask("let_waits_end")
            if now >= next_look:
                self._look()
                next_look = now + 1.5
        self._have_all_back()

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

        [answer] = wait_for(answered, seconds=120, every=0.3, what=f"an answer to {command}") or []
        return answer

    def _do_what_is_due(self, now: float) -> None:
        due = [end for at, end in self._later if at <= now]
        self._later = [(at, end) for at, end in self._later if at > now]
        for end in due:
            end()

    def _have_all_back(self) -> None:
        self._do_what_is_due(float("inf"))
        for timer in self._stopped:
            timer.join()

    def _look(self) -> None:
        """Do what beat does, what staff do, and what customers ask for now and then."""
        self._start_what_ended()
        ask = self._ask
        self._sweep()
        ask("decide", False)
        accounts = ask("ready_accounts")
        if accounts:
            ask("read", self.chance.choice(sorted(accounts)))
        if self.chance.random() < 0.3:
            self.business.move()
        if self.chance.random() < 0.5:
            self.business.stop_or_let_go_on()
        if self.chance.random() < 0.5:
            self.business.stop_a_client_or_let_it_go_on()
        if self.chance.random() < 0.2:
            self.business.end()
        self._register_a_client()
        self._change_names()

    def _register_a_client(self) -> None:
        """Be a customer who registers one more client under a key."""
        keys = self._ask("keys")
        few = [code for code in sorted(keys) if self.customers.registered[code] < self.size.clients]
        if few:
            code = self.chance.choice(few)
            self.customers.register(code, *keys[code])

    def _change_names(self) -> None:
        """Have a name that is there removed, or replaced by another; some of these are called off again."""
        settled = self._settled_names()
        if settled and len(self.removed) < self.size.removals and self.chance.random() < 0.4:
            code, name = self.chance.choice(settled)
            self.removed.add(name)
            self._ask("remove", code, name)
        if settled and self.chance.random() < 0.5:
            code, name = self.chance.choice(settled)
            if code != self.business.ended and name not in self.removed:
                self.business.replace(code, name)
        if self.chance.random() < 0.1:
            self.business.change_their_mind()

    def _sweep(self) -> None:
        """Do what beat does; now and then so late that messages that were sent count as lost."""
        if time.monotonic() - self._swept_late_at > LOST_AFTER:
            self._swept_late_at = time.monotonic()
            self._ask("forget_messages")
        self._ask("sweep")

    def _settled_names(self) -> list[tuple[str, str]]:
        """Give code and name of what was paid for, but for what the second user has taken out."""
        return [(code, name) for code, name in self._ask("settled_names") if name not in self.second.removed]

    def _start_what_ended(self) -> None:
        """Be the supervisor of the workers."""
        for name in WORKERS:
            worker = self.installation.processes.get(name)
            if worker is not None and worker.poll() is not None:
                self.faults[f"{name} ended by itself"] += 1
                self.installation.start_worker(name)

    # --- What goes wrong

    def _go_wrong(self, way: str) -> None:
        self.faults[way] += 1
        self.WAYS[way](self)

    def _lose_a_charge(self) -> None:
        self._arm("ADDDOMAIN", arguments=CHARGES)

    def _lose_a_removal(self) -> None:
        self._arm("REMOVEDOMAIN")

    def _lose_an_extension(self) -> None:
        self._arm("EXTENDDOMAINS", arguments=CHARGES)

    def _lose_a_move(self) -> None:
        self._arm("UPDATEDOMAINS")

    def _lose_a_suspension(self) -> None:
        self._arm(self.chance.choice(("SUSPENDACCOUNT", "UNSUSPENDACCOUNT", "DEACTIVATEACCOUNT")))

    def _lose_an_account(self) -> None:
        if self.faults["account"] <= MOST_ACCOUNTS_LOST:
            self._arm("PREREGISTER")

    def _arm(self, action: str, **options: Any) -> None:
        # An armed fault waits for its call: there are no more of them than calls to meet.
        kind, how = CA_FAULTS[next(self._ca_faults)]
        self.installation.arm(action, kind, **how, **options)

    def _let_the_second_user_act(self) -> None:
        accounts = self._ask("ready_accounts")
        ours = self.removed | self.business.replaced
        spare = [(accounts[code], name) for code, name in self._settled_names() if name not in ours]
        self.second.act(self.chance, sorted(accounts.values()), spare)

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

        def go_on() -> None:
            worker.send_signal(signal.SIGCONT)
            self._away.discard(name)

        self._away.add(name)
        worker.send_signal(signal.SIGSTOP)
        # By a clock of its own: what it is asked next may wait for a row that the worker holds.
        self._stopped.append(Timer(self.chance.choice((1.0, 3.0, 12.0)), go_on))
        self._stopped[-1].start()

    def _raise_the_price(self) -> None:
        if self.faults["price"] % DEARER_EVERY != 1:
            return
        self._dear += 5
        self.installation.set_price("DV", self._dear)
        self.installation.set_price("OV", 4 * self._dear)

    def _lose_redis(self) -> None:
        redis, how = self.redis, next(self._redis_faults)
        assert redis is not None
        self._be_away("Redis", lambda: redis.be_away(how), self.chance.uniform(0.5, 3), lambda: redis.come_back(how))

    def _cut_connections(self) -> None:
        assert self.postgres is not None
        if "PostgreSQL" not in self._away:
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
        "charge": _lose_a_charge,
        "removal": _lose_a_removal,
        "account": _lose_an_account,
        "extension": _lose_an_extension,
        "move": _lose_a_move,
        "suspension": _lose_a_suspension,
        "second user": _let_the_second_user_act,
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
        wait_for(self._is_settled, seconds=PATIENCE, every=0.5, what="every operation settled")
        for _ in range(3):  # the first closes what a lie or a late message left, the others agree minutes apart
            self._read_all()
            self._ask("let_time_pass", 6)
        self._read_all()

    def _is_settled(self) -> bool:
        self._start_what_ended()
        ask = self._ask
        ask("let_waits_end")
        self._sweep()
        states = {row["state"] for row in ask("operations")}
        if "attention" in states:
            # What waits for a person may hold what is queued behind it.
            is_over = states.isdisjoint(("sending", "unknown"))
            if is_over:
                self._read_all()
            ask("decide", is_over)
        return states.isdisjoint((*BUSY, "attention"))

    def _read_all(self) -> None:
        """Have every subscription read after this moment, and the list of EAB pairs, again where a message was lost."""
        now, asked_at = datetime.fromisoformat(self._ask("database_time")), -float(LOST_AFTER)
        self._ask("look_for_strays")

        def is_read() -> bool:
            nonlocal asked_at
            self._start_what_ended()
            old = [code for code, at in self._ask("read_at").items() if not at or datetime.fromisoformat(at) < now]
            if time.monotonic() - asked_at > LOST_AFTER:
                asked_at = time.monotonic()
                for code in old:
                    self._ask("read", code)
            return not old

        wait_for(is_read, seconds=PATIENCE, every=0.2, what="a reading of every subscription")

    def told(self) -> str:
        """Give in a line how much there was."""
        rows = self.installation.ask("operations")
        done = Counter(row["kind"] for row in rows if row["state"] == "succeeded")
        faults = ", ".join(f"{number} {what}" for what, number in self.faults.most_common())
        kinds = ", ".join(f"{number} {kind}" for kind, number in done.most_common())
        replaced = Counter(row["state"] for row in self.installation.ask("replacements"))
        replacements = ", ".join(f"{number} {state}" for state, number in replaced.most_common())
        return f"{kinds}; replacements: {replacements}; {faults}; {self.liar.told} lies"

    def keep_evidence(self) -> None:
        """Write down what both sides hold, beside the logs of the processes."""
        self._have_all_back()
        made = {"seed": self.seed, "ca": self.installation.summary()} | self._ask("evidence")
        (self.installation.folder / "evidence.json").write_text(json.dumps(made, indent=1))


def _rounds(chance: random.Random, shares: Mapping[Any, int]) -> Iterator[Any]:
    """Give everything as often as its share says, in any order, and so on without end."""
    while True:
        order = [what for what, share in shares.items() for _ in range(share)]
        chance.shuffle(order)
        yield from order
