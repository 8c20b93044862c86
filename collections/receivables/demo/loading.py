"""Load a demo tenant: found it, fill its people, goods and sources, and live through some months of leads."""

import contextlib
import io
import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from leads.assignment import create_rule
from leads.models import Channel
from leads.pools import create_pool
from leads.rescoring import rescore_span, spans
from ltc.analytics.services import roll_up
from ltc.calendars.selectors import today
from ltc.catalog.models import Product
from ltc.catalog.services import create_product
from ltc.money.models import ExchangeRate, TaxCode
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership, Team, User
from ltc.users.roles import Capability
from ltc.users.services import change_settings, create_tenant, join, save_team
from opportunities.targets import set_quota
from receivables.demo import office
from receivables.demo.companies import OPTIONS, Company
from receivables.demo.desk import lay_out
from receivables.demo.nurturing import nurture
from receivables.demo.papers import add_papers
from receivables.demo.walk import Cast, live
from receivables.models import ReceivableItem
from receivables.services.account_statements import draw_up
from receivables.services.dispatch import send_reminders
from receivables.services.disputes import open_dispute
from receivables.services.promises import judge_promises, make_promise
from receivables.services.reminders import plan_reminders

PASSWORD = "demo demo demo"  # noqa: S105  (of invented people, printed at every start of the demo)
HISTORY = timedelta(days=200)
LATE_FOR = timedelta(days=45)
FULL_WALKS = 12
SMALLEST = 12


def load(company: Company, *, seed: int, anchor: datetime, scale: float, told: Callable[[str], None]) -> Tenant:
    """Make the tenant anew from its data; the same seed and anchor give the same business."""
    zone = ZoneInfo(company.time_zone)
    tenant = create_tenant(
        code=company.code, name=company.name, time_zone=company.time_zone, currency=company.currency, locale=company.locale, is_demo=True
    )
    with acting_for(tenant):
        change_settings(tenant, actor=SYSTEM, options=OPTIONS[company.currency])
        cast = Cast(company, anchor, random.Random(seed), _people(company), _goods(company), _channels(company))
        _rates(company, anchor)
        _pools(company)
        _quotas(cast, anchor.astimezone(zone).date())
    count = max(SMALLEST, round(company.leads * scale))
    starts = sorted(anchor - HISTORY * cast.dice.random() ** 1.15 for _ in range(count))
    walks = {int(index * len(starts) * 0.75 / max(1, round(FULL_WALKS * scale))) for index in range(max(2, round(FULL_WALKS * scale)))}
    for index, start in enumerate(starts):
        with acting_for(tenant):
            at = datetime.combine(start.astimezone(zone).date(), time(8 + cast.dice.randrange(10), cast.dice.randrange(60)), zone)
            live(cast, min(at, anchor - timedelta(minutes=15)), fate="cash" if index in walks else "")
        if index % 20 == 19:
            told(f"{company.name}: {index + 1} of {count} leads")
    with acting_for(tenant):
        lay_out(cast, scale=scale)
    _remind(tenant, anchor.astimezone(zone))
    _answer(tenant, anchor.astimezone(zone))
    nurture(tenant, anchor)
    with acting_for(tenant):
        add_papers(tenant, anchor)
        office.work(cast, anchor.astimezone(zone).date())
        for after, upto in spans():
            rescore_span(after, upto, as_of=anchor)
        roll_up(now=anchor, zone=zone)
    return tenant


def _remind(tenant: Tenant, anchor: datetime) -> None:
    """Remind as the jobs would have done on each morning of the last weeks. What a demo would send stays off the loader's output."""
    for days in range(LATE_FOR.days, 0, -1):
        morning = (anchor - timedelta(days=days)).replace(hour=10, minute=0, second=0, microsecond=0)
        with contextlib.redirect_stdout(io.StringIO()):
            with acting_for(tenant):
                plan_reminders(now=morning)
            with acting_for(tenant):
                send_reminders(now=morning)


def _answer(tenant: Tenant, anchor: datetime) -> None:
    """What some of the late customers have answered: one breaks its word, one promises, one disputes, one gets a statement."""
    with acting_for(tenant):
        day = today(tenant, at=anchor)
        late = ReceivableItem.objects.filter(open_amount__gt=0, released=True, due_date__lt=day).order_by("due_date", "pk")
        items = list({item.customer_id: item for item in late.select_related("customer", "invoice")}.values())[:4]
        if len(items) < 4:
            return
        broken, promised, disputed, stated = items
        before = anchor - timedelta(days=20)
        make_promise(
            actor=SYSTEM, items=[{"item": broken}], promised_on=day - timedelta(days=12), at=before, is_history=True, channel="email",
            evidence="Said that the money would leave before the end of the week.",
        )  # fmt: skip
        judge_promises(at=anchor)
        make_promise(actor=SYSTEM, items=[{"item": promised}], promised_on=day + timedelta(days=5), at=anchor - timedelta(days=1))
        open_dispute(
            actor=SYSTEM, item=disputed, reason="quality", amount=(disputed.open_amount / 2).quantize(Decimal(1)), at=anchor - timedelta(days=2),
            description="Two of the boards failed at the incoming inspection.", is_history=True,
        )  # fmt: skip
        last = day.replace(day=1) - timedelta(days=1)
        draw_up(actor=SYSTEM, customer=stated.customer, currency=stated.currency, first=last.replace(day=1), last=last, at=anchor)


def _people(company: Company) -> dict[str, list[Membership]]:
    top = save_team(name=company.name[:60], parent=None, actor=SYSTEM)
    teams: dict[str, Team] = {name: save_team(name=name, parent=top, actor=SYSTEM) for name in company.teams}
    secret, people = make_password(PASSWORD), dict[str, list[Membership]]()
    for number, (role, name, team) in enumerate(company.people, start=1):
        user = User.objects.create(email=f"{role}{number}@{company.domain}", name=name, language=company.locale, password=secret)
        flags = [Capability.FINANCE_APPROVER] if role == "fin" and "fin" in people else []
        people.setdefault(role, []).append(join(user=user, role=role, team=teams.get(team, top), capabilities=flags))
    return people


def _pools(company: Company) -> None:
    """A pool for the first team beside everyone's, and a rule that stands ready: who shows the demo switches it on."""
    chinese, team = company.locale != "en", Team.objects.get(name=company.teams[0])
    pool = create_pool(
        actor=SYSTEM, name=f"{team.name}公海" if chinese else f"{team.name} pool", teams=[team], idle_days=10, daily_claim_limit=5
    )
    create_rule(
        actor=SYSTEM, name="高分线索轮流分配" if chinese else "Hot leads in turn", team=team, score_min=60, position=10, active=False
    )
    create_rule(actor=SYSTEM, name="其余进入公海" if chinese else "The rest to the pool", pool=pool, position=90, active=False)


def _quotas(cast: Cast, today: date) -> None:
    """A quota for each rep and month of the last and the next half year."""
    month = today.replace(day=1)
    for offset in range(-6, 7):
        index = month.year * 12 + month.month - 1 + offset
        for number, rep in enumerate(cast.people["rep"]):
            amount = max(good.price for good in cast.company.goods) * (1 + number % 3) / 2
            set_quota(actor=SYSTEM, user=rep, period=f"{index // 12}-{index % 12 + 1:02d}", amount=amount)


def _goods(company: Company) -> dict[str, Product]:
    tax = TaxCode.objects.filter(is_default=True).first()
    return {
        good.sku: create_product(
            actor=SYSTEM, sku=good.sku, name=good.name, kind=Product.Kind.GOODS, uom="set" if company.locale == "en" else "台",
            list_price=good.price, currency=company.currency, lead_time_days=good.days, tax_code=tax,
        )
        for good in company.goods
    }  # fmt: skip


def _channels(company: Company) -> dict[str, Channel]:
    channels = {}
    for source in company.sources:
        channel, _made = Channel.objects.get_or_create(code=source.code, defaults={"name": source.name, "kind": source.kind})
        channels[source.code] = channel
    return channels


def _rates(company: Company, anchor: datetime) -> None:
    """A rate each week, so that every document of the story finds one that is not older than seven days."""
    pair = ("USD", "CNY", Decimal("7.10")) if company.currency == "CNY" else ("EUR", "USD", Decimal("1.09"))
    last = anchor.date()
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            from_currency=pair[0],
            to_currency=pair[1],
            rate=pair[2] + Decimal(week % 5) / 100,
            rate_date=last - timedelta(days=7 * week),
            source="demo",
        )
        for week in range(HISTORY.days // 7 + 3)
    )
