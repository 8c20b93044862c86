"""Rates of exchange, money spent, quotas: facts without a history."""

from django.utils.translation import gettext as _

from leads.models import MarketingSpend
from ltc.money.models import ExchangeRate
from opportunities.models import Quota, SalesCost
from opportunities.periods import period_of_key
from receivables.history.values import Wrong
from receivables.history.world import SOURCE, Fact, World


def bring_rates(world: World) -> None:
    """Before everything else: the amounts of the file are converted by them."""
    for fact in world.facts("object = 'fx_rate'", order="line"):
        day = fact.day("date")
        key = {"from_currency": fact.data["from"], "to_currency": fact.data["to"], "rate_date": day, "source": SOURCE}
        world.add(ExchangeRate, id=fact.subject, rate=fact.number("rate"), **key)
    world.flush()


def bring_figures(world: World) -> None:
    """Marketing spend, sales cost and quotas."""
    for fact in world.facts("object IN ('spend', 'sales_cost', 'quota')", order="line"):
        try:
            _quota(world, fact) if fact.object == "quota" else _cost(world, fact)
        except Wrong as wrong:
            world.faults.add_wrong(fact.line, fact.object, wrong)
    world.flush()


def _cost(world: World, fact: Fact) -> None:
    currency, day = fact.data.get("currency", world.currency), fact.day("date")
    assert day is not None
    amount, rate = world.amount_of(fact, currency), world.rate_of(fact, currency, day)
    told = {"amount": amount, "currency": currency, "fx_rate": rate, "base_amount": world.base(amount, rate), "created_at": world.now}
    if fact.object == "spend":
        world.add(MarketingSpend, id=fact.subject, channel_id=fact.id("channel"), spend_date=day, **told)
    else:
        world.add(SalesCost, id=fact.subject, cost_date=day, **told)


def _quota(world: World, fact: Fact) -> None:
    amount = world.amount_of(fact, world.currency)
    key, user, team = fact.data["period"], fact.id("user"), fact.id("team")
    standing = Quota.objects.filter(user=user, team=team, period=key).first()
    if standing is not None:
        if standing.amount != amount:
            raise Wrong(_("There is another quota for this period already."), _("Correct this line, or change that quota first."), "amount")
        return
    days = period_of_key(key, fiscal_year_start_month=world.tenant.fiscal_year_start_month)
    world.add(Quota, id=fact.subject, user_id=user, team_id=team, period=key, starts_on=days.start, ends_on=days.last_day, amount=amount)
