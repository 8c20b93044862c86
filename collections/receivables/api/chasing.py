"""The REST of chasing: promises, disputes, reminders and their cases."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from ltc.api import queries
from ltc.api.problems import Problem
from ltc.api.viewsets import RecordViewSet
from ltc.refusals import Forbidden
from receivables.api.documents import WithPdf
from receivables.api.serializers import (
    DisputeSerializer,
    PromiseSerializer,
    ReminderPolicySerializer,
    ReminderSettingSerializer,
    ReminderStopSerializer,
    ReminderTextSerializer,
    StatementSerializer,
)
from receivables.filters import DisputeFilters, PromiseFilters, StatementFilters
from receivables.models import CustomerDunningSetting, Dispute, DunningPolicy, DunningTemplate, ItemStop, PromiseToPay, Statement
from receivables.services.account_statements import draw_up
from receivables.services.disputes import open_dispute
from receivables.services.policies import save_policy, set_customer, stop_item
from receivables.services.promises import make_promise
from receivables.services.rehearsal import rehearse
from receivables.services.writing import save_text
from receivables.worklist import queue


def stop_item_by_name(*, actor: Any, item: Any, until: date, reason: str) -> ItemStop:
    return stop_item(item, actor=actor, until=until, reason=reason)


class PromiseViewSet(RecordViewSet):
    model = PromiseToPay
    serializer_class = PromiseSerializer
    filterset_class = PromiseFilters
    prefetch = ("items",)
    orderings = ("created_at", "promised_on")
    add = staticmethod(make_promise)

    def search(self, queryset: Any, text: str) -> Any:
        return queryset.filter(customer__name__icontains=text)


class DisputeViewSet(RecordViewSet):
    model = Dispute
    serializer_class = DisputeSerializer
    filterset_class = DisputeFilters
    orderings = ("created_at", "due_on")
    add = staticmethod(open_dispute)

    def search(self, queryset: Any, text: str) -> Any:
        return queryset.filter(item__customer__name__icontains=text)


class StatementViewSet(WithPdf, RecordViewSet):
    model = Statement
    serializer_class = StatementSerializer
    filterset_class = StatementFilters
    orderings = ("created_at", "last")
    add = staticmethod(draw_up)


class WorklistView(APIView):
    """Whom to deal with first: the customers with something overdue, the most at risk first, and why. Amounts in base currency."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Any) -> Response:
        actor = request._request.actor
        if not actor.has_perm("receivables.view"):
            raise Forbidden("This caller may not read receivables.")
        queries.checked(request.query_params, frozenset())
        rows = [
            {
                "customer": str(place.customer.pk), "name": place.customer.name, "at_risk": str(place.rank.at_risk),
                "overdue": str(place.rank.overdue), "oldest_days": place.rank.oldest, "broken_promises": place.rank.broken_promises,
                "promised": place.rank.is_promised, "disputed": place.rank.is_disputed,
            }
            for place in queue(actor, timezone.localdate())
        ]  # fmt: skip
        return Response({"data": rows})


class ReminderPolicyViewSet(RecordViewSet):
    model = DunningPolicy
    serializer_class = ReminderPolicySerializer
    prefetch = ("steps",)

    @staticmethod
    def add(*, actor: Any, **values: Any) -> DunningPolicy:
        return save_policy(None, actor=actor, **values)

    @staticmethod
    def change(record: DunningPolicy, *, actor: Any, **values: Any) -> DunningPolicy:
        return save_policy(record, actor=actor, **values)


class ReminderSettingViewSet(RecordViewSet):
    """What is different for one customer. Posting it for a customer again changes it."""

    model = CustomerDunningSetting
    serializer_class = ReminderSettingSerializer

    @staticmethod
    def add(*, actor: Any, customer: Any, **values: Any) -> CustomerDunningSetting:
        return set_customer(customer, actor=actor, **values)

    @staticmethod
    def change(record: CustomerDunningSetting, *, actor: Any, **values: Any) -> CustomerDunningSetting:
        return set_customer(record.customer, actor=actor, **values)


class ReminderStopViewSet(RecordViewSet):
    """Items that are not reminded of until a day. Posting one again changes it."""

    model = ItemStop
    serializer_class = ReminderStopSerializer

    add = staticmethod(stop_item_by_name)


class ReminderTextViewSet(RecordViewSet):
    """The workspace's own texts. Posting one again changes it."""

    model = DunningTemplate
    serializer_class = ReminderTextSerializer
    add = staticmethod(save_text)


class ReminderPlanView(APIView):
    """The dry run: what the runs of the days from `from` to `to` (today) would do. Nothing is written or sent."""

    @extend_schema(
        parameters=[OpenApiParameter("from", OpenApiTypes.DATE), OpenApiParameter("to", OpenApiTypes.DATE)], responses=OpenApiTypes.OBJECT
    )
    def get(self, request: Any) -> Response:
        actor = request._request.actor
        if not actor.has_perm("receivables.view"):
            raise Forbidden("This caller may not read receivables.")
        parameters = queries.checked(request.query_params, frozenset({"from", "to"}))
        first = _day(parameters, "from", timezone.localdate())
        found = rehearse(first, _day(parameters, "to", first), now=timezone.now(), actor=actor)
        return Response({"data": [each.as_line() for each in found]})


def _day(parameters: Any, name: str, default: date) -> date:
    text = parameters.get(name)
    if text is None:
        return default
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise Problem("invalid", errors=[{"pointer": f"?{name}", "code": "invalid", "detail": "Give a day as YYYY-MM-DD."}])
    return day
