"""The forecast of cash as REST tells it."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from ltc.api import queries
from ltc.api.problems import Problem
from ltc.refusals import Forbidden
from receivables.cash_forecast import MOST_WEEKS, WEEKS, CashForecast, LookBack, cash_forecast, past_forecasts
from receivables.cash_in import Quality
from receivables.cash_in_facts import facts_of


class CashForecastView(APIView):
    """What is likely to come in, week by week, of what is invoiced and open; and how good such forecasts were."""

    @extend_schema(parameters=[OpenApiParameter("weeks", OpenApiTypes.INT)], responses=OpenApiTypes.OBJECT)
    def get(self, request: Any) -> Response:
        """The next `weeks` (13), the present one first, each with p10, p50 and p90 in base currency; all amounts as text."""
        actor = request._request.actor
        if not actor.has_perm("receivables.view"):
            raise Forbidden("This caller may not read receivables.")
        weeks = weeks_asked(queries.checked(request.query_params, frozenset({"weeks"})).get("weeks"))
        today = timezone.localdate()
        facts = facts_of(actor, today)
        return Response(as_data(cash_forecast(actor, today, weeks=weeks, facts=facts), past_forecasts(actor, today, facts)))


def weeks_asked(text: str | None) -> int:
    """How many weeks are asked for. Raises Problem."""
    number = WEEKS if text is None else int(text) if text.isdecimal() and len(text) < 4 else 0
    if not 1 <= number <= MOST_WEEKS:
        told = f"Give a number of weeks from 1 to {MOST_WEEKS}."
        raise Problem("invalid", errors=[{"pointer": "?weeks", "code": "out_of_range", "detail": told}])
    return number


def as_data(found: CashForecast, back: LookBack) -> dict[str, Any]:
    """The forecast as REST tells it: amounts as text, shares as text with four decimals."""
    return {
        "as_of": found.today.isoformat(), "currency": found.currency, "open": str(found.open), "later": str(found.later),
        "weeks": [
            {
                "first": each.first.isoformat(), "last": each.last.isoformat(), "p10": str(each.p10), "p50": str(each.p50),
                "p90": str(each.p90), "expected": str(each.expected), "due": str(each.due), "promised": str(each.promised),
            }
            for each in found.weeks
        ],
        "back_test": {
            "weeks": [
                {
                    "first": each.first.isoformat(), "last": each.last.isoformat(), "within": each.told.is_within,
                    **{name: f"{value:.2f}" for name, value in vars(each.told).items()},
                }
                for each in back.weeks
            ],
            "by_weeks_ahead": [{"weeks_ahead": number, **_told(each)} for number, each in enumerate(back.by_distance, start=1)],
        },
    }  # fmt: skip


def _told(found: Quality) -> dict[str, Any]:
    shares = {"coverage": found.coverage, "pinball_loss": found.loss, "error": found.error, "bias": found.bias}
    return {"weeks": found.weeks, **{name: None if share is None else f"{share:.4f}" for name, share in shares.items()}}
