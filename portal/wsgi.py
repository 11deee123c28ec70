"""The WSGI entry point for gunicorn."""

import os
import threading

from django.core.wsgi import get_wsgi_application

from portal.checks import require_usable_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()
require_usable_settings()

from portal.stored_secrets import report_unreadable_secrets  # noqa: E402  # it has models, which Django knows only now

# Apart: a database that hangs keeps no web process from starting.
threading.Thread(target=report_unreadable_secrets, daemon=True).start()
