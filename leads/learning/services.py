"""Training a tenant's model, letting it score leads or taking that back, and watching how it does."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.judging import features_of_tenant
from leads.learning.evaluation import auc, psi, shares
from leads.learning.model import model_from
from leads.learning.population import MATURE, WATCHED, mature_leads, sample_of, window
from leads.learning.sentences import in_words
from leads.learning.training import CODE_VERSION, CannotLearn, Trained, train
from leads.models import ScoreCheck, ScoreModel, ScoreSwitch, ScoringConfig, ScoringState
from leads.models.choices import ScoreMode
from ltc.events.outbox import enqueue
from ltc.notifications.services import notify
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM, Actor
from ltc.users.models import Membership
from ltc.users.roles import Role

NEWLY_MATURE, AT_THE_LATEST = 50, timedelta(days=30)
LEAST_AUC_KEPT, POSITIVES_TO_JUDGE = 0.60, 20
MOST_DRIFT, ROWS_TO_JUDGE = 0.25, 40
GIVEN_UP = gettext_lazy("The learned score was switched off: leads are scored by the rules again.")


def state_of_scoring() -> ScoringState:
    """What scores the active tenant's leads; the rules if nothing was ever said."""
    return ScoringState.objects.select_related("model").first() or ScoringState(mode=ScoreMode.RULES)


@transaction.atomic
def train_model(*, actor: Actor, as_of: datetime | None = None) -> ScoreModel | None:
    """Learn from the tenant's mature leads. A model that is good enough scores leads from now on; another one is put on trial, unless a
    good one is at work. None if there is none to be had: the state of scoring says why. Raises Forbidden, Refusal if training is under way.
    """
    if not actor.has_perm("settings.add"):
        raise Forbidden(_("You may not train the score. Ask your administrator."))
    if not _has_lease():
        raise Refusal(_("A training is under way. Wait until it is done."), code="conflict")
    as_of = as_of or timezone.now()
    start, end = window(as_of)
    sample = sample_of(start, end, features_of_tenant())
    try:
        found = train(sample)
    except CannotLearn as error:
        _note_training(as_of, {"outcome": error.code, **error.counts})
        return None
    model = _stored(found, sample.captured, actor, as_of)
    at_work = state_of_scoring().mode == ScoreMode.MODEL
    outcome = "accepted" if found.accepted else "kept" if at_work else "trial"
    _note_training(as_of, {"outcome": outcome, "model": model.number, "n": found.n, "n1": found.n1, "n0": found.n - found.n1})
    if found.accepted:
        _switch(ScoreMode.MODEL, model, by=actor, reason="trained", at=as_of)
    elif not at_work:
        _switch(ScoreMode.SHADOW, model, by=actor, reason="trained", at=as_of)
    return model


def ask_for_training(*, actor: Actor) -> None:
    """Have the model trained in the background. Raises Forbidden."""
    if not actor.has_perm("settings.add"):
        raise Forbidden(_("You may not train the score. Ask your administrator."))
    slot = timezone.now().strftime("asked-%Y%m%dT%H%M%S%f")
    enqueue("leads.train", key=slot, payload={"slot": slot, "why": "asked"})


@transaction.atomic
def activate(model: ScoreModel, *, actor: Actor) -> ScoringState:
    """Let a model score the leads from now on. Raises Forbidden, Refusal if it is not good enough."""
    _refuse_unless_admin(actor)
    if not model.accepted:
        reasons = " ".join(str(in_words(code)) for code in model.objections)
        raise Refusal(_("This model is not good enough to score leads.") + " " + reasons, code="model_not_accepted")
    return _switch(ScoreMode.MODEL, model, by=actor, reason="activated")


@transaction.atomic
def put_on_trial(model: ScoreModel, *, actor: Actor) -> ScoringState:
    """Have a model's probabilities kept beside the rules, which score. Raises Forbidden."""
    _refuse_unless_admin(actor)
    return _switch(ScoreMode.SHADOW, model, by=actor, reason="on_trial")


@transaction.atomic
def use_rules(*, actor: Actor) -> ScoringState:
    """Have the rules score the leads again. Raises Forbidden."""
    _refuse_unless_admin(actor)
    return _switch(ScoreMode.RULES, None, by=actor, reason="rules")


@transaction.atomic
def roll_back(*, actor: Actor) -> ScoringState:
    """Undo the last switch: what scored before it scores again, the rules if nothing did. Raises Forbidden."""
    _refuse_unless_admin(actor)
    earlier = ScoreSwitch.objects.select_related("model").order_by("-at", "-id")[1:2]
    before = earlier[0] if earlier else None
    return _switch(before.mode if before else ScoreMode.RULES, before.model if before else None, by=actor, reason="rolled_back")


@transaction.atomic
def watch(as_of: datetime) -> ScoreCheck | None:
    """Look how the model does on the leads that have matured within the last 90 days. One that fails is taken off and its keepers are
    told; None if there is no model."""
    state = state_of_scoring()
    if state.model is None or state.mode == ScoreMode.RULES:
        return None
    model = model_from(state.model.coefficients)
    sample = sample_of(as_of - WATCHED - MATURE, as_of - MATURE, model.layout.features)
    p = [model.predict(row).probability for row in sample.rows]
    ranking = auc(p, sample.outcomes)
    expected = state.model.distribution
    drift = psi(expected["shares"], shares(p, expected["edges"])) if p else None
    found = []
    if ranking is not None and sample.positives >= POSITIVES_TO_JUDGE and ranking < LEAST_AUC_KEPT:
        found.append("auc_fell")
    if drift is not None and len(p) >= ROWS_TO_JUDGE and drift > MOST_DRIFT:
        found.append("other_leads")
    check = ScoreCheck.objects.create(
        model=state.model, at=as_of, rows=len(p), positives=sample.positives, auc=ranking, psi=drift, objections=found
    )
    if found and state.mode == ScoreMode.MODEL:
        _switch(ScoreMode.RULES, None, by=SYSTEM, reason=found[0], at=as_of)
        reasons = format_lazy(" ".join(["{}"] * len(found)), *(in_words(code) for code in found))
        for member in Membership.objects.filter(role__in=[Role.ADMIN, Role.MARKETING], state=Membership.State.ACTIVE):
            notify(member, title=GIVEN_UP, body=reasons, icon="target")
    return check


def is_training_due(as_of: datetime, *, is_sunday: bool) -> bool:
    """Whether to train again: on Sundays with fifty newly matured leads, and at the latest thirty days after the last time."""
    last = state_of_scoring().last_training_at
    if last is not None and as_of - last >= AT_THE_LATEST:
        return True
    start, end = window(as_of)
    return is_sunday and mature_leads(max(start, last - MATURE) if last else start, end).count() >= NEWLY_MATURE


def _refuse_unless_admin(actor: Actor) -> None:
    if not actor.has_perm("settings.change"):
        raise Forbidden(_("You may not change how leads are scored. Ask your administrator."))


def _has_lease() -> bool:
    """Whether this transaction is the only one that trains for the tenant. A crash gives the lease back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"score-train:{current_tenant_id()}"])
        return bool(cursor.fetchone()[0])


def _locked_state() -> ScoringState:
    Tenant.objects.select_for_update().get(pk=current_tenant_id())
    return ScoringState.objects.select_for_update().first() or ScoringState.objects.create()


def _note_training(at: datetime, said: dict[str, Any]) -> None:
    state = _locked_state()
    state.last_training_at, state.last_training = at, said
    state.save()


def _switch(mode: str, model: ScoreModel | None, *, by: Actor, reason: str, at: datetime | None = None) -> ScoringState:
    """The one write that decides what scores; all open leads are scored again afterwards."""
    state, now = _locked_state(), timezone.now()
    state.mode, state.model, state.changed_at, state.changed_by, state.reason = mode, model, now, by.label[:120], reason
    state.save()
    switch = ScoreSwitch.objects.create(mode=mode, model=model, at=now, by=by.label[:120], reason=reason)
    slot = f"switch-{switch.pk}"
    enqueue("leads.rescore_all", key=slot, payload={"slot": slot})
    return state


def _stored(found: Trained, captured: list[datetime], actor: Actor, as_of: datetime) -> ScoreModel:
    Tenant.objects.select_for_update().get(pk=current_tenant_id())
    return ScoreModel.objects.create(
        number=(ScoreModel.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        trained_at=as_of,
        trained_by=actor.label[:120],
        captured_from=min(captured),
        captured_to=max(captured),
        accepted=found.accepted,
        objections=list(found.reasons),
        coefficients=found.model.as_json(),
        penalty=found.penalty,
        base_rate=found.model.base_rate,
        rows=found.n,
        positives=found.n1,
        training_rows=found.training_rows,
        metrics=found.metrics,
        rule_metrics=found.rule_metrics,
        distribution={"edges": list(found.edges), "shares": list(found.shares)},
        scorecard=ScoringConfig.objects.filter(active=True).first(),
        data_hash=found.digest,
        code_version=CODE_VERSION,
    )
