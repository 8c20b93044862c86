"""Keeping a tenant's scorecard: every change is a new version, one is active, and a change is tried on real leads before."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from leads.judging import Scorer
from leads.models import Lead, ScoringConfig
from leads.models.choices import LeadState
from leads.rescoring import events_of
from leads.scorecards import differences_of, rules_from
from leads.scoring import ScoringRules, rule_score
from ltc.events.outbox import enqueue
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor

TRIED_ON = 2000
EXAMPLES = 12


@dataclass(frozen=True)
class Moved:
    """A lead that would get another grade."""

    lead: Lead
    before: tuple[int, str]
    after: tuple[int, str]


@dataclass(frozen=True)
class Preview:
    """What a scorecard would change on the newest open leads: how many get which grade in place of which, and the largest moves."""

    tried: int
    changed: int
    moves: tuple[tuple[str, str, int], ...]
    before: Mapping[str, int]
    after: Mapping[str, int]
    examples: tuple[Moved, ...]


@transaction.atomic
def save_scorecard(*, actor: Actor, rules: Mapping[str, Any], name: str = "", **_others: Any) -> ScoringConfig:
    """Make a new version of the scorecard and use it from now on: all open leads are scored again, the model is trained again.

    `rules` are differences from the default. Raises Forbidden, Refusal.
    """
    if not actor.has_perm("settings.add"):
        raise Forbidden(_("You may not change how leads are scored. Ask your administrator."))
    kept = differences_of(read_rules(rules))
    Tenant.objects.select_for_update().get(pk=current_tenant_id())
    number = (ScoringConfig.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    ScoringConfig.objects.filter(active=True).update(active=False)
    config = ScoringConfig.objects.create(
        name=name.strip() or _("Scorecard %(number)d") % {"number": number}, number=number, rules=kept, made_by=actor.label[:120]
    )
    _in_force(config)
    return config


@transaction.atomic
def use_scorecard(config: ScoringConfig, *, actor: Actor) -> ScoringConfig:
    """Go back to an earlier version of the scorecard. Raises Forbidden."""
    if not actor.has_perm("settings.change", config):
        raise Forbidden(_("You may not change how leads are scored. Ask your administrator."))
    Tenant.objects.select_for_update().get(pk=current_tenant_id())
    ScoringConfig.objects.filter(active=True).exclude(pk=config.pk).update(active=False)
    locked = ScoringConfig.objects.select_for_update().get(pk=config.pk)
    locked.active = True
    locked.save()
    _in_force(locked)
    return locked


def _in_force(config: ScoringConfig) -> None:
    slot = f"scorecard-{config.number}-{config.version}"
    enqueue("leads.rescore_all", key=slot, payload={"slot": slot})
    enqueue("leads.train", key=slot, payload={"slot": slot, "why": "scorecard"})


def read_rules(rules: Mapping[str, Any]) -> ScoringRules:
    """The rules that somebody has sent. Raises Refusal for what makes no sense."""
    try:
        return rules_from(rules)
    except ValueError as error:
        raise Refusal(str(error), code="invalid_input", field="rules") from error


def active_scorecard() -> ScoringConfig | None:
    return ScoringConfig.objects.filter(active=True).first()


def preview(rules: ScoringRules, *, as_of: datetime, count: int = TRIED_ON) -> Preview:
    """Try a scorecard on the newest open leads, writing nothing."""
    scorer = Scorer.of_tenant(with_model=False)
    other = replace(scorer, rules=rules)
    leads = list(Lead.objects.filter(state__in=LeadState.open()).order_by("-captured_at", "-id")[:count])
    events = events_of(leads, as_of)
    moved, before, after = [], Counter[str](), Counter[str]()
    for lead in leads:
        own = events.get(lead.pk, [])
        was, now = (rule_score(each.facts(lead), own, as_of=as_of, zone=each.zone, rules=each.rules) for each in (scorer, other))
        before[was.grade] += 1
        after[now.grade] += 1
        if was.grade != now.grade:
            moved.append(Moved(lead, (was.score, was.grade), (now.score, now.grade)))
    moves = Counter((each.before[1], each.after[1]) for each in moved)
    moved.sort(key=lambda each: (-abs(each.after[0] - each.before[0]), each.lead.pk))
    return Preview(
        len(leads),
        len(moved),
        tuple((was, now, count) for (was, now), count in sorted(moves.items())),
        {grade: before[grade] for grade in "ABCD"},
        {grade: after[grade] for grade in "ABCD"},
        tuple(moved[:EXAMPLES]),
    )
