"""The Celery application: `celery -A portal worker`, `celery -A portal beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
TRANSPORT_ALIASES["atomic-filesystem"] = "portal.broker:Transport"

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def check_settings(**_: Any) -> None:
    """Refuse to start on settings that cannot be meant."""
    from django.core.exceptions import ImproperlyConfigured

    from portal.checks import require_usable_settings  # Django is not set up yet when this module loads

    try:
        require_usable_settings()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error  # Celery logs and passes over any other exception of a receiver
