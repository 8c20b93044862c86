"""Is the process alive; can it serve."""

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse


def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Database and Redis answer, and the database role is one that row security binds."""
    checks = {"database": _database(), "redis": _redis()}
    return JsonResponse(
        {"status": "ok" if all(checks.values()) else "unavailable", "checks": checks}, status=200 if all(checks.values()) else 503
    )


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT NOT (rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname = current_user")
            return bool(cursor.fetchone()[0])
    except DatabaseError:
        return False


def _redis() -> bool:
    try:
        return bool(redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1).ping())
    except redis.RedisError:
        return False
