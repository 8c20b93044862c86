"""What deals add to other pages: the lead's chain, and the home page."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.models import Lead
from ltc.web import cells, formats, home
from ltc.web.chains import Link, adds_link
from ltc.web.records import url_for
from opportunities.models import Opportunity
from opportunities.selectors import pipeline

SHOWN = {"won": "done", "lost": "lost", "cancelled": "lost"}


def link_to_lead(lead: Any) -> Link:
    return {"label": _("Lead"), "detail": formats.day(lead.captured_at), "status": "done", "icon": "user-round-plus", "url": url_for(lead)}


def link_to(deal: Opportunity) -> Link:
    detail = formats.money(deal.amount, deal.currency)
    status = SHOWN.get(deal.state, "current")
    return {"label": _("Opportunity"), "detail": detail, "status": status, "icon": "target", "url": url_for(deal)}


@adds_link(Lead, place=20)
def opportunity_of_lead(lead: Any, actor: Any) -> Link | None:
    deal = Opportunity.objects.visible_to(actor).filter(lead=lead).first()
    return link_to(deal) if deal else {"label": _("Opportunity"), "detail": "", "status": "todo", "icon": "target", "url": ""}


@adds_link(Opportunity, place=10)
def lead_of_opportunity(deal: Any, actor: Any) -> Link | None:
    return link_to_lead(deal.lead) if deal.lead else None


@adds_link(Opportunity, place=20)
def opportunity_itself(deal: Any, actor: Any) -> Link | None:
    return {**link_to(deal), "url": ""}


@home.register
def next_steps(member: Any, now: datetime) -> Iterator[home.Suggestion]:
    """Next steps of one's own deals that are due, the oldest first."""
    today = timezone.localdate(now)
    due = Opportunity.objects.filter(owner=member.pk, state=Opportunity.State.OPEN, next_step_on__lte=today).exclude(next_step="")
    for deal in due.select_related("customer").order_by("next_step_on", "id")[:5]:
        yield home.Suggestion(
            title=deal.next_step,
            reason=f"{deal.customer} · {deal.name}",
            url=url_for(deal),
            icon="target",
            hue="violet",
            due=deal.next_step_on,
            weight=70,
        )


@home.register_figures
def open_pipeline(member: Any, now: datetime) -> Iterator[home.Figure]:
    """What the member's open deals are worth, in the base currency."""
    if not member.has_perm("opportunities.view"):
        return
    worth = pipeline(member).select_related(None).order_by().aggregate(total=Sum("amount_base"))["total"] or 0
    yield home.Figure(label=gettext_lazy("Open pipeline"), cell=cells.money(worth, _currency(member)), hue="violet", order=20)


def _currency(member: Any) -> str:
    return str(member.tenant.base_currency)
