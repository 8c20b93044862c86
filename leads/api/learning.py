"""The learned score by REST: the models, which one scores, training, and how they do."""

from http import HTTPStatus
from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from leads.learning import services
from leads.learning.sentences import in_words
from leads.models import ScoreCheck, ScoreModel, ScoreSwitch, ScoringState
from ltc.api.fields import MomentField
from ltc.api.serializers import RecordSerializer
from ltc.api.viewsets import RecordViewSet

SHOWN = 200


class ScoreModelSerializer(RecordSerializer):
    """A learned model: its coefficients, its figures on the holdout beside those of the rules, and its verdict."""

    class Meta:
        model = ScoreModel
        fields = [
            *("id", "number", "trained_at", "trained_by", "captured_from", "captured_to", "accepted", "objections", "penalty", "base_rate"),
            *("rows", "positives", "training_rows", "coefficients", "metrics", "rule_metrics", "distribution", "scorecard", "data_hash"),
            *("code_version", "version", "created_at"),
        ]
        read_only_fields = fields


class CheckSerializer(serializers.ModelSerializer):
    """A look at how a model does."""

    class Meta:
        model = ScoreCheck
        fields = ["at", "rows", "positives", "auc", "psi", "objections"]
        read_only_fields = fields


class ScoreModelViewSet(RecordViewSet):
    """The tenant's learned models, newest first."""

    model = ScoreModel
    serializer_class = ScoreModelSerializer
    orderings = ("created_at",)
    has_timeline = False

    @action(detail=False, methods=["get"])
    def state(self, request: Any) -> Response:
        """What scores the leads now, how the last training went, and the switches of late."""
        self.check("view")
        switches = ScoreSwitch.objects.select_related("model").order_by("-at", "-id")[:SHOWN]
        return Response(
            {
                **said(services.state_of_scoring()),
                "switches": [
                    {
                        "at": MomentField().to_representation(switch.at),
                        "mode": switch.mode,
                        "model": switch.model.number if switch.model else None,
                        "by": switch.by,
                        "reason": switch.reason,
                    }
                    for switch in switches
                ],
            }
        )

    @action(detail=False, methods=["post"])
    def train(self, request: Any) -> Response:
        """Learn from the leads, in the background; `state` tells how it went."""
        self.check("add")
        services.ask_for_training(actor=self.actor)
        return Response(said(services.state_of_scoring()), status=HTTPStatus.ACCEPTED)

    @action(detail=False, methods=["post"], url_path="roll-back")
    def roll_back(self, request: Any) -> Response:
        """Undo the last switch of what scores the leads."""
        return Response(said(services.roll_back(actor=self.actor)))

    @action(detail=False, methods=["post"])
    def rules(self, request: Any) -> Response:
        """Have the rules score the leads."""
        return Response(said(services.use_rules(actor=self.actor)))

    @action(detail=True, methods=["post"])
    def activate(self, request: Any, pk: str) -> Response:
        """Let this model score the leads; only one that is good enough may."""
        return Response(said(services.activate(self.record(), actor=self.actor)))

    @action(detail=True, methods=["post"])
    def trial(self, request: Any, pk: str) -> Response:
        """Keep this model's probabilities beside the score of the rules."""
        return Response(said(services.put_on_trial(self.record(), actor=self.actor)))

    @action(detail=True, methods=["get"])
    def checks(self, request: Any, pk: str) -> Response:
        """How the model has done on leads that matured since, newest first."""
        rows = ScoreCheck.objects.filter(model=self.record()).order_by("-at", "-id")[:SHOWN]
        return Response({"data": CheckSerializer(rows, many=True).data})


def said(state: ScoringState) -> dict[str, Any]:
    """What scores the leads, as the API tells it."""
    last = dict(state.last_training)
    moment = MomentField().to_representation
    return {
        "mode": state.mode,
        "model": {"id": str(state.model.pk), "number": state.model.number} if state.model else None,
        "changed_at": moment(state.changed_at),
        "changed_by": state.changed_by,
        "reason": state.reason,
        "last_training_at": moment(state.last_training_at),
        "last_training": {**last, "detail": str(in_words(last["outcome"]))} if last else None,
    }
