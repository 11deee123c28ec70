"""What the sign-in library tells by its signals, written into the audit trail."""

from typing import Any

from allauth.account import signals as account
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.http import HttpRequest

from accounts import tallies
from accounts.addresses import client_network, current_request, signed_in_person
from accounts.audit import record_event
from accounts.happenings import Happening
from accounts.models import Customer, User

REFUSALS_TOLD = 10  # of one address and one network within a day; then every tenth, hundredth and so on
UNKNOWN_ADDRESS = "an unknown address"
BY_COMMAND = "by a command on the server"
# How people sign in, in words.
METHODS: dict[str, str] = {
    Authenticator.Type.TOTP: "code from an app",
    Authenticator.Type.RECOVERY_CODES: "recovery code",
    Authenticator.Type.WEBAUTHN: "passkey",
}
RECOVERY_CODES = Authenticator.Type.RECOVERY_CODES


def connect() -> None:
    """Have each signal written into the trail, once."""
    for signal, receiver in (
        (account.user_logged_in, _signed_in),
        (user_logged_out, _signed_out),
        (user_login_failed, _refused),
        (account.password_changed, _password_changed),
        (account.password_set, _password_changed),
        (account.password_reset, _password_reset),
        (mfa.authenticator_added, _factor_added),
        (mfa.authenticator_removed, _factor_removed),
        (mfa.authenticator_reset, _factor_added),
        (mfa.authenticator_used, _factor_used),
        (mfa.authentication_failed, _factor_refused),
    ):
        signal.connect(receiver, dispatch_uid=f"trail.{receiver.__name__}")


def only_customer_of(email: str) -> Customer | None:
    """Give the customer whose owners see what the person with this address does: the only one they belong to.

    Where the reseller's staff are is nobody else's business, even of those who belonged to a customer before.
    """
    customers = Customer.objects.filter(memberships__user__email=email, memberships__user__reseller_role="")[:2]
    return customers[0] if len(customers) == 1 else None


def typed_address(text: str) -> str:
    """Give an address that somebody typed and nobody has, where it is surely one; else nothing.

    People type passwords in the wrong field, or behind their address. Only an address at a domain that some other
    person's address has is kept.
    """
    _, at, domain = text.rpartition("@")
    is_ours = User.objects.filter(email__endswith=f"@{domain.lower()}").exists()
    return text if at and is_ours else ""


def reset_requested(email: str) -> None:
    """Write that somebody asked for a link to reset a password.

    Whose address it is, is not looked up: neither the time of the answer nor its statements tell who can sign in.
    """
    address = typed_address(email)
    if _is_told("reset", email):
        told = address or UNKNOWN_ADDRESS
        record_event(Happening.RESET_REQUESTED, actor=None, about=address, email=told)


def record_about(happening: Happening, user: User, *, actor: User | None, **detail: Any) -> None:
    """Write what happened to a person; the owners of the only customer they belong to see it."""
    record_event(happening, actor=actor, target=user, customer=only_customer_of(user.email), email=user.email, **detail)


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    used = [str(record.get("type", record["method"])) for record in get_authentication_records(request, user)]
    how = " and ".join(METHODS.get(method, method.replace("_", " ")) for method in used)
    record_about(Happening.SIGNED_IN, user, actor=user, methods=used, how=how)


def _signed_out(request: HttpRequest | None, user: User | None, **_: Any) -> None:
    # Whoever ends a session before a page was looked for has a reason, and writes it down together with that.
    if user is not None and request is not None and request.resolver_match is not None:
        record_about(Happening.SIGNED_OUT, user, actor=user)


def _refused(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    email = str(credentials.get("email") or credentials.get("username") or "").lower()
    user = User.objects.filter(email=email).first()
    # All of it for an address that nobody has, too: how long the answer takes must not tell.
    address, customer = typed_address(email), only_customer_of(email)
    if not _is_told("sign-in", user.email if user else ""):
        return
    is_signed_in = user is not None and getattr(request, "user", None) == user
    record_event(
        Happening.REAUTHENTICATION_REFUSED if is_signed_in else Happening.SIGN_IN_REFUSED,
        actor=user if is_signed_in else None,
        target=user,
        customer=customer,
        about=address,
        email=user.email if user else address or UNKNOWN_ADDRESS,
    )


def superuser_made(user: User) -> None:
    """Write that a command on the server has made a superuser."""
    record_about(Happening.SUPERUSER_MADE, user, actor=None, how=BY_COMMAND)


def password_given(user: User) -> None:
    """Write that a command on the server has given a person another password."""
    record_about(Happening.PASSWORD_CHANGED, user, actor=None, how=BY_COMMAND)


def second_factor_asked(user: User) -> None:
    """Write that somebody has taken the first step of a person's sign-in: whether it ends there, only time tells."""
    if _is_told("second factor", user.email):
        record_about(Happening.SECOND_FACTOR_ASKED, user, actor=None)


def recovery_codes_shown(user: User) -> None:
    """Write that somebody has seen the recovery codes that are left."""
    record_about(Happening.RECOVERY_CODES_SHOWN, user, actor=user)


def passkey_refused(user: User | None) -> None:
    """Write that a passkey was not taken: of a person who is known by then, or of one who is not."""
    if not _is_told("passkey", user.email if user else ""):
        return
    if user is None:
        record_event(Happening.SIGN_IN_REFUSED, actor=None, email="a passkey")
    else:
        record_about(Happening.FACTOR_REFUSED, user, actor=None, factor=Authenticator.Type.WEBAUTHN)


def request_refused(request: HttpRequest) -> None:
    """Write that a request was answered with 403: the first of a person at a route within a day, the 10th, the 100th.

    Strangers count as one person: they cannot be told apart well enough.
    """
    user = signed_in_person(request)
    route = request.resolver_match.view_name if request.resolver_match else ""
    number = tallies.count("403", str(user.code) if user else "", route)
    if not tallies.is_told(number):
        return
    customer = only_customer_of(user.email) if user else None
    times = f"{route}, {number} times within a day" if number > 1 else route
    record_event(
        Happening.REQUEST_REFUSED,
        actor=user,
        customer=customer,
        route=route,
        method=request.method,
        number=number,
        what=times,
    )


def _is_told(what: str, of: str) -> bool:
    request = current_request()
    number = tallies.count(what, of, client_network(request) if request else "")
    return tallies.is_told(number, first=REFUSALS_TOLD)


def _password_changed(user: User, **_: Any) -> None:
    record_about(Happening.PASSWORD_CHANGED, user, actor=user)


def _password_reset(user: User, **_: Any) -> None:
    record_about(Happening.RESET_USED, user, actor=user)


def _factor_added(user: User, authenticator: Authenticator, **_: Any) -> None:
    is_codes = authenticator.type == RECOVERY_CODES
    happening = Happening.RECOVERY_CODES_MADE if is_codes else Happening.FACTOR_ADDED
    record_about(happening, user, actor=user, factor=authenticator.type)


def _factor_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    record_about(Happening.FACTOR_REMOVED, user, actor=user, factor=authenticator.type)


def _factor_used(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == RECOVERY_CODES:  # of the others the sign-in tells
        record_about(Happening.RECOVERY_CODE_USED, user, actor=user)


def _factor_refused(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    if _is_told("factor", user.email):
        is_signed_in = request.user == user
        record_about(Happening.FACTOR_REFUSED, user, actor=user if is_signed_in else None, factor=authenticator.type)
