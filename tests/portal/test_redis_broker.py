"""A worker whose acknowledgements get lost with Redis goes on taking messages."""

from typing import Any
from unittest.mock import MagicMock

import pytest
from celery import current_app
from kombu import Connection
from kombu.transport import TRANSPORT_ALIASES
from redis.exceptions import ConnectionError as RedisIsAwayError

from portal.redis_broker import Channel, QoS, Transport

pytestmark = pytest.mark.servers


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> QoS:
    """A worker's share of messages, all of them taken, and a Redis that is away."""
    qos = QoS(MagicMock(), prefetch_count=2)
    assert qos._delivered is not None
    for tag in ("a", "b"):
        qos._delivered[tag] = MagicMock(delivery_info={"exchange": "", "routing_key": "now"})

    def away(*_: Any, **__: Any) -> Any:
        raise RedisIsAwayError("gone")

    monkeypatch.setattr(qos, "_remove_from_indices", away)
    monkeypatch.setattr(qos, "restore_by_tag", away)
    assert not qos.can_consume()
    return qos


def test_what_could_not_be_acknowledged_is_let_go_of(full: QoS) -> None:
    with pytest.raises(RedisIsAwayError):
        full.ack("a")
    assert full.can_consume()


def test_what_could_not_be_given_back_is_let_go_of(full: QoS) -> None:
    with pytest.raises(RedisIsAwayError):
        full.reject("a", requeue=True)
    assert full.can_consume()


def test_it_is_the_transport_of_redis_addresses() -> None:
    assert current_app  # the application names the transports
    assert TRANSPORT_ALIASES["redis"] == TRANSPORT_ALIASES["rediss"] == "portal.redis_broker:Transport"
    assert isinstance(Connection("redis://127.0.0.1:1/0").transport, Transport)
    assert Transport.Channel is Channel
    assert Channel.QoS is QoS
