"""Celery's Redis transport, which goes on where Redis is away when a message is to be acknowledged.

kombu counts a message whose acknowledgement failed as still under way. A worker takes only so many at once, and would
in the end take none any more. Here it is let go of all the same: Redis gives it out again later, and nothing is left to
claim then.
"""

from typing import Any

from kombu.transport import virtual
from kombu.transport.redis import Channel as RedisChannel
from kombu.transport.redis import QoS as RedisQoS
from kombu.transport.redis import Transport as RedisTransport


class QoS(RedisQoS):
    """What a worker has taken and not yet acknowledged."""

    def ack(self, delivery_tag: Any) -> None:
        """Acknowledge a message; raise what Redis raises, but count it as under way no longer."""
        try:
            super().ack(delivery_tag)
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's
        """Give a message back; raise what Redis raises, but count it as under way no longer."""
        try:
            super().reject(delivery_tag, requeue=requeue)
        finally:
            virtual.QoS.ack(self, delivery_tag)


class Channel(RedisChannel):
    """A channel that lets go of what it could not acknowledge."""

    QoS = QoS


class Transport(RedisTransport):
    """The transport of `redis://` addresses."""

    Channel = Channel
