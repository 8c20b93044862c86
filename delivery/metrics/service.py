"""How content customers are, how quickly they are helped, and what is delivered and not billed yet."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from delivery.models import Case, Survey
from ltc.analytics.counted import Answer, Counted, Question, Row, days_between, median, rate
from ltc.analytics.past import CHUNK
from ltc.analytics.registry import metric

FEW = 5
CONTENT = 4
PROMOTER, DETRACTOR = 9, 6
SLICES = ("owner", "team", "region", "segment")
WHOSE = ("customer__owner", "customer__team", "customer__region", "customer__kind")


def _dimensions(whose: Iterable[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value or "")) for name, value in zip(SLICES, whose, strict=True))


def surveys(question: Question, kind: str, *, sent: bool = False) -> Iterator[tuple[Row, int | None]]:
    """The surveys answered in the period with their score, or, with `sent`, those sent in it and their score if it came by `as_of`."""
    period, moment = question.period, "sent_at" if sent else "responded_at"
    found = Survey.objects.visible_to(question.actor).filter(period.within(moment), kind=kind, **{f"{moment}__lte": question.as_of})
    rows = found.order_by().values_list("pk", "sent_at", "score", "responded_at", *WHOSE)
    for pk, at, score, answered, *whose in rows.iterator(chunk_size=CHUNK):
        known = score if answered is not None and answered <= question.as_of else None
        yield Row("survey", pk, f"{at:%F}", _dimensions(whose)), known


def _of_few(answer: Answer) -> Answer:
    """Fewer than five answers say little."""
    return answer.flagged("small_sample") if answer.denominator and answer.denominator < FEW else answer


def _share_of_answers(counted: Iterable[Counted], question: Question) -> Answer:
    part = whole = 0
    for each in counted:
        part, whole = part + int(each.part), whole + int(each.whole)
    return _of_few(rate(part, whole))


@metric(
    "csat", label=_("Content customers"), unit="rate", reduce=_share_of_answers, slices=SLICES,
    formula=_("Answers of 4 or 5 in the period ÷ answers."),
)  # fmt: skip
def content(question: Question) -> Iterator[Counted]:
    return (Counted(row, int((score or 0) >= CONTENT)) for row, score in surveys(question, "csat"))


@metric(
    "csat.mean", label=_("Satisfaction, mean"), unit="score", reduce=_share_of_answers, slices=SLICES,
    formula=_("Mean of the answers of the period, from 1 to 5."),
)  # fmt: skip
def scores(question: Question) -> Iterator[Counted]:
    return (Counted(row, score or 0) for row, score in surveys(question, "csat"))


def _hundredfold(counted: Iterable[Counted], question: Question) -> Answer:
    answer = _share_of_answers(counted, question)
    assert answer.numerator is not None and answer.denominator is not None
    value = rate(answer.numerator * 100, answer.denominator, 1).value
    return replace(answer, value=value)


@metric(
    "nps", label=_("Net promoter score"), unit="score", reduce=_hundredfold, slices=SLICES,
    formula=_("(Answers of 9 or 10 − answers of 0 to 6) ÷ answers of the period × 100."),
)  # fmt: skip
def promoters(question: Question) -> Iterator[Counted]:
    for row, score in surveys(question, "nps"):
        assert score is not None
        yield Counted(row, int(score >= PROMOTER) - int(score <= DETRACTOR))


def _response(kind: str, question: Question) -> Iterator[Counted]:
    return (Counted(row, int(score is not None)) for row, score in surveys(question, kind, sent=True))


def _answered(counted: Iterable[Counted], question: Question) -> Answer:
    part = whole = 0
    for each in counted:
        part, whole = part + int(each.part), whole + int(each.whole)
    return rate(part, whole)


@metric(
    "csat.response_rate", label=_("Satisfaction, answered"), unit="rate", reduce=_answered, slices=SLICES,
    formula=_("Surveys sent in the period that were answered ÷ surveys sent in the period."),
)  # fmt: skip
def csat_response(question: Question) -> Iterator[Counted]:
    return _response("csat", question)


@metric(
    "nps.response_rate", label=_("Recommendation, answered"), unit="rate", reduce=_answered, slices=SLICES,
    formula=_("Surveys sent in the period that were answered ÷ surveys sent in the period."),
)  # fmt: skip
def nps_response(question: Question) -> Iterator[Counted]:
    return _response("nps", question)


def _cases(question: Question, moment: str) -> Iterator[Counted]:
    period = question.period
    found = Case.objects.visible_to(question.actor).filter(Q(**{f"{moment}__lte": question.as_of}), period.within(moment))
    rows = found.order_by().values_list("pk", "number", "opened_at", moment, *WHOSE)
    for pk, number, start, end, *whose in rows.iterator(chunk_size=CHUNK):
        yield Counted(Row("case", pk, number, _dimensions(whose)), days_between(start, end))


@metric(
    "case.first_response", label=_("Answer to a service case"), unit="days", direction="down", reduce=median, slices=SLICES,
    formula=_("Median days from the opening of a service case to its first answer, of cases answered in the period."),
)  # fmt: skip
def case_answers(question: Question) -> Iterator[Counted]:
    return _cases(question, "first_response_at")


@metric(
    "case.resolution", label=_("Solution of a service case"), unit="days", direction="down", reduce=median, slices=SLICES,
    formula=_("Median days from the opening of a service case to its solution, of cases resolved in the period."),
)  # fmt: skip
def case_solutions(question: Question) -> Iterator[Counted]:
    return _cases(question, "resolved_at")
