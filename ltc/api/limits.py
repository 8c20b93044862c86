"""Rate limits: a token bucket for each caller and one for each tenant, both taken from in one step in Redis.

When Redis is away, reads go through and writes are counted in this process.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import redis
from django.conf import settings

log = logging.getLogger(__name__)

TAKE: Final = """
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local cost = tonumber(ARGV[1])
local left, wait, states = {}, 0, {}
for i, key in ipairs(KEYS) do
  local capacity, rate = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local state = redis.call('HMGET', key, 'n', 'at')
  local tokens = math.min(capacity, (tonumber(state[1]) or capacity) + math.max(0, now - (tonumber(state[2]) or now)) * rate)
  if tokens < cost then wait = math.max(wait, (cost - tokens) / rate) end
  states[i] = {tokens, capacity, rate}
end
for i, key in ipairs(KEYS) do
  local tokens, capacity, rate = states[i][1], states[i][2], states[i][3]
  if wait == 0 then tokens = math.min(capacity, tokens - cost) end
  redis.call('HSET', key, 'n', tokens, 'at', now)
  redis.call('EXPIRE', key, math.ceil(capacity / rate) + 60)
  left[i] = math.floor(tokens)
end
return {tostring(wait), left[1]}
"""
REST_AFTER_FAILURE: Final = 5.0


@dataclass(frozen=True)
class Bucket:
    """Up to `capacity` requests at once, refilled with `capacity` in `seconds`."""

    name: str
    capacity: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.capacity / self.seconds


@dataclass(frozen=True)
class Verdict:
    """What the limiter says of one request: how long to wait (0 = go on), and the caller's bucket."""

    wait: float
    limit: int
    remaining: int | None
    reset: int = 0

    @property
    def headers(self) -> dict[str, str]:
        if self.remaining is None:
            return {}
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(self.remaining, 0)),
            "X-RateLimit-Reset": str(self.reset),
        }


class LocalBuckets:
    """Token buckets in this process, for writes while Redis is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[float, float]] = {}

    def take(self, bucket: Bucket, now: float) -> float:
        """Take one token; how long to wait if there is none."""
        with self._lock:
            if len(self._tokens) > 10_000:
                self._tokens.clear()
            tokens, at = self._tokens.get(bucket.name, (float(bucket.capacity), now))
            tokens = min(bucket.capacity, tokens + (now - at) * bucket.rate)
            wait = 0.0 if tokens >= 1 else (1 - tokens) / bucket.rate
            self._tokens[bucket.name] = (tokens - 1 if wait == 0 else tokens, now)
            return wait


_local = LocalBuckets()
_resting_until = 0.0


@cache
def _script(url: str) -> Any:
    client: Any = redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
    return client.register_script(TAKE)


def buckets_of(actor: Any, tenant: int, *, searching: bool = False) -> list[Bucket]:
    """The caller's own bucket first, then the tenant's, and the caller's for searches."""
    prefix = f"{settings.CACHES['default']['KEY_PREFIX']}:limit:{{{tenant}}}"  # one hash slot, for a Redis cluster
    own = f"{prefix}:{actor.kind}:{actor.pk}"
    buckets = [Bucket(own, *settings.API_LIMITS["caller"]), Bucket(prefix, *settings.API_LIMITS["tenant"])]
    return [*buckets, Bucket(f"{own}:search", *settings.API_LIMITS["search"])] if searching else buckets


def address_of(request: Any) -> str:
    """The address that a request comes from; behind a proxy of ours the one that the proxy names, which is the last in its list."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    named = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return named if named and settings.TRUSTED_PROXIES & {direct, "*"} else direct


def take(buckets: Sequence[Bucket], *, is_read: bool, cost: int = 1) -> Verdict:
    """Count one request against all of these buckets, or against none if one is empty. A negative cost gives back."""
    global _resting_until  # noqa: PLW0603  (how this process finds Redis is the state of the process)
    own, now = buckets[0], time.monotonic()
    if now >= _resting_until:
        arguments = [cost, *(number for bucket in buckets for number in (bucket.capacity, bucket.rate))]
        try:
            wait, left = _script(settings.REDIS_URL)(keys=[bucket.name for bucket in buckets], args=arguments)
        except redis.RedisError as error:
            _resting_until = now + REST_AFTER_FAILURE
            log.warning("rate limits: %s: %s; reads go through, writes are counted here", type(error).__name__, error)
        else:
            return Verdict(float(wait), own.capacity, int(left), int((own.capacity - int(left)) / own.rate + 0.999))
    return Verdict(0.0 if is_read else _local.take(own, now), own.capacity, None)
