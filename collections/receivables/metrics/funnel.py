"""The steps of the funnel and the bar list of the dashboard that collections counts."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from ltc.analytics.counting import Facts, facts_of
from ltc.analytics.periods import Days, Period
from ltc.analytics.registry import Question, panel, stems_from, step
from ltc.users.actors import Actor
from receivables.aging import Age
from receivables.models import Allocation, Invoice, Payment
from receivables.selectors import aging

LEAD = "order__opportunity__lead"
LABELS = {
    Age.CURRENT: _("Not due"),
    Age.TO_30: _("1–30 days"),
    Age.TO_60: _("31–60 days"),
    Age.TO_90: _("61–90 days"),
    Age.OVER_90: _("Over 90 days"),
}

AGES = {Age.CURRENT: "current", Age.TO_30: "1-30", Age.TO_60: "31-60", Age.TO_90: "61-90", Age.OVER_90: ">90"}


@step("invoiced", label=_("Invoiced"), hue="green", position=70, page="invoices:list")
def invoiced_from_leads(period: Period | Days, actor: Actor) -> Facts:
    """Leads with an issued invoice."""
    issued = Invoice.objects.filter(issued_at__isnull=False, order__opportunity__lead__isnull=False).exclude(state=Invoice.State.VOID)
    return facts_of(issued, period, actor, lead=LEAD, reached="issued_at", amount="gross_base")


@step("cash", label=_("Cash collected"), hue="green", position=80, page="payments:list")
def cash_from_leads(period: Period | Days, actor: Actor) -> Facts:
    """Leads from which money has come: allocated payments, so that each cent is counted at the lead that it stems from."""
    paid = Allocation.objects.filter(
        payment__isnull=False, state=Allocation.State.ACTIVE, item__invoice__order__opportunity__lead__isnull=False
    )
    return facts_of(paid, period, actor, lead=f"item__invoice__{LEAD}", reached="payment__posted_at", amount="base_item")


@panel("ar.aging", label=_("Receivables by age"), position=10, metric="ar.aging")
def by_age(question: Question) -> list[dict[str, Any]]:
    today = question.as_of.astimezone(question.period.zone).date()
    totals = aging(question.actor, today).buckets
    return [
        {"label": LABELS[age], "value": amount, "is_amount": True, "age": place, "role": AGES[age]}
        for place, (age, amount) in enumerate(totals.items(), start=1)
    ]


stems_from(Invoice, "order__opportunity__lead__captured_at")
stems_from(Allocation, "item__invoice__order__opportunity__lead__captured_at")
stems_from(Payment, "allocations__item__invoice__order__opportunity__lead__captured_at")
