"""All routes of the portal."""

from allauth.account.decorators import secure_admin_login
from allauth.account.views import password_set
from django.contrib import admin
from django.urls import include, path

from accounts.recent import recent_sign_in_required
from accounts.views import recovery_codes
from accounts.views.passkeys import passkey_sign_in
from accounts.views.password_reset import password_reset
from accounts.views.sessions import own_sessions
from portal import views

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", views.home, name="home"),
    # In front of allauth's page: it lets people take an address that nobody has checked is theirs.
    path("auth/email/", views.no_such_page, name="account_email"),
    # Nor are addresses confirmed: people come by an invitation, which proves theirs.
    path("auth/confirm-email/", views.no_such_page, name="account_email_verification_sent"),
    path("auth/confirm-email/<str:key>/", views.no_such_page, name="account_confirm_email"),
    # In front of allauth's own, which makes a row for each stranger who asks.
    path("auth/2fa/webauthn/login/", passkey_sign_in, name="mfa_login_webauthn"),
    path("auth/password/reset/", password_reset, name="account_reset_password"),
    # In front of its page of sessions, which knows them by the keys that only browsers have.
    path("auth/sessions/", own_sessions, name="usersessions_list"),
    # In front of its page of a first password, which asks for no recent sign-in: who has a passkey has one to show.
    path("auth/password/set/", recent_sign_in_required(password_set), name="account_set_password"),
    # In front of its pages of recovery codes: each look at them is written into the audit trail.
    path("auth/2fa/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "auth/2fa/recovery-codes/download/",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("auth/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("subscriptions.urls")),
    path("admin/", admin.site.urls),
    path("healthz/live", views.health_live, name="health-live"),
    path("healthz/ready", views.health_ready, name="health-ready"),
]
