"""Guessing passwords and codes, and asking for mails, is slowed down; the right person gets in all the same.

Tries count by the address they come from (of IPv6 the network of 64 bits), by the account, known or not, and by both
together. So one who guesses elsewhere shuts nobody out with a few tries. One who guesses from many addresses fills up
the account's own count: then the person gets in by a passkey, by a reset mail, or with a browser that is known, whose
tries are counted by themselves. E-mail addresses come here in their one writing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from accounts import devices
from accounts.addresses import client_network
from accounts.audit import record_event
from accounts.happenings import Happening
from accounts.models import User
from accounts.throttles import Counter, Limit, refusing
from accounts.trail import only_customer_of

MINUTE = timedelta(minutes=1)
ADDRESS = Limit("sign_in_address", 30, timedelta(seconds=20))
ADDRESS_AND_ACCOUNT = Limit("sign_in_both", 5, MINUTE)
ACCOUNT = Limit("sign_in_account", 20, timedelta(minutes=3))
DEVICE = Limit("sign_in_device", 10, MINUTE)
CODES = Limit("code_account", 5, timedelta(minutes=2))
CODES_OF_DEVICE = Limit("code_device", 10, MINUTE)
CONFIRMATIONS = Limit("confirm_session", 5, MINUTE)
RESETS_OF_ADDRESS = Limit("reset_address", 10, MINUTE)
# Links live an hour: who is refused has had a mail, whoever asked for it, whose link still works.
RESETS_OF_ACCOUNT = Limit("reset_account", 3, timedelta(minutes=50))
RESETS_OF_DEVICE = Limit("reset_device", 3, timedelta(minutes=50))
CHALLENGES = Limit("passkey_address", 60, timedelta(seconds=1))
# Counted while one is looked at and given back where it was right: so many at a time, and guesses of the secret.
MAIL_EVENTS = Limit("mail_events_address", 60, timedelta(seconds=5))

# They say the same of accounts that there are and that there are not.
SIGN_IN = (
    "Too many attempts. Choose “Forgot your password?” to be mailed a link that lets you in, or use your passkey if "
    f"you have one. Otherwise wait {ACCOUNT.every // MINUTE} minutes before the next try."
)
CODE = (
    "Too many attempts. Use your passkey or security key, or a browser that you have signed in with before. "
    f"Otherwise wait {CODES.every // MINUTE} minutes before the next try."
)
CONFIRM = (
    "Too many attempts. Use your passkey, or sign out and choose “Forgot your password?”. "
    f"Otherwise wait {CONFIRMATIONS.every // timedelta(seconds=1)} seconds before the next try."
)
RESET = "Too many reset mails were asked for. Open the newest one that came: its link still works. Or use your passkey."


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that has been counted; as a context, forgotten where what is inside ends well."""

    counters: Sequence[Counter] = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.forgive()

    def forgive(self) -> None:
        """Forget it: it was the right person."""
        for counter in self.counters:
            counter.give_back()


def sign_in(request: HttpRequest, email: str) -> Attempt:
    """Count a password that is tried; raise ValidationError where it is one too many."""
    network = client_network(request)
    elsewhere = ADDRESS.of(network), ADDRESS_AND_ACCOUNT.of(network, email), ACCOUNT.of(email)
    return _count(_by_device(request, email, DEVICE) or elsewhere, SIGN_IN, email)


def code(request: HttpRequest, user: User) -> Attempt:
    """Count a code of a second factor that is tried at sign-in; raise ValidationError where it is one too many."""
    elsewhere = ADDRESS.of(client_network(request)), CODES.of(user.pk)
    return _count(_by_device(request, user.email, CODES_OF_DEVICE) or elsewhere, CODE, user.email)


def confirm(request: HttpRequest, user: User) -> Attempt:
    """Count what a person signed in tries, to show who it is; raise ValidationError where it is one too many.

    By session: whoever has come by somebody's session shuts out no other one.
    """
    return _count([CONFIRMATIONS.of(request.session.session_key)], CONFIRM, user.email)


def reset(request: HttpRequest, email: str) -> None:
    """Count a reset mail that is asked for; raise ValidationError where it is one too many."""
    elsewhere = RESETS_OF_ADDRESS.of(client_network(request)), RESETS_OF_ACCOUNT.of(email)
    _count(_by_device(request, email, RESETS_OF_DEVICE) or elsewhere, RESET, email)


def challenge(request: HttpRequest) -> bool:
    """Count a challenge for a passkey, which takes a row; give False where it is one too many."""
    now = timezone.now()
    return bool(devices.known(request, now)) or CHALLENGES.of(client_network(request)).take(now)


def forgive_account(user: User) -> None:
    """Forget what was tried at a person's account from anywhere: the person has shown to be the right one."""
    ACCOUNT.of(user.email).clear()


def forget_resets(user: User) -> None:
    """Forget how many reset mails were asked for: the links in them do not work any more."""
    RESETS_OF_ACCOUNT.of(user.email).clear()


def _by_device(request: HttpRequest, email: str, limit: Limit) -> Sequence[Counter]:
    known = devices.known(request, timezone.now())
    return [limit.of(one.pk) for one in known if one.user.email == email]


def _count(counters: Sequence[Counter], message: str, email: str) -> Attempt:
    now = timezone.now()
    full = refusing(counters, now)
    if full is None:
        return Attempt(counters)
    if full.is_news(now):
        person = User.objects.filter(email=email).first()
        customer = only_customer_of(email)
        record_event(Happening.TRIES_REFUSED, actor=None, target=person, customer=customer, limit=full.limit.name)
    raise forms.ValidationError(message, code="too_many_attempts")
