"""What beat sends while no worker runs does not pile up."""

from datetime import timedelta

from celery.beat import ScheduleEntry

from portal.celery import LEFT_ALONE, app


def test_every_message_of_beat_expires() -> None:
    for name, entry in app.conf.beat_schedule.items():
        expires = timedelta(seconds=entry["options"]["expires"])
        assert expires <= timedelta(hours=1), name


def test_the_expiry_is_an_option_celery_knows() -> None:
    entry = ScheduleEntry(name="sweep", app=app, **app.conf.beat_schedule["sweep"])
    assert entry.options == {"expires": 120}


def test_a_broker_that_was_left_alone_is_tried_again_with_the_next_sweep() -> None:
    assert app.conf.beat_schedule["sweep"]["schedule"] > LEFT_ALONE
