"""The relay rings the bell: it tells Celery of pending work, tenant by tenant in turn, and again if nobody came."""

import logging
import time
from datetime import timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import OperationalError, connections, transaction
from kombu.exceptions import OperationalError as BrokerError

from ltc.events.tasks import run_work

PAUSE = 0.3
BATCH = 300
IN_FLIGHT_CAP = 600
NUDGE_AGAIN = timedelta(seconds=20)

log = logging.getLogger(__name__)

DUE = """
WITH due AS (
    SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id ORDER BY available_at, id) AS turn
    FROM events_work
    WHERE state = 'pending' AND available_at <= now() AND (nudged_at IS NULL OR nudged_at < now() - %(again)s::interval)
    ORDER BY turn, available_at LIMIT %(limit)s
), locked AS (
    SELECT w.tenant_id, w.id FROM events_work w JOIN due USING (tenant_id, id) FOR UPDATE OF w SKIP LOCKED
)
UPDATE events_work w SET nudged_at = now(), nudges = nudges + 1 FROM locked
WHERE w.tenant_id = locked.tenant_id AND w.id = locked.id RETURNING w.tenant_id, w.id
"""


def sweep(limit: int) -> list[tuple[int, int]]:
    """Mark up to `limit` due rows as announced and return them as (tenant, work); the mark is committed before anything is sent."""
    with transaction.atomic(using="platform"), connections["platform"].cursor() as cursor:
        cursor.execute(DUE, {"again": f"{NUDGE_AGAIN.total_seconds()} s", "limit": limit})
        return cursor.fetchall()


class Relay:
    """Sweeps for ever; survives a broker or a database that goes away."""

    def __init__(self) -> None:
        self.stopping = False
        self.broker: Any = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1)

    def in_flight(self) -> int:
        options: Any = settings.CELERY["broker_transport_options"]
        prefix = options["global_keyprefix"]
        return int(self.broker.llen(prefix + "fast")) + int(self.broker.zcard(prefix + "unacked_index"))

    def step(self) -> int:
        """One sweep; how many bells were rung."""
        room = min(BATCH, IN_FLIGHT_CAP - self.in_flight())
        rows = sweep(room) if room > 0 else []
        for tenant, work_id in rows:
            run_work.apply_async(args=[tenant, work_id])
        return len(rows)

    def run(self) -> None:
        while not self.stopping:
            try:
                rung = self.step()
            except (redis.RedisError, BrokerError, OperationalError) as error:
                log.warning("relay: %s: %s; trying again", type(error).__name__, error)
                connections["platform"].close()
                rung = 0
                time.sleep(1)
            if not rung:
                time.sleep(PAUSE)
