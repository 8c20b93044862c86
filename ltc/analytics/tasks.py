from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from ltc.analytics import figures, services
from ltc.analytics.models import MetricSnapshot
from ltc.analytics.periods import Period
from ltc.analytics.registry import metric_named, metrics
from ltc.events.outbox import enqueue, enqueue_again, work
from ltc.events.schedule import daily, every
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant

REFRESH = timedelta(minutes=10)


def _roll_up() -> None:
    services.roll_up(now=timezone.now(), zone=_zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id()))


@work("analytics.roll_up")
def roll_up(payload: dict[str, Any]) -> None:
    """The nightly funnel metrics of one tenant, at its own midnight."""
    _roll_up()


@work("analytics.refresh")
def refresh(payload: dict[str, Any]) -> None:
    """During the day: count again what has changed since."""
    _roll_up()
    _ask_for_figures()


def _ask_for_figures() -> None:
    now, zone = timezone.now(), _zone()
    if not figures.is_due(now):
        return
    for metric, period in figures.wanted_figures(now.astimezone(zone).date(), zone):
        told = {"code": metric.code, "first": period.first.isoformat(), "last": period.last.isoformat()}
        enqueue_again("analytics.figure", key=":".join(told.values()), payload=told)
    figures.note_figures(now)


@work("analytics.figure")
def figure(payload: dict[str, Any]) -> None:
    """Count one figure of a large company's dashboards and keep it ready."""
    metric = metric_named(payload["code"])
    if metric is not None:
        period = Period(date.fromisoformat(payload["first"]), date.fromisoformat(payload["last"]), _zone())
        figures.keep_figure(metric, period, now=timezone.now())


@work("analytics.close")
def close(payload: dict[str, Any]) -> None:
    """After the end of a month, quarter or year: keep every metric as it was at the close, each in a job of its own."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    zone = ZoneInfo(tenant.time_zone)
    for period in services.closed_periods(timezone.now().astimezone(zone).date(), zone):
        if period.end <= tenant.created_at:
            continue
        kept = set(MetricSnapshot.objects.filter(first=period.first, last=period.last).values_list("code", flat=True))
        for metric in metrics():
            if metric.code not in kept:
                told = {"code": metric.code, "first": period.first.isoformat(), "last": period.last.isoformat()}
                enqueue("analytics.snapshot", key=":".join(told.values()), payload=told)


@work("analytics.snapshot")
def snapshot(payload: dict[str, Any]) -> None:
    """Keep one metric as it was at the close of a period."""
    metric = metric_named(payload["code"])
    if metric is not None:
        period = Period(date.fromisoformat(payload["first"]), date.fromisoformat(payload["last"]), _zone())
        services.snapshot(metric, period, now=timezone.now())


daily("analytics.roll_up", at=time(0, 0))
daily("analytics.close", at=time(0, 20))
every("analytics.refresh", REFRESH)
