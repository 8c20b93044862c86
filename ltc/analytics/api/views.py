"""Metrics by REST: the list of definitions, one metric over a period, and the funnel."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.response import Response
from rest_framework.views import APIView

from ltc.analytics import selectors
from ltc.analytics.periods import Length, Period, period_of
from ltc.analytics.registry import Metric, Question, metric_named, metrics
from ltc.api import queries
from ltc.api.problems import Problem
from ltc.refusals import Forbidden
from ltc.tenancy.models import Tenant

PERIOD_PARAMETERS = frozenset({"from", "to", "as_of"})


def _asker(request: Any) -> Any:
    actor = request._request.actor
    if not actor.has_perm("metrics.view"):
        raise Forbidden("This caller may not read metrics.")
    return actor


def _invalid(name: str, detail: str) -> Problem:
    return Problem("invalid", errors=[{"pointer": f"?{name}", "code": "invalid", "detail": detail}])


def _day(parameters: Any, name: str, default: date) -> date:
    text = parameters.get(name)
    if text is None:
        return default
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise _invalid(name, "Give a day as YYYY-MM-DD.")
    return day


def _moment(parameters: Any, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant of `as_of`; a bare day means its end in the tenant's zone."""
    text = parameters.get("as_of")
    if text is None:
        return now
    try:
        moment = parse_datetime(text) if "T" in text else None
        day = None if moment else parse_date(text)
    except ValueError:
        moment = day = None
    if day is not None:
        return Period(day, day, zone).end
    if moment is None or moment.tzinfo is None:
        raise _invalid("as_of", "Give an instant with its zone, such as 2026-06-30T12:00:00Z, or a day.")
    return moment.astimezone(UTC)


def _question(request: Any, parameters: Any) -> Question:
    actor, tenant, now = _asker(request), request._request.tenant, timezone.now()
    zone = ZoneInfo(tenant.time_zone)
    current = period_of(now.astimezone(zone).date(), Length.QUARTER, zone)
    first, last = _day(parameters, "from", current.first), _day(parameters, "to", current.last)
    if last < first:
        raise _invalid("to", "The period ends before it begins.")
    return Question(Period(first, last, zone), _moment(parameters, now, zone), actor)


def _described(metric: Metric) -> dict[str, Any]:
    return {
        "code": metric.code,
        "label": str(metric.label),
        "formula": str(metric.formula),
        "unit": metric.unit,
        "direction": metric.direction,
    }


class MetricsView(APIView):
    """Every metric that this installation answers for."""

    def get(self, request: Any) -> Response:
        """The definitions."""
        _asker(request)
        queries.checked(request.query_params, ())
        return Response({"data": [_described(metric) for metric in metrics()]})


class MetricView(APIView):
    """One metric over a period, from what the caller may see."""

    def get(self, request: Any, code: str) -> Response:
        """The value for the days `from` to `to` (this quarter if not given), counting facts up to `as_of` (now)."""
        metric = metric_named(code)
        if metric is None:
            raise Http404
        question = _question(request, queries.checked(request.query_params, PERIOD_PARAMETERS))
        answer, tenant = metric.compute(question), request._request.tenant
        return Response(
            {
                **_described(metric),
                "value": _text(answer.value),
                "numerator": _text(answer.numerator),
                "denominator": _text(answer.denominator),
                "currency": (answer.currency or tenant.base_currency) if metric.unit == "money" else None,
                "period": {"from": question.period.first, "to": question.period.last, "time_zone": tenant.time_zone},
                "as_of": question.as_of,
                "flags": list(answer.flags),
            }
        )


def _text(value: Any) -> str | None:
    return None if value is None else format(value, "f")


class FunnelView(APIView):
    """The steps from lead to cash of the leads captured in a period, from the roll-up."""

    def get(self, request: Any) -> Response:
        """How many leads reached each step, with their worth in the tenant's currency and their mean days to it."""
        question = _question(request, queries.checked(request.query_params, {"from", "to"}))
        tenant: Tenant = request._request.tenant
        steps = [
            {"code": step.code, "label": str(step.label), "count": step.count, "amount": _text(step.amount), "days": step.days}
            for step in selectors.funnel_of(question.period, selectors.seen_by(question.actor, question.period))
        ]
        period = {"from": question.period.first, "to": question.period.last, "time_zone": tenant.time_zone}
        return Response({"period": period, "currency": tenant.base_currency, "counted_at": selectors.counted_at(), "steps": steps})
