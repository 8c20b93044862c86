"""The process map by REST: the ways that records take, with their times, turns and waits."""

from itertools import islice
from typing import Any

from django.http import Http404
from rest_framework.response import Response
from rest_framework.views import APIView

from ltc.analytics.api.views import PERIOD_PARAMETERS, asker, invalid, question_of
from ltc.analytics.process import BEGUN, ENDED, Process, Waits, mapped, process_named, processes
from ltc.api import queries

KNOWN = PERIOD_PARAMETERS | {"of"}


def _found(code: str) -> Process:
    found = process_named(code)
    if found is None:
        raise Http404
    return found


def _which(parameters: Any) -> str:
    of = str(parameters.get("of", ENDED))
    if of not in (ENDED, BEGUN):
        raise invalid("of", f"Ask for those that {ENDED} in the period, or that have {BEGUN} in it.")
    return of


class ProcessesView(APIView):
    """The processes of which there is a map."""

    def get(self, request: Any) -> Response:
        """Each with its steps in order."""
        asker(request)
        queries.checked(request.query_params, ())
        return Response({"data": [_described(each) for each in processes()]})


def _described(found: Process) -> dict[str, Any]:
    steps = [{"code": step, "label": str(label), "is_end": step in found.ends} for step, label in found.steps.items()]
    return {"code": found.code, "label": str(found.label), "steps": steps}


class ProcessView(APIView):
    """The map of one process in a period."""

    def get(self, request: Any, code: str) -> Response:
        """Of the records that ended in the period (or, with `of=begun`, began in it): variants with count, share and median days; the time
        in each step and between each two; how many turned back (rework) or left steps out (skips); and where most time was spent."""
        found = _found(code)
        parameters = queries.checked(request.query_params, KNOWN)
        question, of = question_of(request, parameters), _which(parameters)
        drawn = mapped(found, found.traces(question, of))
        slow = drawn.bottleneck
        bottleneck = None
        if slow:
            waits = drawn.steps[slow]
            bottleneck = {"step": slow, **_waited(waits), "share": _text(drawn.share(waits.total, drawn.waited))}
        return Response(
            {
                **_described(found),
                "period": {"from": question.period.first, "to": question.period.last, "time_zone": str(question.period.zone)},
                "as_of": question.as_of,
                "of": of,
                "cases": drawn.cases,
                "variants": [
                    {
                        "key": each.key,
                        "steps": list(each.way),
                        "count": each.count,
                        "share": _text(drawn.share(each.count)),
                        "median_days": _text(Waits(each.days).median),
                        "rework": each.rework,
                        "skips": each.skips,
                    }
                    for each in drawn.variants
                ],
                "times": [{"step": step, **_waited(waits)} for step, waits in drawn.steps.items() if waits.count],
                "moves": [{"from": start, "to": end, **_waited(waits)} for (start, end), waits in sorted(drawn.moves.items())],
                "rework": {"cases": drawn.reworked, "share": _text(drawn.share(drawn.reworked))},
                "skips": {"cases": drawn.skipping, "share": _text(drawn.share(drawn.skipping))},
                "bottleneck": bottleneck,
            }
        )


def _waited(waits: Waits) -> dict[str, Any]:
    return {"count": waits.count, "median_days": _text(waits.median), "total_days": f"{waits.total:.4f}"}


def _text(value: Any) -> str | None:
    return None if value is None else format(value, "f")


class ProcessRowsView(APIView):
    """The records behind the map."""

    def get(self, request: Any, code: str) -> Response:
        """Exactly the records that were counted, or those of one `variant`; a page at a time (`limit`, `after`)."""
        found = _found(code)
        parameters = queries.checked(request.query_params, KNOWN | {"variant", "limit", "after"})
        question, variant, after = question_of(request, parameters), parameters.get("variant"), parameters.get("after", "0")
        if not after.isdecimal() or len(after) > 9:
            raise invalid("after", "Give the `next` of the page before.")
        traces = (trace for trace in found.traces(question, _which(parameters)) if variant in (None, ">".join(trace.way)))
        limit, start = queries.limit_of(parameters), int(after)
        skipped = sum(1 for _each in islice(traces, start))
        page = [
            {
                "type": trace.fact.kind,
                "id": str(trace.fact.id),
                "label": trace.fact.label,
                "days": f"{trace.days:.4f}",
                "steps": [{"step": step, "at": at} for step, at in trace.steps],
            }
            for trace in islice(traces, limit)
        ]
        rest = sum(1 for _each in traces)
        total = skipped + len(page) + rest
        return Response({"code": found.code, "counted": total, "data": page, "next": str(start + len(page)) if rest else None})
