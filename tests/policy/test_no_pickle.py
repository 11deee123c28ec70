"""Nothing that is read runs code by being read: not what the broker holds, nor the cache, nor a session."""

import pickle
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.serializers import JSONSerializer
from django.utils.module_loading import import_string
from kombu.exceptions import ContentDisallowed
from kombu.serialization import loads, prepare_accept_content

from portal.celery import app
from tests.policy.sources import imports

RUNS_CODE = {"pickle", "shelve", "marshal", "dill", "cloudpickle", "joblib", "jsonpickle"}


class Bomb:
    """What runs when it is unpickled."""

    went_off: list[str] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return Bomb.went_off.append, ("now",)


def test_no_module_reads_what_can_run() -> None:
    used = {name: sorted(found & RUNS_CODE) for name, found in imports().items()}

    assert {name: found for name, found in used.items() if found} == {}


def test_messages_are_json() -> None:
    conf: Any = app.conf
    assert (conf.accept_content, conf.result_accept_content) == (["json"], ["json"])
    assert {conf.task_serializer, conf.result_serializer, conf.event_serializer} == {"json"}
    assert conf.result_backend is None


@pytest.mark.parametrize("kind", ["application/x-python-serialize", "application/x-yaml", "application/x-msgpack"])
def test_another_message_is_refused_unread(kind: str) -> None:
    accepted = prepare_accept_content(app.conf.accept_content)

    with pytest.raises(ContentDisallowed):
        loads(pickle.dumps(Bomb()), kind, "binary", accept=accepted)
    assert Bomb.went_off == []


def test_sessions_are_json() -> None:
    assert import_string(settings.SESSION_SERIALIZER) is JSONSerializer
