"""All routes of the portal."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

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
    path("auth/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("subscriptions.urls")),
    path("admin/", admin.site.urls),
    path("healthz/live", views.health_live, name="health-live"),
    path("healthz/ready", views.health_ready, name="health-ready"),
]
