"""Django admin as an app, with the site that keeps a trail."""

from django.contrib.admin.apps import AdminConfig


class TrailedAdminConfig(AdminConfig):
    """Django admin, where every page of every model writes into the audit trail."""

    default_site = "accounts.admin_site.TrailedAdminSite"
