"""Whether the database went back: to a backup, or to another copy of itself.

The ledger's counter is the number of its newest event. It is below what this process, the broker's Redis or a file
under `var/` has seen only where the database went back; so is its place another one than the gate's row says. Then the
gate closes for changes, as after `manage.py restored`, until a comparison with the CA has been looked at.
"""

import json
import logging
import threading
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection
from django.db.models import Max

from subscriptions.ledger import clock
from subscriptions.models import Gate, OperationEvent
from subscriptions.worker import process

logger = logging.getLogger(__name__)

REDIS_KEY = "caas-portal:ledger"
REDIS_PATIENCE = 0.4  # seconds: a Redis that is away costs no more

_lock = threading.Lock()
_seen: dict[str, int] = {}


def look() -> bool:
    """Compare the ledger with what was seen of it, close the gate where it went back, and note what is seen now.

    Gives whether it went back.
    """
    place = the_place()
    gate = Gate.objects.get_or_create(pk=Gate.SINGLETON)[0]
    with _lock:
        moved = bool(gate.place) and gate.place != place
        highest = max(_seen.get(place, 0), _noted_in_file(place), _noted_in_redis(place))
        counter = _counter()  # after what was noted: others go on writing, and note what they see
        went_back = moved or counter < highest
        if went_back:
            logger.error("The database went back (%s): changes at the CA are held.", "moved" if moved else "counter")
            process.note_restore(clock.now())
        if moved or not gate.place:
            Gate.objects.filter(pk=Gate.SINGLETON).update(place=place)
        # What was seen before the restore is dealt with: from here the restored ledger counts.
        counter = _counter() if went_back else counter
        _seen[place] = counter
        _note_in_file(place, counter)
        _note_in_redis(place, counter)
    return went_back


def _counter() -> int:
    return OperationEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0


def the_place() -> str:
    """Give what tells this database from another copy of it.

    PostgreSQL: system identifier, timeline and the database's oid. SQLite: device and inode of its file.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT system_identifier FROM pg_control_system()),"
                " (SELECT timeline_id FROM pg_control_checkpoint()),"
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            system, timeline, oid = cursor.fetchone()
        return f"postgresql:{system}:{timeline}:{oid}"
    try:
        status = Path(str(connection.settings_dict["NAME"])).stat()
    except OSError:
        return "sqlite:memory"
    return f"sqlite:{status.st_dev}:{status.st_ino}"


def _file() -> Path:
    return Path(settings.VAR_DIR) / "ledger.json"


def _noted_in_file(place: str) -> int:
    try:
        noted = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    number = noted.get(place, 0) if isinstance(noted, dict) else 0
    return number if isinstance(number, int) else 0


def _note_in_file(place: str, counter: int) -> None:
    temporary = _file().with_suffix(f".{threading.get_ident()}")
    try:
        temporary.write_text(json.dumps({place: counter}), encoding="utf-8")
        temporary.replace(_file())
    except OSError:
        logger.warning("What was seen of the ledger could not be noted in %s.", _file())


def _redis() -> "redis.Redis | None":
    if not settings.REDIS_URL:
        return None
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=REDIS_PATIENCE, socket_timeout=REDIS_PATIENCE
    )


def _noted_in_redis(place: str) -> int:
    if (client := _redis()) is None:
        return 0
    try:
        return int(client.hget(REDIS_KEY, place) or 0)
    except (redis.RedisError, ValueError):
        return 0


def _note_in_redis(place: str, counter: int) -> None:
    if (client := _redis()) is None:
        return
    try:
        client.hset(REDIS_KEY, place, counter)
    except redis.RedisError:
        logger.warning("What was seen of the ledger could not be noted in Redis.")
