"""The notices about people: invitations, new passwords, and what changed about their sign-in."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from accounts import invitations
from accounts.models import Invitation, Mail, User
from accounts.notices import Notice, NotNeededError, link_to, register, triple, what_it_is_about
from accounts.validators import without_links


class InvitationNotice(Notice):
    """The link by which an invited person joins a customer, or the reseller's staff."""

    name = "invitation"
    label = "Invitation"
    a_day = 10

    def write(self, mail: Mail) -> EmailMultiAlternatives:
        """Make the invitation's link and write it; one that is no longer open gets none."""
        found = what_it_is_about(mail, Invitation.objects.select_related("customer", "invited_by"))
        if found.state != Invitation.State.OPEN or not invitations.is_founded(found):
            raise NotNeededError("The invitation is not open any more.")
        link = link_to("accounts:invitation-open", invitations.issue_token(found))
        context = {"invitation": found, "inviter": _inviter(found), "link": link, "is_to_staff": not found.customer}
        return triple("invitation", to=found.email, context=context)

    def sent(self, mail: Mail) -> None:
        """Note it on the invitation."""
        Invitation.objects.filter(code__in=[mail.about_code]).update(mailed_at=timezone.now())


def _inviter(invitation: Invitation) -> str:
    user = invitation.invited_by
    return "" if user is None else without_links(user.name) or user.email


class ResetNotice(Notice):
    """What somebody gets who asked for a new password: who has the address is looked up only here."""

    name = "reset_requested"
    label = "New password"
    a_day = 40  # more than `guessing` lets through: who asks for another one's mails uses none of them up

    def write(self, mail: Mail) -> EmailMultiAlternatives:
        """Make the link and write it; an address without a sign-in learns that there is none."""
        user = User.objects.filter(email=mail.address, is_active=True).first()
        if user is None:
            return triple("reset_unknown", to=mail.address, context={"mail": mail})
        Mail.objects.filter(pk=mail.pk).update(person=user)
        key = (user_pk_to_url_str(user), default_token_generator.make_token(user))
        link = link_to("account_reset_password_from_key", *key)
        return triple("reset", to=mail.address, context={"mail": mail, "link": link})


class EmailChangedNotice(Notice):
    """A person signs in with another address from now on: told to both, and to the old one without naming the new."""

    name = "email_changed"
    label = "E-mail address changed"
    a_day = 100  # far more than anybody is changed: this is one no one may miss

    def write(self, mail: Mail) -> EmailMultiAlternatives:
        """Tell what changed and what it means."""
        context = {"mail": mail, "is_new": mail.address == mail.facts["new"]} | mail.facts
        return triple("email_changed", to=mail.address, context=context)


class SignInNotice(Notice):
    """Something about a person's sign-in has changed; without a link, so that no one learns to follow one."""

    a_day = 20

    def __init__(self, name: str, label: str, sentence: str) -> None:
        self.name, self.label, self.sentence = name, label, sentence

    def write(self, mail: Mail) -> EmailMultiAlternatives:
        """Tell what changed, from where and when."""
        return triple("sign_in_changed", to=mail.address, context={"notice": self, "mail": mail})


# The names are those of the sign-in library's own mails, which come here by `accounts/adapter.py`.
SIGN_IN_NOTICES = (
    SignInNotice("password_changed", "Password changed", "The password of your sign-in was changed."),
    SignInNotice("password_set", "Password set", "A password was set for your sign-in."),
    SignInNotice("password_reset", "Password replaced", "A new password was set by a link from a mail to you."),
    SignInNotice("totp_activated", "Authenticator app added", "An authenticator app was added to your sign-in."),
    SignInNotice("totp_deactivated", "Authenticator app removed", "Your sign-in’s authenticator app was removed."),
    SignInNotice("recovery_codes_generated", "New recovery codes", "New recovery codes were made for your sign-in."),
    SignInNotice("webauthn_added", "Passkey added", "A passkey or security key was added to your sign-in."),
    SignInNotice("webauthn_removed", "Passkey removed", "A passkey or security key was removed from your sign-in."),
)

register(InvitationNotice(), ResetNotice(), EmailChangedNotice(), *SIGN_IN_NOTICES)
