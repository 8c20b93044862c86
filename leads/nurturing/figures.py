from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from leads.models import NurtureMessage, NurtureSequence, NurtureStep
from ltc.notifications.sending import OUT

Status, Outcome = NurtureMessage.Status, NurtureMessage.Outcome


@dataclass(frozen=True)
class StepFigures:
    """What one step has brought: how many it reached, and what came of it within ninety days."""

    step: NurtureStep
    waiting: int
    sent: int
    replied: int
    converted: int
    opted_out: int
    bounced: int
    doubtful: int

    def as_json(self) -> dict[str, Any]:
        counted = ("waiting", "sent", "replied", "converted", "opted_out", "bounced", "doubtful")
        return {"step": str(self.step.pk), "position": self.step.position, **{name: getattr(self, name) for name in counted}}


def figures(sequence: NurtureSequence) -> list[StepFigures]:
    """The steps of a sequence in order, each with its figures; one query beside the steps."""
    out = Q(status__in=[*OUT, Status.BOUNCED])
    counted = NurtureMessage.objects.filter(step__sequence=sequence).values("step").annotate(
        waiting=Count("pk", filter=Q(status__in=[Status.QUEUED, Status.SENDING])),
        sent=Count("pk", filter=out),
        doubtful=Count("pk", filter=Q(status__in=[Status.UNCERTAIN, Status.FAILED])),
        **{outcome.value: Count("pk", filter=Q(outcome=outcome)) for outcome in Outcome if outcome.value},
    )  # fmt: skip
    found = {row["step"]: {name: count for name, count in row.items() if name != "step"} for row in counted.order_by("step")}
    nothing = dict.fromkeys(("waiting", "sent", "replied", "converted", "opted_out", "bounced", "doubtful"), 0)
    return [StepFigures(step=step, **(found.get(step.pk) or nothing)) for step in sequence.steps.order_by("position", "pk")]
