"""The score by REST: what a lead scores and why, what it did, and how the tenant scores."""

from http import HTTPStatus
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.views import APIView

from leads import scoring_settings, services
from leads.api.serializers import WRITTEN_BY_US, EventSerializer
from leads.behaviour import MOST, Happened, record_events
from leads.filters import EventFilters
from leads.judging import Judgement, Scorer
from leads.models import LeadEvent, LeadScoreSnapshot, ScoringConfig
from leads.models.choices import ScoreMode
from leads.reasons import label_of
from leads.rescoring import judge_at
from leads.scorecards import rules_from, whole
from leads.tracking import Site, set_up_site, site_of, token_of
from ltc.api.fields import BooleanField, ChoiceField, IntegerField, MomentField, ObjectField, TextField, UUIDField
from ltc.api.problems import Problem
from ltc.api.serializers import RecordSerializer, Strict
from ltc.api.viewsets import RecordViewSet
from ltc.refusals import Forbidden
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant

SHOWN = 200


class AsOf(Strict):
    """An instant to ask for."""

    as_of = MomentField(required=False)


class ScoreOfLead:
    """What a lead scores, now or at another instant, and what it has scored."""

    @action(detail=True, methods=["get"])
    def score(self: Any, request: Any, pk: str) -> Response:
        """The score with its lines, computed afresh; at an instant with `as_of`. baseline + all points = score; without the lines of
        code `rounding` and `limit` of the part `score` it is `exact`."""
        lead = self.record()
        asked = AsOf(data=dict(self.parameters))
        asked.is_valid(raise_exception=True)
        as_of = asked.validated_data.get("as_of") or timezone.now()
        found, scorer = judge_at(lead, as_of)
        return Response({"lead": str(lead.pk), "as_of": MomentField().to_representation(as_of), **score_as_json(found, scorer)})

    @action(detail=True, methods=["get"])
    def scores(self: Any, request: Any, pk: str) -> Response:
        """What the lead has scored, newest first."""
        rows = LeadScoreSnapshot.objects.filter(lead=self.record()).order_by("-at", "-id")[:SHOWN]
        return Response({"data": SnapshotSerializer(rows, many=True).data})

    @action(detail=True, methods=["get"])
    def token(self: Any, request: Any, pk: str) -> Response:
        """What a link to your website carries as `?ltc=…`, so that /t.js can tell what this lead does there."""
        return Response({"token": token_of(self.record())})


class SiteSerializer(Strict):
    """How your website tells what leads do."""

    active = BooleanField(required=False)
    origins = serializers.ListField(child=TextField(max_length=200), required=False, max_length=20)
    new_key = BooleanField(required=False)


class TrackingView(APIView):
    """The telling of your website: whether it is on, from which origins, and the address for /t.js."""

    def get(self, request: Any) -> Response:
        """How it is set up."""
        return Response(self._said(request, site_of(Tenant.objects.get(pk=current_tenant_id()))))

    def patch(self, request: Any) -> Response:
        """Set it up; `new_key` makes a new key and ends the old one."""
        asked = SiteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(self._said(request, set_up_site(actor=request._request.actor, **asked.validated_data)))

    @staticmethod
    def _said(request: Any, site: Site) -> dict[str, Any]:
        if not request._request.actor.has_perm("settings.view"):
            raise Forbidden("You may not see these settings. Ask your administrator.")
        code = Tenant.objects.values_list("code", flat=True).get(pk=current_tenant_id())
        return {"active": site.active, "origins": list(site.origins), "site": f"/visit/{code}/{site.key}/" if site.key else None}


def score_as_json(found: Judgement, scorer: Scorer) -> dict[str, Any]:
    """A judgement as the API tells it. On trial a model's probability is kept and not shown."""
    return {
        "mode": found.mode,
        "score": found.score,
        "grade": found.grade,
        "fit_score": str(found.rules.fit),
        "engagement_score": str(found.rules.engagement),
        "rule_score": found.rules.score,
        "matrix_cell": found.rules.matrix_cell,
        "win_probability": str(found.probability) if found.mode == ScoreMode.MODEL and found.probability is not None else None,
        "is_mql": found.is_marketing_qualified,
        "baseline": found.baseline,
        "exact": found.exact,
        "lines": [{**line.as_json(), "label": str(label_of(line.code))} for line in found.lines if line.part != "baseline"],
        "rule_lines": [{**line.as_json(), "label": str(label_of(line.code))} for line in found.rules.lines],
        "scorecard": scorer.scorecard,
        "model": scorer.model_number or None,
    }


class SnapshotSerializer(serializers.ModelSerializer):
    """What a lead scored from an instant on."""

    class Meta:
        model = LeadScoreSnapshot
        fields = ["at", "score", "grade", "rule_score", "fit_score", "engagement_score", "matrix_cell", "mode", "scorecard", "model"]
        read_only_fields = fields


class HappenedSerializer(Strict):
    """An event, of a lead by its id or by the reference of another system."""

    lead = UUIDField(required=False)
    source_system = TextField(required=False, max_length=60)
    external_ref = TextField(required=False, max_length=100)
    type = ChoiceField(choices=LeadEvent.Type.choices)
    occurred_at = MomentField(required=False)
    quantity = IntegerField(required=False, min_value=1, max_value=1000)
    source = TextField(max_length=60)  # type: ignore[assignment]
    dedupe_key = TextField(max_length=200)

    def validate(self, attrs: Any) -> Any:
        if "lead" not in attrs and not (attrs.get("source_system") and attrs.get("external_ref")):
            raise serializers.ValidationError({"lead": "Name the lead, or its source_system and external_ref."})
        return attrs


class EventViewSet(RecordViewSet):
    """What leads did. Events are appended and never changed; a future one counts once its time has come."""

    model = LeadEvent
    serializer_class = EventSerializer
    filterset_class = EventFilters
    orderings = ("occurred_at",)

    @classmethod
    def offers(cls, action: str) -> bool:
        return action in {"list", "create", "batch"}

    def create(self, request: Any) -> Response:
        """Note something that a lead did. 201 if it is news, 200 if the same event of the same source is known."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        lead = values.pop("lead")
        news = services.record_event(lead, actor=self.actor, **values)
        known = LeadEvent.objects.get(source=values["source"], dedupe_key=values["dedupe_key"])
        if known.lead_id != lead.pk:
            raise Problem("conflict", "This source has used this dedupe_key for something else.")
        return Response(self.serialized(known), status=HTTPStatus.CREATED if news else HTTPStatus.OK)

    @action(detail=False, methods=["post"])
    def batch(self, request: Any) -> Response:
        """Note up to 1000 events at once. Each answer is 201 for news, 200 for what is known, 400 for what cannot be read, 404 without such
        a lead; one that fails stops no other."""
        self.check("add")
        items = request.data.get("items") if isinstance(request.data, dict) else None
        if not isinstance(items, list) or not 0 < len(items) <= MOST or set(request.data) != {"items"}:
            raise Problem("invalid", errors=[{"pointer": "/items", "code": "invalid", "detail": f"Give 1 to {MOST} items."}])
        answers: list[dict[str, Any]] = [{"status": 400} for _item in items]
        good: list[tuple[int, Happened]] = []
        for place, item in enumerate(items):
            reader = HappenedSerializer(data=item)
            if reader.is_valid():
                good.append((place, Happened(**reader.validated_data)))
            else:
                answers[place]["errors"] = reader.errors
        outcomes = record_events([happened for _place, happened in good], actor=self.actor) if good else []
        for (place, _happened), outcome in zip(good, outcomes, strict=True):
            answers[place] = {"status": {"new": 201, "known": 200, "no_lead": 404}[outcome]}
        return Response({"data": answers})


class ScorecardSerializer(RecordSerializer):
    """A version of the scorecard. `rules` are the differences from the default, `whole` all of it."""

    name = TextField(required=False, max_length=120)
    rules = ObjectField()

    class Meta:
        model = ScoringConfig
        fields = ["id", "number", "name", "rules", "active", "made_by", *WRITTEN_BY_US]
        read_only_fields = ["number", "active", "made_by", *WRITTEN_BY_US]

    def to_representation(self, instance: ScoringConfig) -> Any:
        said = super().to_representation(instance)
        return {**said, "whole": whole(rules_from(instance.rules))}


class ScorecardViewSet(RecordViewSet):
    """The versions of the tenant's scorecard. A new one is used at once; `use` goes back to an earlier one."""

    model = ScoringConfig
    serializer_class = ScorecardSerializer
    orderings = ("created_at",)
    add = staticmethod(scoring_settings.save_scorecard)

    @action(detail=True, methods=["post"])
    def use(self, request: Any, pk: str) -> Response:
        """Use this version from now on."""
        return self.answer(scoring_settings.use_scorecard(self.record(), actor=self.actor))

    @action(detail=False, methods=["post"])
    def preview(self, request: Any) -> Response:
        """What these rules would change on the newest open leads; nothing is written."""
        self.check("view")
        asked = ScorecardSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        found = scoring_settings.preview(scoring_settings.read_rules(asked.validated_data["rules"]), as_of=timezone.now())
        moves = [{"from": was, "to": now, "leads": count} for was, now, count in found.moves]
        return Response({"leads": found.tried, "changed": found.changed, "moves": moves, "before": found.before, "after": found.after})
