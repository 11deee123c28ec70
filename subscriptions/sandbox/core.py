"""The sandbox without a network: an admin call in, a reply out."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from .acme.authority import Authority
from .actions import ACTIONS
from .ageing import age
from .arguments import COMMON, FORM_TYPE, Form, check_arguments
from .calls import Call, Switches
from .clock import Clock, real_time
from .endings import end_newest_order
from .faults import ArmedFault, Fault, FaultQueue, apply_fault
from .products import PRODUCTS
from .replies import Refusal, Reply, error_reply, json_reply
from .resellers import (
    DEMO_LOGIN_NAME,
    DEMO_LOGIN_PASSWORD,
    ensure_reseller,
    find_reseller,
    password_fits,
    set_up,
)
from .state import State, instant_text
from .summary import Summary, summarize


class Sandbox:
    """A stand-in for CaaS with its state in one file.

    `logins` are the resellers' login names and passwords (one demo reseller when there are none); `clock` gives the
    base time, to which the stored offset is added; `switches` say how it is set up.
    """

    def __init__(
        self,
        state_path: Path | str,
        *,
        clock: Callable[[], datetime] = real_time,
        logins: Mapping[str, str] | None = None,
        switches: Switches | None = None,
    ) -> None:
        self.state = State(Path(state_path))
        self.authority = Authority(self.state, Path(state_path).with_name("ca.pem"))
        self.clock = Clock(self.state, clock)
        self.switches = switches or Switches()
        self.faults = FaultQueue()
        self.logins = dict(logins or {DEMO_LOGIN_NAME: DEMO_LOGIN_PASSWORD})
        self._held: list[Callable[[], None]] = []
        with self.state.transaction() as db:
            for name in self.logins:
                ensure_reseller(db, name)

    def handle_admin(self, body: bytes, *, content_type: str = FORM_TYPE, secure: bool = True) -> Reply:
        """Answer one POST to `/products/!ACMEAdmin`; never raises for anything a caller can send."""
        if not secure:
            return error_reply(Refusal("https-required").row)
        form = Form.parse(body, content_type)
        action = form.first("action")
        fault = self.faults.take(action, form)
        if fault is None:
            reply = self._answer(form)
            self._record(form, "answered" if reply.status == 200 else "refused")
            return reply
        self._record(form, f"fault {fault.kind}")
        reply = apply_fault(fault, lambda: self._answer(form))
        if fault.hold and reply.late is not None:
            self._held.append(reply.late)
            return Reply(cut=True, delay=reply.delay, late=_nothing)
        return reply

    def arm(self, action: str, fault: Fault, *, count: int | None = 1, **arguments: str) -> None:
        """Let the next `count` calls of the action (`*`: of any; None: all until `disarm`) meet the fault.

        Named arguments narrow it: `quoteOnly="N"` spares quotes, `domainName="…"` waits for that name.
        """
        self.faults.arm(ArmedFault(action, fault, count, arguments))

    def disarm(self) -> None:
        """Take back every armed fault."""
        self.faults.clear()

    def release(self) -> None:
        """Make the changes held by `Fault.after_caller_gave_up(hold=True)`, oldest first."""
        held, self._held = self._held, []
        for change in held:
            change()

    def summary(self) -> Summary:
        """Calls, charges, refunds and balances so far."""
        with self.state.transaction() as db:
            return summarize(db)

    def call_log(self) -> list[str]:
        """The actions called, in order of arrival."""
        with self.state.transaction() as db:
            return [row["action"] for row in db.execute("SELECT action FROM calls ORDER BY id")]

    def advance(self, **step: float) -> None:
        """Move the clock, with the arguments of `timedelta`: `advance(days=31)`."""
        self.clock.advance(timedelta(**step))

    def set_balance(self, login_name: str, amount: Decimal | str) -> None:
        """Give a reseller that balance. Raises KeyError for an unknown reseller."""
        with self.state.transaction() as db:
            changed = db.execute(
                "UPDATE resellers SET balance_cents = ? WHERE login_name = ?", (cents_of(amount), login_name)
            )
            if changed.rowcount != 1:
                raise KeyError(login_name)

    def set_price(self, login_name: str, validation_type: str, domain_type: str, amount: Decimal | str | None) -> None:
        """Set the price of a year of `FQDN` or `Wildcard`; None leaves it unconfigured.

        Raises KeyError for an unknown reseller.
        """
        with self.state.transaction() as db:
            reseller = find_reseller(db, login_name)
            if reseller is None:
                raise KeyError(login_name)
            row = (reseller["id"], validation_type, domain_type)
            db.execute("DELETE FROM prices WHERE reseller_id = ? AND validation_type = ? AND domain_type = ?", row)
            if amount is not None:
                db.execute("INSERT INTO prices VALUES (?, ?, ?, ?)", (*row, cents_of(amount)))

    def set_servers(self, login_name: str, validation_types: Iterable[str]) -> None:
        """Give the reseller the servers of exactly those types (`products`).

        Raises KeyError for an unknown reseller or type.
        """
        products = [PRODUCTS[validation_type] for validation_type in validation_types]
        with self.state.transaction() as db:
            reseller = find_reseller(db, login_name)
            if reseller is None:
                raise KeyError(login_name)
            set_up(db, reseller["id"], products)

    def set_anchor(self, number: str, organization: str, country: str) -> None:
        """Say whom an organization pre-validation is about; others are about invented companies."""
        with self.state.transaction() as db:
            db.execute("INSERT OR REPLACE INTO anchors VALUES (?, ?, ?)", (number, organization, country))

    def end_order(self, name: str, code: int) -> None:
        """Let the newest order of a name end with that code of GETLASTORDER, whatever became of it before.

        Raises KeyError for a name without an order, ValueError for a code that it cannot end with.
        """
        with self.state.transaction() as db:
            end_newest_order(db, name, code)

    def age(self, key_id: str, days: int) -> None:
        """Make what an EAB key has older by so many days: terms, names, charges, certificates.

        Raises KeyError for an unknown key.
        """
        with self.state.transaction() as db:
            age(db, key_id, days)

    def close(self) -> None:
        """Close the state file."""
        self.state.close()

    def _answer(self, form: Form) -> Reply:
        try:
            self._check_login(form)
            return self._run(form)
        except Refusal as refusal:
            return error_reply(refusal.row)

    def _check_login(self, form: Form) -> None:
        for parameter in COMMON:
            if not form.first(parameter.name):
                raise Refusal("missing-argument", parameter.name)
        if not password_fits(self.logins, form.first("loginName"), form.first("loginPassword")):
            raise Refusal("login")

    def _run(self, form: Form) -> Reply:
        action = ACTIONS.get(form.first("action"))
        if action is None:
            raise Refusal("invalid-argument", "action")
        arguments = check_arguments(form, COMMON + action.parameters)
        now = self.clock.now()
        with self.state.transaction() as db:
            reseller = find_reseller(db, form.first("loginName"))
            if reseller is None:
                raise Refusal("login")
            return json_reply(action.run(Call(db, now, reseller, arguments, self.switches)))

    def _record(self, form: Form, outcome: str) -> None:
        with self.state.transaction() as db:
            db.execute(
                "INSERT INTO calls (received_at, login_name, action, quote, outcome) VALUES (?, ?, ?, ?, ?)",
                (
                    instant_text(self.clock.now()),
                    form.first("loginName")[:64],
                    form.first("action")[:30],
                    form.first("quoteOnly") == "Y",
                    outcome,
                ),
            )


def cents_of(amount: Decimal | str) -> int:
    """An amount such as `200.00` in cents; raises decimal.InvalidOperation for what is none."""
    return int((Decimal(amount) * 100).to_integral_exact())


def _nothing() -> None:
    """The change waits for `release`."""
