from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from ltc.analytics import services
from ltc.events.outbox import work
from ltc.events.schedule import daily, every
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry

REFRESH = timedelta(minutes=10)


def _roll_up() -> None:
    tenant, now = Tenant.objects.get(pk=current_tenant_id()), timezone.now()
    zone = ZoneInfo(tenant.time_zone)
    services.roll_up_funnel(services.followed_period(now.astimezone(zone).date(), zone), now=now)


@work("analytics.roll_up")
def roll_up(payload: dict[str, Any]) -> None:
    """The nightly funnel metrics of one tenant, at its own midnight."""
    _roll_up()


@work("analytics.refresh")
def refresh(payload: dict[str, Any]) -> None:
    """During the day: count again if anything has happened since."""
    if Entry.objects.filter(written_at__gte=timezone.now() - 2 * REFRESH).exists():
        _roll_up()


daily("analytics.roll_up", at=time(0, 0))
every("analytics.refresh", REFRESH)
