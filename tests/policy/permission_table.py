"""Who gets what from every route: route × role × method → status. A route without a row fails the suite.

The roles, from left to right, are those of `ROLES`. A stranger gets 404, a colleague without the role 403. On staff
pages a method that a route does not know is 405 only for those who may enter: nobody else learns that there is a route.
"""

from dataclasses import dataclass

ROLES = ("anonymous", "stranger", "viewer", "member", "owner", "auditor", "operator", "reseller_admin")

Statuses = tuple[int, int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """What each role gets for GET and for an empty POST; `of` names the objects in the route's address."""

    get: Statuses
    post: Statuses
    of: tuple[str, ...] = ()


# Reseller staff:                anon stra view memb owne audi oper admi
STAFF_SEES: Statuses = (302, 404, 404, 404, 404, 200, 200, 200)
STAFF_WRONG_METHOD: Statuses = (302, 404, 404, 404, 404, 405, 405, 405)
STAFF_DOES: Statuses = (302, 404, 404, 404, 404, 302, 302, 302)
BUYER_SEES: Statuses = (302, 404, 404, 404, 404, 403, 200, 200)
BUYER_DOES: Statuses = (302, 404, 404, 404, 404, 403, 302, 302)
BUYER_WRONG_METHOD: Statuses = (302, 404, 404, 404, 404, 403, 405, 405)
READER_SEES: Statuses = (302, 404, 404, 404, 404, 200, 403, 200)
READER_WRONG_METHOD: Statuses = (302, 404, 404, 404, 404, 405, 403, 405)
ADMIN_SEES: Statuses = (302, 404, 404, 404, 404, 403, 403, 200)
ADMIN_DOES: Statuses = (302, 404, 404, 404, 404, 403, 403, 302)
ADMIN_WRONG_METHOD: Statuses = (302, 404, 404, 404, 404, 403, 403, 405)

# Anybody:
ALL_SEE: Statuses = (200, 200, 200, 200, 200, 200, 200, 200)
ALL_REDIRECTED: Statuses = (302, 302, 302, 302, 302, 302, 302, 302)
NOBODY_MAY: Statuses = (405, 405, 405, 405, 405, 405, 405, 405)
NOBODY_FINDS: Statuses = (404, 404, 404, 404, 404, 404, 404, 404)
USED_UP: Statuses = (410, 410, 410, 410, 410, 410, 410, 410)
NOT_READY: Statuses = (503, 503, 503, 503, 503, 503, 503, 503)


def _seen(*of: str) -> Row:
    return Row(STAFF_SEES, STAFF_WRONG_METHOD, of)


def _form(*of: str) -> Row:
    """A form: an empty one is shown again."""
    return Row(BUYER_SEES, BUYER_SEES, of)


def _act(*of: str) -> Row:
    return Row(BUYER_WRONG_METHOD, BUYER_DOES, of)


STAFF = {
    "subscriptions:dashboard": _seen(),
    "subscriptions:task-seen": Row(STAFF_WRONG_METHOD, STAFF_DOES, ("task",)),
    "subscriptions:task-unseen": Row(STAFF_WRONG_METHOD, STAFF_DOES, ("task",)),
    "subscriptions:search": _seen(),
    "subscriptions:schedule": _seen(),
    "subscriptions:schedule-run": Row(ADMIN_WRONG_METHOD, ADMIN_DOES, ("planned",)),
    "subscriptions:activity-list": Row(READER_SEES, READER_WRONG_METHOD),
    "subscriptions:activity-export": Row(READER_SEES, READER_WRONG_METHOD),
    "subscriptions:portal-settings": Row(ADMIN_SEES, ADMIN_DOES),
    "subscriptions:staff-list": Row(ADMIN_SEES, ADMIN_WRONG_METHOD),
    "subscriptions:staff-export": Row(ADMIN_SEES, ADMIN_DOES),
    "subscriptions:staff-invite": Row(ADMIN_SEES, ADMIN_SEES),
    "subscriptions:staff-edit": Row(ADMIN_SEES, ADMIN_SEES, ("colleague",)),
    "subscriptions:staff-remove": Row(ADMIN_SEES, ADMIN_DOES, ("colleague",)),
    "subscriptions:staff-invitation-again": Row(ADMIN_WRONG_METHOD, ADMIN_DOES, ("staff_invitation",)),
    "subscriptions:staff-invitation-revoke": Row(ADMIN_WRONG_METHOD, ADMIN_DOES, ("staff_invitation",)),
    "subscriptions:customer-list": _seen(),
    "subscriptions:customer-export": Row(STAFF_SEES, STAFF_DOES),
    "subscriptions:customer-options": _seen(),
    "subscriptions:customer-add": _form(),
    "subscriptions:customer-detail": _seen("customer"),
    "subscriptions:customer-edit": _form("customer"),
    "subscriptions:customer-archive": _form("customer"),
    "subscriptions:customer-bring-back": _act("customer"),
    "subscriptions:subscription-edit": Row(BUYER_SEES, BUYER_DOES, ("subscription",)),
    "subscriptions:subscription-move": _form("subscription"),
    "subscriptions:person-list": _seen("customer"),
    "subscriptions:person-export": Row(STAFF_SEES, STAFF_DOES, ("customer",)),
    "subscriptions:person-invite": _form("customer"),
    "subscriptions:person-edit": _form("customer", "person"),
    "subscriptions:person-sessions": Row(ADMIN_SEES, ADMIN_DOES, ("customer", "person")),
    # Once the operator has removed the person, the admin finds nobody.
    "subscriptions:person-remove": Row(BUYER_SEES, (302, 404, 404, 404, 404, 403, 302, 404), ("customer", "person")),
    "subscriptions:invitation-revoke": _act("invitation"),
    "subscriptions:subscription-list": _seen(),
    "subscriptions:subscription-export": Row(STAFF_SEES, STAFF_DOES),
    "subscriptions:subscription-add": _form(),
    "subscriptions:visibility": Row(ADMIN_SEES, ADMIN_SEES),
    "subscriptions:prevalidation-options": Row(BUYER_SEES, BUYER_WRONG_METHOD),
    "subscriptions:subscription-detail": _seen("subscription"),
    "subscriptions:subscription-status": _seen("subscription"),
    # The redirect asks for the password again: none of these sign-ins is a recent one.
    "subscriptions:subscription-reveal": _act("subscription"),
    "subscriptions:subscription-hand-over": Row(BUYER_SEES, BUYER_DOES, ("subscription",)),
    "subscriptions:hand-over": _form(),
    "subscriptions:hand-over-call-off": _act("subscription"),
    "subscriptions:subscription-suspend": Row(BUYER_SEES, BUYER_DOES, ("subscription",)),
    "subscriptions:subscription-reinstate": _form("subscription"),  # it is not suspended: the page says so
    "subscriptions:subscription-deactivate": Row(ADMIN_SEES, ADMIN_SEES, ("subscription",)),
    "subscriptions:client-suspend": Row(BUYER_SEES, BUYER_DOES, ("subscription", "registration")),
    "subscriptions:client-reinstate": _form("subscription", "registration"),
    "subscriptions:client-deactivate": Row(ADMIN_SEES, ADMIN_SEES, ("subscription", "registration")),
    "subscriptions:domain-add": _form("subscription"),
    "subscriptions:domain-check": Row(BUYER_WRONG_METHOD, BUYER_SEES, ("subscription",)),
    "subscriptions:subscription-extend": _form("subscription"),
    "subscriptions:name-list": _seen("subscription"),
    "subscriptions:name-status": _seen("subscription"),
    "subscriptions:name-export": _seen("subscription"),
    "subscriptions:name-history": _seen("subscription"),
    "subscriptions:name-history-export": Row(STAFF_SEES, STAFF_DOES, ("subscription",)),
    "subscriptions:name-remove": _form("subscription"),
    "subscriptions:name-replace": _form("subscription", "name"),
    "subscriptions:name-check": Row(STAFF_SEES, STAFF_DOES, ("subscription", "name")),
    "subscriptions:name-check-status": _seen("subscription", "name"),
    "subscriptions:replacement-call-off": _act("replacement"),
    "subscriptions:quote-list": _seen(),
    "subscriptions:request-list": _seen(),
    "subscriptions:request-export": Row(STAFF_SEES, STAFF_DOES),
    "subscriptions:request-detail": _seen("request"),
    "subscriptions:request-answer": Row(BUYER_WRONG_METHOD, BUYER_SEES, ("request",)),  # without words: asked for them
    "subscriptions:quote-export": Row(STAFF_SEES, STAFF_DOES),
    "subscriptions:quote-detail": _seen("quote"),
    "subscriptions:quote-checked": _seen("quote"),
    "subscriptions:quote-pdf": _seen("quote"),
    "subscriptions:quote-lines": _seen("quote"),
    "subscriptions:quote-confirm": _act("quote"),
    "subscriptions:quote-leave-out": _act("quote"),
    "subscriptions:quote-put-back": _act("quote"),
    "subscriptions:order-list": _seen(),
    "subscriptions:order-export": Row(STAFF_SEES, STAFF_DOES),
    "subscriptions:order-detail": _seen("order"),
    "subscriptions:order-progress": _seen("order"),
    "subscriptions:order-decide": Row(ADMIN_WRONG_METHOD, ADMIN_SEES, ("order",)),
    "subscriptions:lines-decide": Row(ADMIN_SEES, ADMIN_SEES, ("order",)),
    "subscriptions:operation-list": _seen(),
    "subscriptions:operation-decide": Row(ADMIN_WRONG_METHOD, ADMIN_DOES),
    "subscriptions:operation-export": Row(STAFF_SEES, STAFF_DOES),
    "subscriptions:operation-detail": _seen("operation"),
    "subscriptions:operation-settle": Row(ADMIN_WRONG_METHOD, ADMIN_SEES, ("operation",)),
    "subscriptions:operation-take": Row(ADMIN_WRONG_METHOD, ADMIN_SEES, ("operation",)),
    "subscriptions:operation-cancel": _act("operation"),
    "subscriptions:certificate-list": _seen(),
    "subscriptions:certificate-export": Row(STAFF_SEES, STAFF_DOES),
    "subscriptions:certificate-calendar": _seen(),
    "subscriptions:name-detail": _seen("name"),
    "subscriptions:served-look": _act("name"),
    "subscriptions:served-status": _seen("name"),
    "subscriptions:prevalidation-list": _seen(),
    "subscriptions:prevalidation-add": _form(),
    "subscriptions:prevalidation-edit": _form("prevalidation"),
    "subscriptions:prevalidation-export": Row(STAFF_SEES, STAFF_DOES),
    "subscriptions:prevalidation-detail": _seen("prevalidation"),
    "subscriptions:prevalidation-status": _seen("prevalidation"),
    "subscriptions:prevalidation-move": _form("prevalidation"),
    # Once the operator has deleted it, the admin finds none.
    "subscriptions:prevalidation-delete": Row(BUYER_SEES, (302, 404, 404, 404, 404, 403, 302, 404), ("prevalidation",)),
    "subscriptions:renewal-mode": Row(ADMIN_SEES, ADMIN_SEES),
    "subscriptions:account-list": Row(ADMIN_SEES, ADMIN_WRONG_METHOD),
    "subscriptions:account-export": Row(ADMIN_SEES, ADMIN_DOES),
    "subscriptions:account-detail": Row(ADMIN_SEES, ADMIN_WRONG_METHOD, ("account",)),
    "subscriptions:account-assign": Row(ADMIN_SEES, ADMIN_SEES, ("account",)),
    "subscriptions:account-not-ours": Row(ADMIN_SEES, ADMIN_SEES, ("account",)),
    "subscriptions:finding-list": _seen(),
    "subscriptions:finding-export": Row(STAFF_SEES, STAFF_DOES),
    "subscriptions:finding-detail": _seen("finding"),
    "subscriptions:finding-close": Row(ADMIN_WRONG_METHOD, ADMIN_SEES, ("finding",)),
    "subscriptions:mail-list": _seen(),
    "subscriptions:mail-export": Row(STAFF_SEES, STAFF_DOES),
    "subscriptions:mail-detail": _seen("mail"),
    "subscriptions:mail-again": _act("mail"),
    "subscriptions:address-clear": _act("mark"),
    "subscriptions:server-list": _seen(),
    "subscriptions:server-export": Row(STAFF_SEES, STAFF_DOES),
    "subscriptions:server-refresh": _act(),
    "subscriptions:gate-reopen": Row(ADMIN_SEES, ADMIN_DOES),
}

# A customer's people:          anon stra view memb owne audi oper admi
OWN_SEEN: Statuses = (302, 404, 200, 200, 200, 404, 404, 404)
OWN_REVEALED: Statuses = (302, 404, 403, 302, 302, 404, 404, 404)
OWNER_SEES: Statuses = (302, 404, 403, 403, 200, 404, 404, 404)
OWN_ASKED: Statuses = (302, 404, 403, 200, 200, 404, 404, 404)
OWN_WRONG_METHOD: Statuses = (302, 405, 405, 405, 405, 405, 405, 405)

CUSTOMERS = {
    "subscriptions:help-list": Row((302, 200, 200, 200, 200, 200, 200, 200), OWN_WRONG_METHOD),
    "subscriptions:error-explain": Row(
        (302, 200, 200, 200, 200, 200, 200, 200), (302, 200, 200, 200, 200, 200, 200, 200)
    ),
    "subscriptions:help-topic": Row((302, 200, 200, 200, 200, 200, 200, 200), OWN_WRONG_METHOD, ("topic",)),
    "subscriptions:my-home": Row((302, 200, 200, 200, 200, 200, 200, 200), OWN_WRONG_METHOD),
    "subscriptions:my-search": Row((302, 200, 200, 200, 200, 200, 200, 200), OWN_WRONG_METHOD),
    "subscriptions:my-certificate-list": Row((302, 200, 200, 200, 200, 200, 200, 200), OWN_WRONG_METHOD),
    "subscriptions:my-certificate-export": Row((302, 200, 200, 200, 200, 200, 200, 200), (302,) * 8),
    "subscriptions:my-name": Row(OWN_SEEN, OWN_WRONG_METHOD, ("name",)),
    "subscriptions:my-served-look": Row(OWN_WRONG_METHOD, (302, 404, 403, 302, 302, 404, 404, 404), ("name",)),
    "subscriptions:my-served-status": Row(OWN_SEEN, OWN_WRONG_METHOD, ("name",)),
    "subscriptions:my-organizations": Row((302, 200, 200, 200, 200, 200, 200, 200), OWN_WRONG_METHOD),
    "subscriptions:my-organization-export": Row((302, 200, 200, 200, 200, 200, 200, 200), (302,) * 8),
    "subscriptions:my-subscription": Row(OWN_SEEN, OWN_WRONG_METHOD, ("subscription",)),
    "subscriptions:my-subscription-status": Row(OWN_SEEN, OWN_WRONG_METHOD, ("subscription",)),
    "subscriptions:my-names": Row(OWN_SEEN, OWN_WRONG_METHOD, ("subscription",)),
    "subscriptions:my-name-export": Row(OWN_SEEN, (302, 404, 302, 302, 302, 404, 404, 404), ("subscription",)),
    "subscriptions:my-name-check": Row(OWN_SEEN, (302, 404, 302, 302, 302, 404, 404, 404), ("subscription", "name")),
    "subscriptions:my-name-check-status": Row(OWN_SEEN, OWN_WRONG_METHOD, ("subscription", "name")),
    "subscriptions:my-requests": Row((302, 200, 200, 200, 200, 200, 200, 200), OWN_WRONG_METHOD),
    "subscriptions:my-request-export": Row((302, 200, 200, 200, 200, 200, 200, 200), (302,) * 8),
    "subscriptions:my-request": Row(OWN_SEEN, OWN_WRONG_METHOD, ("request",)),
    "subscriptions:my-request-withdraw": Row(OWN_WRONG_METHOD, (302, 404, 403, 302, 302, 404, 404, 404), ("request",)),
    "subscriptions:my-request-names": Row(OWN_ASKED, OWN_ASKED, ("subscription",)),
    "subscriptions:my-request-extension": Row(OWN_ASKED, OWN_ASKED, ("subscription",)),
    "subscriptions:my-request-removal": Row(OWN_ASKED, OWN_ASKED, ("subscription",)),
    # The redirect asks for the password again: none of these sign-ins is a recent one.
    "subscriptions:my-key-reveal": Row(OWN_REVEALED, OWN_REVEALED, ("subscription",)),
    "subscriptions:my-setup": Row(OWN_SEEN, OWN_WRONG_METHOD, ("subscription",)),
    "subscriptions:my-setup-client": Row(
        OWN_SEEN, (302, 404, 403, 200, 200, 404, 404, 404), ("subscription", "client")
    ),
    # Nobody finds a file that no page has; only those who may reveal a key come as far as looking for it by POST.
    "subscriptions:my-setup-file": Row(
        (302, 404, 404, 404, 404, 404, 404, 404),
        (302, 404, 403, 404, 404, 404, 404, 404),
        ("subscription", "client", "block"),
    ),
    "subscriptions:my-sandbox-ca": Row(NOBODY_FINDS, NOBODY_MAY),  # there is none outside the sandbox
    "accounts:people": Row((302, 302, 403, 403, 302, 404, 404, 404), OWN_WRONG_METHOD),
    "subscriptions:my-activity": Row(OWNER_SEES, OWN_WRONG_METHOD, ("customer",)),
    "subscriptions:my-activity-export": Row(OWNER_SEES, OWN_WRONG_METHOD, ("customer",)),
    "subscriptions:my-people": Row(OWNER_SEES, OWN_WRONG_METHOD, ("customer",)),
    "subscriptions:my-people-export": Row(OWNER_SEES, (302, 404, 403, 403, 302, 404, 404, 404), ("customer",)),
    "accounts:member-invite": Row(OWNER_SEES, OWNER_SEES, ("customer",)),
    "accounts:member-edit": Row(OWNER_SEES, OWNER_SEES, ("customer", "person")),
    "accounts:member-remove": Row(OWNER_SEES, (302, 404, 403, 403, 302, 404, 404, 404), ("customer", "person")),
    "accounts:member-invitation-revoke": Row(
        OWN_WRONG_METHOD, (302, 404, 403, 403, 302, 404, 404, 404), ("customer", "invitation")
    ),
}

# One row stands for all routes below its prefix: what is there belongs to Django's admin, where nobody of the cast may
# do anything (`test_django_admin_is_shut`).
PREFIXES = {"admin/": "admin:index"}


def _by_sign_in(get: tuple[int, int], post: tuple[int, int], of: tuple[str, ...] = ()) -> Row:
    """What whoever is signed out gets, and whoever is signed in, whatever the role."""
    (out, signed_in), (sent_out, sent) = get, post
    return Row(
        (out, signed_in, signed_in, signed_in, signed_in, signed_in, signed_in, signed_in),
        (sent_out, sent, sent, sent, sent, sent, sent, sent),
        of,
    )


# Pages of the sign-in library. Signed out, what is about a person leads to the sign-in; what needs a sign-in that is
# recent leads to that. A 404: there is no such factor.
SIGN_IN = {
    "account_login": _by_sign_in((200, 302), (200, 302)),
    "account_logout": _by_sign_in((302, 200), (302, 302)),
    "account_inactive": _by_sign_in((200, 200), (405, 405)),
    "account_signup": _by_sign_in((200, 302), (200, 302)),  # it says that people are invited
    "account_reauthenticate": _by_sign_in((302, 200), (302, 200)),
    "account_email": _by_sign_in((404, 404), (404, 404)),
    "account_email_verification_sent": _by_sign_in((404, 404), (404, 404)),
    "account_confirm_email": _by_sign_in((404, 404), (404, 404), ("token",)),
    "account_change_password": _by_sign_in((302, 200), (302, 200)),
    "account_set_password": _by_sign_in((302, 302), (302, 302)),
    "account_reset_password": _by_sign_in((200, 200), (200, 200)),
    "account_reset_password_done": _by_sign_in((200, 200), (405, 405)),
    # It says that the link is none, or used, or too old.
    "account_reset_password_from_key": _by_sign_in((200, 200), (200, 200), ("number", "token")),
    "account_reset_password_from_key_done": _by_sign_in((200, 200), (405, 405)),
    "account_confirm_login_code": _by_sign_in((302, 302), (302, 302)),
    "mfa_index": _by_sign_in((302, 200), (302, 405)),
    "mfa_authenticate": _by_sign_in((302, 302), (302, 302)),
    "mfa_reauthenticate": _by_sign_in((302, 302), (302, 302)),
    "mfa_activate_totp": _by_sign_in((302, 302), (302, 302)),
    "mfa_deactivate_totp": _by_sign_in((302, 404), (302, 404)),
    "mfa_view_recovery_codes": _by_sign_in((302, 404), (302, 405)),
    "mfa_generate_recovery_codes": _by_sign_in((302, 302), (302, 302)),
    "mfa_download_recovery_codes": _by_sign_in((302, 404), (302, 404)),
    "mfa_list_webauthn": _by_sign_in((302, 200), (302, 405)),
    "mfa_add_webauthn": _by_sign_in((302, 302), (302, 302)),
    "mfa_reauthenticate_webauthn": _by_sign_in((302, 302), (302, 302)),
    "mfa_remove_webauthn": _by_sign_in((302, 302), (302, 302), ("number",)),
    "mfa_edit_webauthn": _by_sign_in((302, 302), (302, 302), ("number",)),
    "mfa_login_webauthn": _by_sign_in((302, 302), (302, 302)),
    "usersessions_list": _by_sign_in((302, 200), (302, 302)),
}
ANYBODY = {
    "home": Row(ALL_REDIRECTED, NOBODY_MAY),
    "accounts:profile": _by_sign_in((302, 200), (302, 200)),
    "accounts:mail-events": Row(NOBODY_MAY, NOBODY_FINDS, ("provider",)),  # no secret is set
    "accounts:notice-list": _by_sign_in((302, 200), (302, 405)),
    "accounts:notice-choices": _by_sign_in((302, 200), (302, 200)),
    "accounts:notices-read": _by_sign_in((302, 405), (302, 302)),
    # A notice of the owner's: nobody else finds it.
    "accounts:notice-open": Row(
        (302, 404, 404, 404, 302, 404, 404, 404), (302, 405, 405, 405, 405, 405, 405, 405), ("notice",)
    ),
    "accounts:notice-read": Row(
        (302, 405, 405, 405, 405, 405, 405, 405), (302, 404, 404, 404, 302, 404, 404, 404), ("notice",)
    ),
    "health-live": Row(ALL_SEE, NOBODY_MAY),
    "health-ready": Row(NOT_READY, NOBODY_MAY),  # no worker runs beside the tests
    "accounts:invitation-open": Row(ALL_REDIRECTED, NOBODY_MAY, ("token",)),
    "accounts:invitation-accept": Row(USED_UP, USED_UP),  # nobody came here by an invitation's link
    # Nobody of the cast may use Django's admin: that is granted apart from the roles.
    "admin:index": Row(ALL_REDIRECTED, ALL_REDIRECTED),
}

TABLE = STAFF | CUSTOMERS | SIGN_IN | ANYBODY
