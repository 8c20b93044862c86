from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from ltc.events import bus
from ltc.money.errors import FxRateMissing
from ltc.money.models import ExchangeRate
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import TransitionRefused, offered, perform
from opportunities.events import OpportunityLost, OpportunityWon, StageChanged
from opportunities.models import Opportunity
from tests import make
from tests.opportunities import make as deals

pytestmark = pytest.mark.usefixtures("inside")
NOON = datetime(2026, 6, 5, 4, tzinfo=UTC)


@pytest.fixture
def deal(rep: Membership) -> Opportunity:
    return deals.deal(rep)


def refused(deal: Opportunity, name: str, *, actor: Any, because: str = ".", error: type[Refusal] = Refusal, **inputs: Any) -> None:
    """The transition is refused for that reason, and nothing has changed."""
    deal.refresh_from_db()
    version, entries = deal.version, history(deal).count()
    with pytest.raises(error, match=because):
        perform(deal, name, actor=actor, **inputs)
    deal.refresh_from_db()
    assert (deal.version, history(deal).count()) == (version, entries)


def told(event: type[bus.Event], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    heard: list[Any] = []
    monkeypatch.setitem(bus._subscribers, event, [*bus._subscribers[event], heard.append])
    return heard


def test_a_deal_starts_in_discovery_with_its_usual_probability(deal: Opportunity) -> None:
    assert (deal.stage, deal.state, deal.max_stage) == ("discovery", "open", "discovery")
    assert (deal.probability, deal.forecast_category) == (Decimal("0.10"), "omitted")
    assert (deal.amount_base, deal.fx_rate, deal.currency) == (Decimal("260000.00"), 1, "CNY")
    assert deal.number.startswith("OPP-")


def test_a_deal_advances_stage_by_stage_and_grows_likelier(deal: Opportunity, rep: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = told(StageChanged, monkeypatch)
    seen = []
    for _step in range(4):
        perform(deal, "advance", actor=rep, at=NOON)
        seen.append((deal.stage, deal.probability, deal.forecast_category))
    assert seen == [
        ("solution", Decimal("0.25"), "pipeline"),
        ("bidding", Decimal("0.50"), "best_case"),
        ("negotiation", Decimal("0.75"), "best_case"),
        ("signing", Decimal("0.90"), "commit"),
    ]
    assert (deal.max_stage, deal.stage_entered_at) == ("signing", NOON)
    assert len(heard) == 4
    refused(deal, "advance", actor=rep, error=TransitionRefused, because="not possible while this is “Signing”")


def test_advancing_enters_the_next_stage_and_no_other(deal: Opportunity, rep: Membership) -> None:
    refused(deal, "advance", actor=rep, stage="bidding", because="skip and say why")
    assert perform(deal, "advance", actor=rep, stage="solution").stage == "solution"


def test_skipping_leaves_stages_out_and_says_why(deal: Opportunity, rep: Membership) -> None:
    refused(deal, "skip", actor=rep, stage="solution", reason="quick", because="cannot be chosen")
    refused(deal, "skip", actor=rep, stage="bidding", reason=" ", because="Say why")
    refused(deal, "skip", actor=rep, stage="heaven", reason="quick", because="cannot be chosen")
    perform(deal, "skip", actor=rep, stage="negotiation", reason="They bought last year")
    assert (deal.stage, deal.max_stage) == ("negotiation", "negotiation")
    entry = history(deal)[0]
    assert (entry.name, entry.from_state, entry.to_state, entry.data["reason"]) == (
        "skip", "discovery", "negotiation", "They bought last year",
    )  # fmt: skip


def test_moving_back_keeps_the_furthest_stage(rep: Membership) -> None:
    deal = deals.deal(rep, stage="negotiation")
    refused(deal, "move_back", actor=rep, stage="signing", reason="no", because="cannot be chosen")
    refused(deal, "move_back", actor=rep, stage="solution", reason="", because="Say why")
    perform(deal, "move_back", actor=rep, stage="solution", reason="New requirements")
    assert (deal.stage, deal.max_stage, deal.probability) == ("solution", "negotiation", Decimal("0.25"))


@pytest.mark.parametrize("name", ["advance", "skip", "move_back"])
def test_a_suspended_deal_does_not_move(rep: Membership, name: str) -> None:
    deal = deals.deal(rep, stage="solution")
    perform(deal, "suspend", actor=rep, until=timezone.localdate() + timedelta(days=30), reason="Budget freeze")
    inputs = {} if name == "advance" else {"stage": "signing" if name == "skip" else "discovery", "reason": "x"}
    refused(deal, name, actor=rep, error=TransitionRefused, because="Resume or reopen it first", **inputs)


def test_a_deal_is_suspended_for_180_days_at_most_and_resumed_where_it_was(rep: Membership) -> None:
    deal = deals.deal(rep, stage="bidding")
    for until in (date(2026, 6, 5), date(2026, 12, 3)):
        refused(deal, "suspend", actor=rep, at=NOON, until=until, reason="Budget", because="next 180 days")
    perform(deal, "suspend", actor=rep, at=NOON, until=date(2026, 12, 2), reason="Budget")
    assert (deal.state, deal.stage, deal.suspended_until) == ("suspended", "bidding", date(2026, 12, 2))
    perform(deal, "resume", actor=rep)
    assert (deal.state, deal.stage, deal.suspended_until) == ("open", "bidding", None)


def test_a_deal_is_won_from_negotiation_on(rep: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = told(OpportunityWon, monkeypatch)
    early = deals.deal(rep, stage="bidding")
    refused(early, "win", actor=rep, error=TransitionRefused, because="negotiation or signing")
    deal = deals.deal(rep, stage="negotiation")
    perform(deal, "win", actor=rep, at=NOON)
    assert (deal.state, deal.won_at, deal.closed_at) == ("won", NOON, NOON)
    assert (deal.probability, deal.forecast_category) == (1, "closed")
    assert (deal.fx_rate, deal.amount_base) == (1, Decimal("260000.00"))
    assert [event.record for event in heard] == [deal.pk]


def test_a_deal_without_an_amount_is_not_won(rep: Membership) -> None:
    deal = deals.deal(rep, stage="signing", amount="0")
    refused(deal, "win", actor=rep, error=TransitionRefused, because="more than zero")


def test_winning_freezes_the_rate_of_the_day(rep: Membership) -> None:
    deal = deals.deal(rep, stage="signing", amount="48000.00", currency="USD")
    assert deal.amount_base is None
    refused(deal, "win", actor=rep, error=FxRateMissing, at=NOON)
    ExchangeRate.objects.create(from_currency="USD", to_currency="CNY", rate_date=date(2026, 6, 1), rate=Decimal("7.1234"))
    perform(deal, "win", actor=rep, at=NOON)
    assert (deal.fx_rate, deal.amount_base) == (Decimal("7.1234"), Decimal("341923.20"))


def test_a_deal_may_be_lost_without_a_rate(rep: Membership) -> None:
    deal = deals.deal(rep, currency="USD")
    perform(deal, "lose", actor=rep, lost_reason=deals.reason())
    assert (deal.state, deal.amount_base) == ("lost", None)


def test_a_lost_deal_says_why_and_to_whom(deal: Opportunity, rep: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = told(OpportunityLost, monkeypatch)
    refused(deal, "lose", actor=rep, lost_reason=deals.reason("cancel", "stopped"), because="something else")
    perform(deal, "lose", actor=rep, at=NOON, lost_reason=deals.reason(), lost_to="Acme")
    assert (deal.state, deal.lost_reason.code, deal.lost_to, deal.closed_at) == ("lost", "price", "Acme", NOON)
    assert (deal.probability, deal.forecast_category) == (0, "omitted")
    assert len(heard) == 1


def test_a_deal_with_nothing_to_win_is_cancelled(deal: Opportunity, rep: Membership) -> None:
    refused(deal, "cancel", actor=rep, cancel_reason=deals.reason(), because="something else")
    perform(deal, "cancel", actor=rep, cancel_reason=deals.reason("cancel", "stopped"))
    assert (deal.state, deal.lost_reason.code) == ("cancelled", "stopped")


def test_a_manager_reopens_a_lost_deal_in_a_stage_that_it_had_reached(manager: Membership) -> None:
    deal = deals.deal(manager, stage="negotiation")
    perform(deal, "lose", actor=manager, lost_reason=deals.reason())
    refused(deal, "reopen", actor=manager, stage="signing", because="cannot be chosen")
    perform(deal, "reopen", actor=manager, stage="bidding", at=NOON)
    assert (deal.state, deal.stage, deal.max_stage, deal.reopen_count) == ("open", "bidding", "negotiation", 1)
    assert (deal.closed_at, deal.lost_reason, deal.probability) == (None, None, Decimal("0.50"))
    perform(deal, "cancel", actor=manager, cancel_reason=deals.reason("cancel", "stopped"))
    assert perform(deal, "reopen", actor=manager).stage == "bidding"


def test_a_deal_closed_half_a_year_ago_stays_closed(manager: Membership) -> None:
    deal = deals.deal(manager)
    perform(deal, "lose", actor=manager, lost_reason=deals.reason(), at=timezone.now() - timedelta(days=181))
    refused(deal, "reopen", actor=manager, error=TransitionRefused, because="more than 180 days ago")


def test_a_rep_does_not_reopen(deal: Opportunity, rep: Membership) -> None:
    perform(deal, "lose", actor=rep, lost_reason=deals.reason())
    refused(deal, "reopen", actor=rep, error=Forbidden)


def test_another_rep_does_not_touch_the_deal(deal: Opportunity) -> None:
    other = make.member("rep")
    for name in ("advance", "lose", "suspend"):
        refused(deal, name, actor=other, error=Forbidden)
    assert not Opportunity.objects.visible_to(other).exists()


def test_a_manager_hands_a_deal_over(deal: Opportunity, rep: Membership, manager: Membership) -> None:
    other = make.member("rep", team=make.team("East"))
    refused(deal, "assign", actor=rep, owner=other, error=Forbidden)
    perform(deal, "assign", actor=SYSTEM, owner=other)
    assert (deal.owner, deal.team, deal.stage) == (other, other.team, "discovery")


def test_what_is_offered_says_why_not(deal: Opportunity, rep: Membership) -> None:
    offers = {offer.name: offer for offer in offered(deal, rep)}
    assert set(offers) == {"advance", "skip", "suspend", "win", "lose", "cancel", "assign"}
    assert offers["advance"].allowed
    assert offers["win"].reasons == ("Bring it to negotiation or signing first: a deal is won where the contract is agreed.",)
    assert not offers["assign"].permitted
    choices = offers["skip"].inputs[0].choices_for(deal, rep)
    assert [value for value, _label in choices] == ["bidding", "negotiation", "signing"]


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({"state": "won", "closed_at": NOON, "fx_rate": 1, "amount_base": 1}, "a_won_opportunity_has_its_day"),
        ({"state": "won", "won_at": NOON, "closed_at": NOON, "fx_rate": None}, "a_won_opportunity_has_a_frozen_rate"),
        ({"state": "lost", "closed_at": NOON}, "a_lost_opportunity_has_a_reason"),
        ({"closed_at": NOON}, "only_a_closed_opportunity_was_closed"),
        ({"amount": -1}, "opportunity_amount_is_not_negative"),
        ({"probability": "1.1"}, "opportunity_probability_is_a_part_of_one"),
        ({"state": "dreaming"}, "opportunities_opportunity_state_is_legal"),
        ({"stage": "heaven"}, "opportunities_opportunity_stage_is_legal"),
    ],
)
def test_the_database_knows_the_rules(deal: Opportunity, broken: dict[str, Any], rule: str) -> None:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Opportunity.objects.filter(pk=deal.pk).update(**broken)
