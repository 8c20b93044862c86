import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.judging import features_of_tenant
from leads.learning import services
from leads.learning.population import sample_of, window
from leads.learning.services import activate, is_training_due, put_on_trial, roll_back, state_of_scoring, train_model, use_rules, watch
from leads.models import CloseReason, Lead, LeadEvent, ScoreModel, ScoreSwitch
from leads.rescoring import score_leads
from leads.services import record_event, update_lead
from ltc.automation.services import create_field
from ltc.customers.models import Customer
from ltc.events.models import Work
from ltc.events.outbox import run_pending
from ltc.notifications.models import Notification
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from tests import make
from tests.callers import caller_of
from tests.leads import make as leads

pytestmark = pytest.mark.usefixtures("inside")
AS_OF = datetime(2026, 11, 1, 12, tzinfo=UTC)


def history(count: int = 400, *, signal: float = 2.5, first: datetime = AS_OF - timedelta(days=600), **fixed: Any) -> list[Lead]:
    """Leads of the past as an import would bring them: engineers and who asked for a quote mostly bought, whatever the rules think."""
    channel, reason = leads.channel(), leads.close_reason()
    buyer = Customer.objects.create(name="Everyone", normalized_name="everyone")
    made, events = [], []
    for number in range(count):
        captured = first + timedelta(hours=12 * number)
        engineer, asked, draw = number % 3 == 0, number % 4 == 0, (number * 0.6180339887) % 1
        won = draw < 1 / (1 + math.exp(-signal * (-1.3 + 1.6 * engineer + 1.2 * asked)))
        closed = captured + timedelta(days=20)
        fate: dict[str, Any] = {"state": "disqualified", "close_reason": reason, "closed_at": closed}
        if won:
            fate = {"state": "converted", "customer": buyer, "converted_at": closed, "closed_at": closed}
        lead = Lead(
            tenant_id=current_tenant_id(),
            number=f"H{first:%y%j}{number}",
            contact_name=f"Person {number}",
            email=f"p{number}@company.example",
            channel=channel,
            captured_at=captured,
            **{"seniority": "engineer" if engineer else "decision_maker", **fate, **fixed},
        )
        made.append(lead)
        if asked:
            at = captured + timedelta(days=1)
            event = {"type": "quote_request", "occurred_at": at, "source": "history", "dedupe_key": lead.number}
            events.append(LeadEvent(tenant_id=current_tenant_id(), lead=lead, **event))
    Lead.objects.bulk_create(made)
    LeadEvent.objects.bulk_create(events)
    return made


def trained(**options: Any) -> ScoreModel:
    history(**options)
    model = train_model(actor=SYSTEM, as_of=AS_OF)
    assert model is not None and model.accepted, model and (model.objections, model.metrics)
    return model


def test_a_model_that_is_good_enough_scores_the_open_leads_and_its_lines_add_up() -> None:
    model = trained()
    lead = leads.lead(seniority="engineer")
    record_event(lead, actor=SYSTEM, type="quote_request", source="web", dedupe_key="1")
    run_pending()
    score_leads([Lead.objects.get(pk=lead.pk)], as_of=timezone.now())
    lead.refresh_from_db()
    assert (state_of_scoring().mode, state_of_scoring().model) == ("model", model)
    assert (lead.score_mode, lead.rule_score) == ("model", 21)
    assert lead.score > 60 and lead.win_probability and 0 < lead.win_probability < 1
    assert float(sum(Decimal(line["points"]) for line in lead.score_lines)) == pytest.approx(lead.score, abs=1e-9)


def test_everything_needed_to_use_judge_and_repeat_a_model_is_kept() -> None:
    model = trained()
    assert (model.rows, model.positives, model.number, len(model.data_hash)) == (400, Lead.objects.filter(state="converted").count(), 1, 64)
    assert {"auc", "log_loss", "brier", "brier_skill", "ece", "lift_20", "calibration"} <= model.metrics.keys()
    assert {"auc", "lift_20"} <= model.rule_metrics.keys()
    again = train_model(actor=SYSTEM, as_of=AS_OF)
    assert again is not None and (again.data_hash, again.coefficients) == (model.data_hash, model.coefficients)


def test_a_model_that_is_not_good_enough_is_on_trial_and_the_rules_score() -> None:
    history(signal=0.0)
    model = train_model(actor=SYSTEM, as_of=AS_OF)
    assert model is not None and not model.accepted
    lead = leads.lead(industry_match="target")
    run_pending()
    lead.refresh_from_db()
    assert (lead.score_mode, lead.score, lead.rule_score) == ("shadow", 15, 15)
    assert lead.win_probability is not None
    with pytest.raises(Refusal) as refused:
        activate(model, actor=SYSTEM)
    assert refused.value.code == "model_not_accepted"
    assert state_of_scoring().mode == "shadow"


def test_too_few_leads_leave_the_rules_and_say_why() -> None:
    history(count=150)
    assert train_model(actor=SYSTEM, as_of=AS_OF) is None
    state = state_of_scoring()
    assert (state.mode, state.last_training["outcome"], state.last_training["n"]) == ("rules", "too_few", 150)


def test_a_worse_model_does_not_replace_a_good_one(monkeypatch: pytest.MonkeyPatch) -> None:
    model = trained()
    history(count=400, signal=-2.5, first=AS_OF - timedelta(days=300))
    worse = train_model(actor=SYSTEM, as_of=AS_OF)
    assert worse is not None and not worse.accepted
    assert (state_of_scoring().model, state_of_scoring().last_training["outcome"]) == (model, "kept")


def test_switching_is_one_write_and_can_be_undone() -> None:
    first = trained()
    second = train_model(actor=SYSTEM, as_of=AS_OF)
    assert state_of_scoring().model == second
    assert roll_back(actor=SYSTEM).model == first
    use_rules(actor=SYSTEM)
    assert state_of_scoring().mode == "rules"
    put_on_trial(first, actor=SYSTEM)
    assert (state_of_scoring().mode, roll_back(actor=SYSTEM).mode) == ("shadow", "rules")
    assert activate(first, actor=SYSTEM).mode == "model"
    assert list(ScoreSwitch.objects.order_by("id").values_list("mode", flat=True)) == [
        "model", "model", "model", "rules", "shadow", "rules", "model",
    ]  # fmt: skip
    assert Work.objects.filter(kind="leads.rescore_all").count() == 7


def test_only_an_administrator_may_train_or_switch() -> None:
    model, rep = trained(), make.member("rep")
    for forbidden in (
        lambda: train_model(actor=rep),
        lambda: activate(model, actor=rep),
        lambda: roll_back(actor=rep),
        lambda: use_rules(actor=rep),
    ):
        with pytest.raises(Forbidden):
            forbidden()
    assert ScoreModel.objects.count() == 1 and ScoreSwitch.objects.count() == 1


def test_merged_leads_spam_and_young_leads_teach_nothing() -> None:
    spam = CloseReason.objects.get_or_create(kind="disqualify", code="spam", defaults={"name": "Spam", "counts_in_denominator": False})[0]
    counted = history(count=1, first=AS_OF - timedelta(days=90))
    history(count=1, first=AS_OF - timedelta(days=89))
    history(count=2, first=AS_OF - timedelta(days=200), state="disqualified", close_reason=spam, customer=None, converted_at=None)
    history(count=1, first=AS_OF - timedelta(days=800))
    history(count=1, first=AS_OF - timedelta(days=250), is_test=True)
    start, end = window(AS_OF)
    assert sample_of(start, end, features_of_tenant()).ids == [str(counted[0].pk)]


def test_only_what_was_known_after_a_week_is_looked_at() -> None:
    captured = timezone.now()
    lead = leads.lead(industry_match="other", budget="unknown")
    record_event(lead, actor=SYSTEM, type="demo_request", source="web", dedupe_key="in", occurred_at=captured + timedelta(days=6, hours=23))
    record_event(lead, actor=SYSTEM, type="demo_request", source="web", dedupe_key="out", occurred_at=captured + timedelta(days=7, hours=1))
    record_event(lead, actor=SYSTEM, type="meeting_held", source="web", dedupe_key="ours", occurred_at=captured + timedelta(days=1))
    later = captured + timedelta(days=100)
    sample = sample_of(captured - timedelta(hours=1), later, features_of_tenant())
    row = dict(zip([feature.code for feature in sample.features], sample.rows[0], strict=True))
    assert (row["requests"], row["industry_match"], row["budget"]) == (1, "other", "unknown")
    assert 34.9 < row["engagement"] < 35


def test_what_was_learned_of_a_lead_after_a_week_is_not_looked_at() -> None:
    lead = leads.lead(at=timezone.now() - timedelta(days=30), industry_match="other")
    Lead.objects.filter(pk=lead.pk).update(created_at=timezone.now() - timedelta(days=30))
    update_lead(lead, actor=SYSTEM, industry_match="target", region="Foshan")
    now = timezone.now()
    sample = sample_of(now - timedelta(days=31), now, features_of_tenant())
    row = dict(zip([feature.code for feature in sample.features], sample.rows[0], strict=True))
    assert (row["industry_match"], row["region"]) == ("other", None)


def test_a_lead_converted_after_ninety_days_is_no_success() -> None:
    history(count=2, first=AS_OF - timedelta(days=300))
    for lead, days in zip(Lead.objects.order_by("id"), (90, 91), strict=True):
        Lead.objects.filter(pk=lead.pk).update(converted_at=lead.captured_at + timedelta(days=days), closed_at=None)
    start, end = window(AS_OF)
    assert sample_of(start, end, features_of_tenant()).outcomes == [1, 0]


def test_many_leads_are_read_with_as_many_queries_as_few() -> None:
    def queries(count: int) -> int:
        history(count=count, first=AS_OF - timedelta(days=300 - count))
        start, end = window(AS_OF)
        with CaptureQueriesContext(connection) as found:
            sample_of(start, end, features_of_tenant())
        return len(found)

    assert queries(3) == queries(60)


def test_an_attribute_of_the_tenants_own_can_be_learned_from() -> None:
    create_field(actor=SYSTEM, label="Machines", kind="number", is_feature=True)
    create_field(actor=SYSTEM, label="Origin", kind="text", is_feature=True)
    made = history(count=300, signal=0.0)
    for number, lead in enumerate(made):
        lead.attributes = {"machines": 50 if lead.state == "converted" else number % 9, "origin": f"page {number % 2}"}
    Lead.objects.bulk_update(made, ["attributes"])
    model = train_model(actor=SYSTEM, as_of=AS_OF)
    assert model is not None and model.accepted
    assert "attributes.machines" in [column["name"] for column in model.coefficients["columns"]]
    lead = leads.lead(attributes={"machines": 60})
    run_pending()
    lead.refresh_from_db()
    assert max(lead.score_lines, key=lambda line: float(line["points"]) if line["part"] == "model" else 0)["code"] == "attributes.machines"


@pytest.mark.parametrize("label", ["Gender", "Age of the buyer", "性别", "nationality"])
def test_nobody_is_scored_by_what_they_are(label: str) -> None:
    with pytest.raises(Refusal, match="Nobody is scored"):
        create_field(actor=SYSTEM, label=label, is_feature=True)


def test_a_model_that_ranks_badly_of_late_is_taken_off_and_its_keepers_are_told() -> None:
    admin, marketing, rep = make.member("adm"), make.member("mkt"), make.member("rep")
    trained()
    for lead in history(count=120, signal=-2.5, first=AS_OF - timedelta(days=92)):
        assert lead.captured_at > AS_OF - timedelta(days=90) - timedelta(days=90)
    check = watch(AS_OF + timedelta(days=60))
    assert check is not None and "auc_fell" in check.objections and check.auc and check.auc < 0.6
    state = state_of_scoring()
    assert (state.mode, state.reason, state.changed_by) == ("rules", "auc_fell", SYSTEM.label)
    assert {note.recipient_id for note in Notification.objects.all()} == {admin.pk, marketing.pk}
    assert rep.pk not in {note.recipient_id for note in Notification.objects.all()}


def test_leads_of_another_kind_take_a_model_off_too() -> None:
    trained()
    history(count=60, first=AS_OF - timedelta(days=60), seniority="engineer")
    check = watch(AS_OF + timedelta(days=60))
    assert check is not None and check.psi and check.psi > 0.25 and "other_leads" in check.objections
    assert state_of_scoring().mode == "rules"


def test_a_model_that_does_well_stays() -> None:
    model = trained()
    history(count=120, first=AS_OF - timedelta(days=60))
    check = watch(AS_OF + timedelta(days=90))
    assert check is not None and check.objections == [] and check.rows > 100
    assert state_of_scoring().model == model


def test_training_is_due_on_sundays_with_fifty_new_leads_and_after_thirty_days() -> None:
    assert not is_training_due(AS_OF, is_sunday=True)
    history(count=50, first=AS_OF - timedelta(days=150))
    assert is_training_due(AS_OF, is_sunday=True) and not is_training_due(AS_OF, is_sunday=False)
    train_model(actor=SYSTEM, as_of=AS_OF)
    assert not is_training_due(AS_OF + timedelta(days=7), is_sunday=True)
    assert not is_training_due(AS_OF + timedelta(days=29), is_sunday=False)
    assert is_training_due(AS_OF + timedelta(days=30), is_sunday=False)


def test_a_second_training_at_the_same_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_has_lease", lambda: False)
    with pytest.raises(Refusal, match="under way"):
        train_model(actor=SYSTEM, as_of=AS_OF)
    assert not ScoreModel.objects.exists()


def test_a_model_is_trained_and_looked_at_by_rest(tenant: Tenant) -> None:
    history(first=timezone.now() - timedelta(days=600))
    admin = caller_of(tenant, role="adm")
    assert admin.post("score-models/train/", {}).status_code == 202
    run_pending()
    state = admin.get("score-models/state/").json()
    assert (state["mode"], state["model"]["number"], state["last_training"]["outcome"]) == ("model", 1, "accepted")
    [model] = admin.get("score-models/").json()["data"]
    assert model["metrics"]["auc"] > model["rule_metrics"]["auc"]
    assert len(model["metrics"]["calibration"]) == 5 and model["coefficients"]["columns"]
    assert admin.post("score-models/rules/", {}).json()["mode"] == "rules"
    assert admin.post(f"score-models/{model['id']}/activate/", {}).json()["mode"] == "model"
    assert admin.post("score-models/roll-back/", {}).json()["mode"] == "rules"
    assert admin.get(f"score-models/{model['id']}/checks/").json() == {"data": []}


def test_a_model_can_be_trained_from_the_command_line(tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    history()
    call_command("train_score_model", tenant.code, "--as-of", AS_OF.isoformat())
    assert "good enough" in capsys.readouterr().out
    assert Membership.objects.count() == 0
