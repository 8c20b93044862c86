"""Metrics by REST: the list of definitions, one metric over a period, the records behind it, and the funnel."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils import timezone, translation
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.response import Response
from rest_framework.views import APIView

from ltc.analytics import selectors
from ltc.analytics.models import MetricSnapshot
from ltc.analytics.past import slice_labels
from ltc.analytics.periods import Length, Period, period_named, period_of
from ltc.analytics.registry import SLICES, Answer, Counted, Metric, Question, metric_named, metrics
from ltc.api import queries
from ltc.api.problems import Problem
from ltc.refusals import Forbidden
from ltc.tenancy.models import Tenant
from ltc.users.roles import Scope

PERIOD_PARAMETERS = frozenset({"from", "to", "period", "as_of"})
BARE_PLUS = re.compile(r"(?<=\d) (?=\d\d:\d\d$)")
"""A plus that nobody escaped arrives as a blank: 2026-06-30T12:00:00 08:00."""
MOMENT = timedelta(microseconds=1)


def asker(request: Any) -> Any:
    actor = request._request.actor
    if not actor.has_perm("metrics.view"):
        raise Forbidden("This caller may not read metrics.")
    return actor


def invalid(name: str, detail: str) -> Problem:
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
        raise invalid(name, "Give a day as YYYY-MM-DD.")
    return day


def _moment(parameters: Any, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant of `as_of`; a bare day means its end in the tenant's zone."""
    text = parameters.get("as_of")
    if text is None:
        return now
    text = BARE_PLUS.sub("+", text)
    try:
        moment = parse_datetime(text) if len(text) > len("2026-06-30") else None
        day = None if moment else parse_date(text)
    except ValueError:
        moment = day = None
    if day is not None:
        return Period(day, day, zone).end - MOMENT
    if moment is None:
        raise invalid("as_of", "Give an instant such as 2026-06-30T12:00:00Z (without a zone: the tenant's), or a day.")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _period(parameters: Any, current: Period, tenant: Tenant) -> Period:
    if (name := parameters.get("period")) is not None:
        if "from" in parameters or "to" in parameters:
            raise invalid("period", "Give either a period or its days.")
        try:
            return period_named(name, current.zone, tenant.fiscal_year_start_month)
        except ValueError as error:
            raise invalid("period", "Give a year (2026), a quarter (2026-Q2) or a month (2026-06).") from error
    first, last = _day(parameters, "from", current.first), _day(parameters, "to", current.last)
    if last < first:
        raise invalid("to", "The period ends before it begins.")
    return Period(first, last, current.zone)


def question_of(request: Any, parameters: Any) -> Question:
    actor, tenant, now = asker(request), request._request.tenant, timezone.now()
    zone = ZoneInfo(tenant.time_zone)
    current = period_of(now.astimezone(zone).date(), Length.QUARTER, zone)
    return Question(_period(parameters, current, tenant), _moment(parameters, now, zone), actor)


def _described(metric: Metric) -> dict[str, Any]:
    formulas = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            formulas[language] = str(metric.formula)
    return {
        "code": metric.code,
        "label": str(metric.label),
        "formula": str(metric.formula),
        "formulas": formulas,
        "unit": metric.unit,
        "direction": metric.direction,
        "slices": list(metric.slices),
        "is_table": metric.is_table,
    }


def _found(code: str) -> Metric:
    metric = metric_named(code)
    if metric is None:
        raise Http404
    return metric


class MetricsView(APIView):
    """Every metric that this installation answers for."""

    def get(self, request: Any) -> Response:
        """The definitions."""
        asker(request)
        queries.checked(request.query_params, ())
        return Response({"data": [_described(metric) for metric in metrics()]})


class MetricView(APIView):
    """One metric over a period, from what the caller may see."""

    def get(self, request: Any, code: str) -> Response:
        """The value for the days `from` to `to` (this quarter if not given), counting facts up to `as_of` (now).

        A metric that is a table has `table` in place of `value`, and `rows`, one per key. With `by` there is a row per slice.
        """
        metric = _found(code)
        parameters = queries.checked(request.query_params, PERIOD_PARAMETERS | {"by"})
        question = question_of(request, parameters)
        tenant: Tenant = request._request.tenant
        answer = metric.compute(question)
        body = {**_described(metric), **_told(metric, answer, tenant)}
        body["period"] = {"from": question.period.first, "to": question.period.last, "time_zone": tenant.time_zone}
        body["as_of"] = question.as_of
        body["reported"] = reported = _reported(metric, question)
        if reported is not None and question.as_of > reported["as_of"]:
            now = {name: body.get(name) for name in ("value", "table")}
            then = {name: reported.get(name) for name in ("value", "table")}
            body["flags"] = sorted({*body["flags"], *(("restated",) if _differ(now, then) else ())})
        if by := parameters.get("by"):
            body["by"], body["rows"] = by, _slices(metric, question, by, tenant)
        elif answer.table is not None:
            body["rows"] = _table_rows(answer.table)
        return Response(body)


def _told(metric: Metric, answer: Answer, tenant: Tenant) -> dict[str, Any]:
    result = {"table": answer.table} if answer.table is not None else {"value": _text(answer.value)}
    return {
        **result,
        "numerator": _text(answer.numerator),
        "denominator": _text(answer.denominator),
        "currency": (answer.currency or tenant.base_currency) if metric.unit == "money" else None,
        "flags": sorted(set(answer.flags)),
        "counted": answer.counted,
    }


def _reported(metric: Metric, question: Question) -> dict[str, Any] | None:
    """What was reported at the close of the period, for who sees all of the company's numbers; None if nothing was kept."""
    if Scope.ALL not in question.actor.scopes("metrics.view"):
        return None
    kept = MetricSnapshot.objects.filter(code=metric.code, first=question.period.first, last=question.period.last, dims={})
    found = kept.order_by("as_of_date").first()
    if found is None:
        return None
    result = {"table": found.table} if found.table is not None else {"value": _text(found.value)}
    return {**result, "numerator": _text(found.numerator), "denominator": _text(found.denominator), "as_of": found.as_of}


def _differ(now: dict[str, Any], then: dict[str, Any]) -> bool:
    """Whether a number is another one than was reported; 0.8 and 0.8000 are the same."""
    pair = [None if each["value"] is None else Decimal(each["value"]) for each in (now, then)]
    return pair[0] != pair[1] or now["table"] != then["table"]


def _slices(metric: Metric, question: Question, by: str, tenant: Tenant) -> list[dict[str, Any]]:
    if by not in metric.slices:
        raise invalid("by", f"Slice by one of: {', '.join(metric.slices) or 'nothing'}.")
    answers = metric.sliced(question, by)
    labels = slice_labels(by, list(answers))
    return [{"key": key, "label": labels.get(key, key), **_told(metric, answer, tenant)} for key, answer in answers.items()]


def _table_rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    """A table as rows: one per key, its cells beside it."""
    return [{"key": key, **cells} if isinstance(cells, dict) else {"key": key, "value": cells} for key, cells in table.items()]


class MetricRowsView(APIView):
    """The records behind a metric: exactly those that were counted."""

    def get(self, request: Any, code: str) -> Response:
        """The counted records, a page at a time (`limit`, `after`); `counted` is how many there are in all."""
        metric = _found(code)
        parameters = queries.checked(request.query_params, PERIOD_PARAMETERS | {"limit", "after", "by", "slice"})
        question = question_of(request, parameters)
        by, key, after = parameters.get("by", ""), parameters.get("slice"), parameters.get("after", "0")
        if by and by not in SLICES:
            raise invalid("by", f"Slice by one of: {', '.join(SLICES)}.")
        if not after.isdecimal() or len(after) > 9:
            raise invalid("after", "Give the `next` of the page before.")
        counted: Iterable[Counted] = metric.read(Question(question.period, question.as_of, question.actor, by))
        if by and key is not None:
            counted = (each for each in counted if each.fact.dimension(by) == key)
        limit, start = queries.limit_of(parameters), int(after)
        flow = iter(counted)
        skipped = sum(1 for _each in islice(flow, start))
        page = [_row(each) for each in islice(flow, limit)]
        rest = sum(1 for _each in flow)
        total = skipped + len(page) + rest
        return Response({"code": metric.code, "counted": total, "data": page, "next": str(start + len(page)) if rest else None})


def _row(each: Counted) -> dict[str, Any]:
    return {
        "type": each.fact.kind,
        "id": str(each.fact.id),
        "label": each.fact.label,
        "role": each.role,
        "numerator": _text(each.part),
        "denominator": _text(each.whole),
    }


def _text(value: Any) -> str | None:
    return None if value is None else format(Decimal(value), "f")


class FunnelView(APIView):
    """The steps from lead to cash of the leads captured in a period, from the roll-up."""

    def get(self, request: Any) -> Response:
        """How many leads reached each step, with their worth in the tenant's currency and their mean days to it."""
        question = question_of(request, queries.checked(request.query_params, {"from", "to"}))
        tenant: Tenant = request._request.tenant
        steps = [
            {"code": step.code, "label": str(step.label), "count": step.count, "amount": _text(step.amount), "days": step.days}
            for step in selectors.funnel_of(question.period, selectors.seen_by(question.actor, question.period))
        ]
        period = {"from": question.period.first, "to": question.period.last, "time_zone": tenant.time_zone}
        return Response({"period": period, "currency": tenant.base_currency, "counted_at": selectors.counted_at(), "steps": steps})
