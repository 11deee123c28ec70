"""The Celery application: `celery -A portal worker`, `celery -A portal beat`."""

import gc
import os
import threading
import time
from typing import Any

from celery import Celery
from celery.result import AsyncResult
from celery.signals import beat_init, task_prerun, worker_init, worker_ready
from kombu.exceptions import OperationalError
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
TRANSPORT_ALIASES["atomic-filesystem"] = "portal.broker:Transport"
TRANSPORT_ALIASES["redis"] = TRANSPORT_ALIASES["rediss"] = "portal.redis_broker:Transport"

LEFT_ALONE = 2.0  # seconds


class App(Celery):
    """Celery, but a broker that did not take a message is left alone for a moment.

    A page that sends several messages would otherwise wait for a broker that hangs once for each.
    """

    _left_alone_until = 0.0

    def send_task(self, *args: Any, **options: Any) -> AsyncResult[Any]:
        """Send a message; raise OperationalError where the broker does not take it, or did not a moment ago."""
        if time.monotonic() < self._left_alone_until:
            raise OperationalError("The broker did not take a message a moment ago.")
        try:
            return super().send_task(*args, **options)
        except OperationalError:
            self._left_alone_until = time.monotonic() + LEFT_ALONE
            raise


app = App("portal")
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


@task_prerun.connect
def drop_old_connections(**_: Any) -> None:
    """Have a task begin with a connection to the database that is usable and not too old: Celery itself keeps it."""
    from django.db import close_old_connections

    close_old_connections()


@worker_ready.connect
def spare_the_collector(**_: Any) -> None:
    """Keep what was loaded at the start out of every later collection: it stays, and there is much of it."""
    gc.collect()
    gc.freeze()


@worker_init.connect
def have_patience(**_: Any) -> None:
    """Give the worker its own time-outs with the broker."""
    from django.conf import settings

    app.conf.broker_transport_options = app.conf.broker_transport_options | settings.WORKER_TRANSPORT_OPTIONS


@worker_init.connect
def say_what_cannot_be_decrypted(**_: Any) -> None:
    """Tell the log at the start where ENCRYPTION_KEYS do not fit; the work that needs none of them goes on."""
    from portal.stored_secrets import report_unreadable_secrets

    threading.Thread(target=report_unreadable_secrets, daemon=True).start()
