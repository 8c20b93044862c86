"""What will be won in a period: closed so far, likely, possible; against the quota; and how good the forecast was."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import NO_DATA, Answer, Counted, Question, Reader, Row, quotient, rate, share, total
from ltc.analytics.registry import metric
from opportunities import path
from opportunities.metrics.past import Deal, deals_then, standing, touched_in
from opportunities.models import ForecastSubmission, Quota

ZERO = Decimal(0)
COMMITTED = (path.COMMIT,)
LIKELY = (path.COMMIT, path.BEST_CASE)
COUNTED = (path.COMMIT, path.BEST_CASE, path.PIPELINE)


def expected(question: Question) -> Iterator[tuple[Deal, str]]:
    """The deals won in the period, and the open ones that are expected to close in it.

    An open deal whose expected close lies in the past belongs to the period that runs at `as_of`, with a flag.
    """
    period, today = question.period, question.today
    for deal in deals_then(question, standing(question) | touched_in(question)):
        if question.covers(deal.won_at):
            yield deal, "closed"
        elif deal.state == "open":
            overdue = deal.close_date < today
            day = today if overdue else deal.close_date
            if period.first <= day <= period.last:
                yield deal, "overdue" if overdue else "open"


def _forecast(question: Question, categories: tuple[str, ...], *, closed: bool = True, weighted: bool = False) -> Iterator[Counted]:
    for deal, place in expected(question):
        if place == "closed":
            if closed:
                yield Counted(deal, deal.worth, role="closed", flag=deal.flag)
        elif deal.forecast_category in categories:
            amount = deal.worth * deal.probability if weighted else deal.worth
            yield Counted(deal, amount, role=deal.forecast_category, flag=deal.flag or ("overdue_close" if place == "overdue" else ""))


@metric(
    "fc.closed", label=_("Won in the period"), unit="money", reduce=total,
    formula=_("Sum of the opportunities won in the period, at the rate frozen at the win."),
)  # fmt: skip
def closed(question: Question) -> Iterator[Counted]:
    return _forecast(question, ())


@metric(
    "fc.commit", label=_("Forecast, committed"), unit="money", reduce=total,
    formula=_("Won in the period + open opportunities of category “commit” that are expected to close in the period."),
)  # fmt: skip
def committed(question: Question) -> Iterator[Counted]:
    return _forecast(question, COMMITTED)


@metric(
    "fc.best_case", label=_("Forecast, best case"), unit="money", reduce=total,
    formula=_("Committed forecast + open opportunities of category “best case” that are expected to close in the period."),
)  # fmt: skip
def best_case(question: Question) -> Iterator[Counted]:
    return _forecast(question, LIKELY)


@metric(
    "fc.open_pipeline", label=_("Open pipeline of the period"), unit="money", reduce=total,
    formula=_("Open opportunities that are not omitted and are expected to close in the period."),
)  # fmt: skip
def open_pipeline(question: Question) -> Iterator[Counted]:
    return _forecast(question, COUNTED, closed=False)


@metric(
    "fc.weighted", label=_("Forecast, weighted"), unit="money", reduce=total,
    formula=_("Won in the period + amount × probability of the open opportunities that are not omitted and expected to close in it."),
)  # fmt: skip
def weighted(question: Question) -> Iterator[Counted]:
    return _forecast(question, COUNTED, weighted=True)


def quotas(question: Question) -> Iterator[Counted]:
    """The quotas of the period: of whole teams where they have one, else of their people; finer ones only where none is as long.

    A person's quota within a team that has one of its own adds nothing to it.
    """
    found = Quota.objects.visible_to(question.actor).filter(starts_on__gte=question.period.first, ends_on__lte=question.period.last)
    columns = ("pk", "user", "team", "period", "starts_on", "ends_on", "amount", "team__path", "user__team", "user__team__path")
    rows = sorted(found.order_by().values_list(*columns), key=lambda row: (row[4], row[4] - row[5]))
    covered: dict[object, list[tuple[date, date]]] = {}
    paths = [row[7] for row in rows if row[2] is not None]
    for pk, user, team, key, start, end, amount, path_of_team, team_of_user, path_of_user in rows:
        spans = covered.setdefault(user or team, [])
        above = path_of_team if team else path_of_user
        if any(begin <= start and end <= stop for begin, stop in spans):
            continue
        if above and any(above.startswith(other) and (user or other != above) for other in paths):
            continue
        spans.append((start, end))
        dimensions = (("owner", str(user or "")), ("team", str(team or team_of_user or "")))
        yield Counted(Row("quota", pk, key, dimensions), ZERO, amount, "quota")


def _with_quota(question: Question, records: Iterable[Counted]) -> Iterator[Counted]:
    for counted in records:
        yield replace(counted, whole=ZERO)
    yield from quotas(question)


@metric(
    "fc.attainment", label=_("Quota attainment"), unit="rate", reduce=share, slices=("owner", "team"),
    formula=_("Won in the period ÷ quota of the period."),
)  # fmt: skip
def attained(question: Question) -> Iterator[Counted]:
    return _with_quota(question, closed(question))


def _coverage(counted: Iterable[Counted], question: Question) -> Answer:
    pipeline = won = quota = ZERO
    flags = dict[str, None]()
    for each in counted:
        if each.role == "quota":
            quota += each.whole
        elif each.role == "closed":
            won += each.part
        else:
            pipeline += each.part
        if each.flag:
            flags[each.flag] = None
    if quota and quota <= won:
        return Answer(None, pipeline, quota - won, (*flags, "quota_met"))
    return rate(pipeline, quota - won if quota else ZERO).flagged(*flags)


@metric(
    "fc.coverage", label=_("Pipeline coverage"), unit="rate", reduce=_coverage, slices=("owner", "team"),
    formula=_("Open pipeline of the period ÷ (quota − won in the period); none once the quota is met."),
)  # fmt: skip
def covering(question: Question) -> Iterator[Counted]:
    return _with_quota(question, _forecast(question, COUNTED))


def locked(question: Question) -> Question:
    """The same question as it stood when the forecast of the period was locked: at the end of the period's first day."""
    return replace(question, as_of=question.period.start + timedelta(days=1) - timedelta(microseconds=1))


def handed_in(question: Question) -> Iterator[Counted]:
    """The forecasts for exactly these days that were handed in by `as_of` and locked: what each person said that they would win."""
    days = {"starts_on": question.period.first, "ends_on": question.period.last}
    said = ForecastSubmission.objects.visible_to(question.actor).filter(is_locked=True, submitted_at__lte=question.as_of, **days)
    for pk, period, user, team, amount in said.order_by().values_list("pk", "period", "user", "team", "commit_amount"):
        dimensions = (("owner", str(user)), ("team", str(team or "")))
        yield Counted(Row("forecast", pk, period, dimensions), amount, ZERO, "forecast")


def _beside_actual(question: Question, forecast: Reader, *, said: bool = False) -> Iterator[Counted]:
    """The forecast at its lock and what came. Of a person who has `said` something that was locked, that is the forecast."""
    spoken = list(handed_in(question)) if said else []
    speakers = {each.fact.dimension("owner") for each in spoken}
    yield from spoken
    for counted in forecast(locked(question)):
        if str(counted.fact.owner) not in speakers:  # type: ignore[attr-defined]
            yield replace(counted, whole=ZERO, role="forecast")
    for counted in closed(question):
        yield replace(counted, part=ZERO, whole=counted.part, role="actual")


def _two(counted: Iterable[Counted]) -> tuple[Decimal, Decimal, tuple[str, ...]]:
    forecast = actual = ZERO
    flags = dict[str, None]()
    for each in counted:
        forecast, actual = forecast + each.part, actual + each.whole
        if each.flag == "mixed_currency":
            flags[each.flag] = None
    return forecast, actual, tuple(flags)


def _over(question: Question) -> tuple[str, ...]:
    return () if question.as_of >= question.period.end - timedelta(microseconds=1) else ("immature",)


def _accuracy(counted: Iterable[Counted], question: Question) -> Answer:
    forecast, actual, flags = _two(counted)
    off = quotient(abs(forecast - actual), actual)
    if off is None:
        return Answer(None, forecast, actual, (NO_DATA, *flags))
    exact = quotient(max(ZERO, actual - abs(forecast - actual)), actual)
    return Answer(exact, forecast, actual, (*flags, *_over(question)))


def _bias(counted: Iterable[Counted], question: Question) -> Answer:
    forecast, actual, flags = _two(counted)
    answer = rate(forecast - actual, actual)
    return answer.flagged(*flags, *(_over(question) if answer.value is not None else ()))


def _wape(counted: Iterable[Counted], question: Question) -> Answer:
    by_rep: dict[str, list[Decimal]] = {}
    for each in counted:
        pair = by_rep.setdefault(each.fact.dimension("owner"), [ZERO, ZERO])
        pair[0] += each.part
        pair[1] += each.whole
    off = sum((abs(forecast - actual) for forecast, actual in by_rep.values()), ZERO)
    answer = rate(off, sum((actual for _forecast_, actual in by_rep.values()), ZERO))
    return answer.flagged(*(_over(question) if answer.value is not None else ()))


@metric(
    "fc.accuracy", label=_("Forecast accuracy"), unit="rate", reduce=_accuracy,
    formula=_(
        "1 − |committed forecast − won| ÷ won, at least 0. The forecast of each person is the locked one that they handed in, or else what "
        "stood at the end of the period's first day."
    ),
)  # fmt: skip
@metric(
    "fc.bias", label=_("Forecast bias"), unit="rate", direction="down", reduce=_bias,
    formula=_("(Committed forecast − won) ÷ won, by the forecast that the accuracy is measured by."),
)  # fmt: skip
@metric(
    "fc.wape", label=_("Forecast error by person"), unit="rate", direction="down", reduce=_wape,
    formula=_("Sum over people of |committed forecast − won| ÷ won, by the forecast that the accuracy is measured by."),
)  # fmt: skip
def commit_beside_actual(question: Question) -> Iterator[Counted]:
    return _beside_actual(question, committed, said=True)


@metric(
    "fc.accuracy.weighted", label=_("Forecast accuracy, weighted"), unit="rate", reduce=_accuracy,
    formula=_("1 − |weighted forecast at the end of the period's first day − won| ÷ won, at least 0."),
)  # fmt: skip
@metric(
    "fc.bias.weighted", label=_("Forecast bias, weighted"), unit="rate", direction="down", reduce=_bias,
    formula=_("(Weighted forecast at the end of the period's first day − won) ÷ won."),
)  # fmt: skip
def weighted_beside_actual(question: Question) -> Iterator[Counted]:
    return _beside_actual(question, weighted)


@metric(
    "fc.slippage", label=_("Slipped out of the period"), unit="money", direction="down", reduce=total,
    formula=_("Amount that was expected to close in the period at the end of its first day and is expected later now."),
)  # fmt: skip
def slipped(question: Question) -> Iterator[Counted]:
    planned = {deal.id for deal, place in expected(locked(question)) if place != "closed"}
    for deal in deals_then(question, standing(question)):
        if deal.id in planned and deal.state == "open" and deal.close_date > question.period.last:
            yield Counted(deal, deal.worth, flag=deal.flag)
