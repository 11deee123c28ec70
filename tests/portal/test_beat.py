"""What beat sends while no worker runs does not pile up."""

from datetime import timedelta

from celery.beat import ScheduleEntry

from portal.celery import app


def test_every_message_of_beat_expires() -> None:
    for name, entry in app.conf.beat_schedule.items():
        expires = timedelta(seconds=entry["options"]["expires"])
        assert expires <= timedelta(hours=1), name


def test_the_expiry_is_an_option_celery_knows() -> None:
    entry = ScheduleEntry(name="sweep", app=app, **app.conf.beat_schedule["sweep"])
    assert entry.options == {"expires": 120}
