"""The WSGI entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from portal.checks import require_usable_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()
require_usable_settings()
