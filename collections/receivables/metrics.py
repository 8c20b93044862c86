"""What collections, the last stage, can say in numbers: what is owed, what came in, and how long a lead takes to become cash."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Avg, DurationField, ExpressionWrapper, F, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from ltc.analytics.counting import facts_of
from ltc.analytics.periods import Period
from ltc.analytics.registry import Answer, Question, StepFact, metric, panel, step
from ltc.users.actors import Actor
from orders.models import Order
from receivables.aging import Age
from receivables.models import Allocation, Invoice, Payment, ReceivableItem
from receivables.selectors import aging

LEAD = "order__opportunity__lead"
LABELS = {
    Age.CURRENT: _("Not due"),
    Age.TO_30: _("1–30 days"),
    Age.TO_60: _("31–60 days"),
    Age.TO_90: _("61–90 days"),
    Age.OVER_90: _("Over 90 days"),
}


def _open(question: Question) -> QuerySet[ReceivableItem]:
    return ReceivableItem.objects.visible_to(question.actor).filter(open_amount__gt=0, released=True)


def _money(total: Any) -> Answer:
    return Answer(Decimal(total or 0), numerator=Decimal(total or 0))


@metric(
    "ar.outstanding",
    label=_("Receivables"),
    formula=_("Open amounts of all released items of issued invoices, in base currency, now."),
    unit="money",
    direction="down",
)
def outstanding(question: Question) -> Answer:
    return _money(_open(question).aggregate(total=Sum("open_base"))["total"])


@metric(
    "ar.overdue",
    label=_("Overdue"),
    formula=_("Open amounts whose due date is before today in the tenant's zone, in base currency, now."),
    unit="money",
    direction="down",
)
def overdue(question: Question) -> Answer:
    today = question.as_of.astimezone(question.period.zone).date()
    return _money(_open(question).filter(due_date__lt=today).aggregate(total=Sum("open_base"))["total"])


@metric(
    "cash.collected",
    label=_("Cash collected"),
    formula=_("Payments posted and not reversed, received in the period, in base currency."),
    unit="money",
)
def collected(question: Question) -> Answer:
    received = Payment.objects.visible_to(question.actor).filter(
        state=Payment.State.POSTED, received_on__range=(question.period.first, question.period.last), posted_at__lte=question.as_of
    )
    return _money(received.aggregate(total=Sum("amount_base"))["total"])


@metric(
    "cycle.lead_to_cash",
    label=_("Lead to cash"),
    formula=_(
        "Mean days from the capture of the lead to the last payment of its order, of orders delivered, billed and paid in the period."
    ),
    unit="days",
    direction="down",
)
def lead_to_cash(question: Question) -> Answer:
    closed = Order.objects.visible_to(question.actor).filter(
        closed_at__gte=question.period.start, closed_at__lt=min(question.period.end, question.as_of), opportunity__lead__isnull=False
    )
    took = ExpressionWrapper(F("closed_at") - F("opportunity__lead__captured_at"), output_field=DurationField())
    mean = closed.aggregate(mean=Avg(took))["mean"]
    if mean is None:
        return Answer(None, flags=("no_data",))
    return Answer((Decimal(mean.total_seconds()) / 86_400).quantize(Decimal("0.0001"), ROUND_HALF_UP))


@step("invoiced", label=_("Invoiced"), hue="green", position=70, page="invoices:list")
def invoiced_from_leads(period: Period, actor: Actor) -> Iterable[StepFact]:
    """Leads with an issued invoice."""
    issued = Invoice.objects.filter(issued_at__isnull=False, order__opportunity__lead__isnull=False).exclude(state=Invoice.State.VOID)
    return facts_of(issued, period, actor, lead=LEAD, reached="issued_at", amount="gross_base")


@step("cash", label=_("Cash collected"), hue="green", position=80, page="payments:list")
def cash_from_leads(period: Period, actor: Actor) -> Iterable[StepFact]:
    """Leads from which money has come: allocated payments, so that each cent is counted at the lead that it stems from."""
    paid = Allocation.objects.filter(kind=Allocation.Kind.PAYMENT, state=Allocation.State.ACTIVE, item__invoice__order__opportunity__lead__isnull=False)
    return facts_of(paid, period, actor, lead=f"item__invoice__{LEAD}", reached="payment__posted_at", amount="base_item")


@panel("ar.aging", label=_("Receivables by age"), position=10)
def by_age(question: Question) -> list[dict[str, Any]]:
    today = question.as_of.astimezone(question.period.zone).date()
    totals = aging(question.actor, today).buckets
    return [
        {"label": LABELS[age], "value": amount, "is_amount": True, "age": place}
        for place, (age, amount) in enumerate(totals.items(), start=1)
    ]
