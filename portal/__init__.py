"""The composition root. Importing it makes the Celery application the default one for `shared_task`."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
