"""The clerk's workbench: whom to deal with first and why, everything about that customer beside it, and the money to be placed."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.calendars.business_days import next_or_same
from ltc.calendars.selectors import work_calendar, zone_of
from ltc.customers.models import Contact, Customer
from ltc.refusals import Refusal
from ltc.users.models import Membership
from ltc.web import formats
from ltc.web.navigation import NavItem, register_item
from ltc.web.records import url_for
from ltc.web.workspace import WorkspaceView
from ltc.workflow.engine import perform
from receivables.aging import Age
from receivables.company import own_company
from receivables.models import Dispute, DunningCase, DunningNotice, Payment, PromiseToPay, ReceivableItem
from receivables.services.by_hand import remind_all
from receivables.services.placing import place
from receivables.views.payments import HUES
from receivables.views.promises import dispute_row, identifier, promise_row
from receivables.views.reminders import reminder_row
from receivables.worklist import Place, Unplaced, queue, unplaced

register_item(NavItem("workbench", gettext_lazy("Workbench"), "list-todo", "workbench", "collect", 45, "promises.view", go="w"))
MOST_REMINDED = 100
MORNING = time(9)
AGES = {
    Age.CURRENT: gettext_lazy("Most of it is not due yet"),
    Age.TO_30: gettext_lazy("Mostly up to 30 days"),
    Age.TO_60: gettext_lazy("Mostly 31–60 days"),
    Age.TO_90: gettext_lazy("Mostly 61–90 days"),
    Age.OVER_90: gettext_lazy("Mostly over 90 days"),
}
METHODS = {
    "specified": gettext_lazy("Named in the memo"),
    "exact": gettext_lazy("Exactly this amount"),
    "tolerance": gettext_lazy("All but a few cents"),
    "earmark": gettext_lazy("Earmarked"),
    "fifo": gettext_lazy("Oldest first"),
    "rule": gettext_lazy("Known payer"),
    "": "",
}


def late_for(days: int) -> str:
    return ngettext("%(days)s day late", "%(days)s days late", days) % {"days": days}


def reasons_for(place: Place, currency: str) -> list[dict[str, Any]]:
    """Why a customer stands where it does, in a few words each."""
    found: list[dict[str, Any]] = [{"text": late_for(place.rank.oldest), "hue": "rose" if place.rank.oldest > 60 else "amber"}]
    found.append({"text": AGES[place.rank.weightiest], "hue": "rose" if place.rank.weightiest == Age.OVER_90 else "slate"})
    if place.rank.broken_promises:
        count = place.rank.broken_promises
        text = ngettext("%(count)s broken promise", "%(count)s broken promises", count) % {"count": count}
        found.append({"text": text, "hue": "rose"})
    if place.rank.is_promised:
        found.append({"text": _("Promised"), "hue": "violet"})
    if place.rank.is_disputed:
        found.append({"text": _("Disputed"), "hue": "amber"})
    if place.customer.credit_hold:
        found.append({"text": _("On credit hold"), "hue": "slate"})
    return found


class Workbench(WorkspaceView):
    """The queue and the panel of the chosen customer. A post does something about one or several of them."""

    permission = "promises.view"
    active = "workbench"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        places = queue(self.actor, today)
        currency = request.tenant.base_currency  # type: ignore[attr-defined]
        wanted = identifier(request.GET.get("customer", ""))
        chosen = next((place for place in places if place.customer.pk == wanted), places[0] if places else None)
        rows = [
            {
                "place": number, "customer": place.customer, "rank": place.rank, "reasons": reasons_for(place, currency),
                "url": f"?customer={place.customer.pk}#chosen", "current": place is chosen,
            }
            for number, place in enumerate(places, start=1)
        ]  # fmt: skip
        at = places.index(chosen) if chosen else 0
        money = [_placeable(each) for each in unplaced(self.actor)] if self.actor.has_perm("receivables.allocate") else []
        context = {
            "rows": rows, "currency": currency, "total": sum((place.rank.overdue for place in places), Decimal(0)),
            "previous": rows[at - 1]["url"] if at else "", "next": rows[at + 1]["url"] if at + 1 < len(rows) else "",
            "panel": self.panel(chosen.customer) if chosen else None, "may_remind": self.actor.has_perm("receivables.remind"),
            "log": request.GET.get("log") == "call", "money": money, "kpis": self.kpis(places, currency, today),
            "may_import": self.actor.has_perm("receivables.record_payment"),
        }  # fmt: skip
        return self.show("collections/workbench.html", context)

    def kpis(self, places: list[Place], currency: str, today: date) -> list[dict[str, Any]]:
        """The day in figures."""
        promises = PromiseToPay.objects.visible_to(self.actor).filter(state=PromiseToPay.State.OPEN)
        disputes = Dispute.objects.visible_to(self.actor).filter(state__in=Dispute.UNSOLVED)
        overdue = sum((place.rank.overdue for place in places), Decimal(0))
        at_risk = sum((place.rank.at_risk for place in places), Decimal(0))
        return [
            {"label": _("Overdue"), "value": formats.money(overdue, currency), "url": f"{reverse('receivables:list')}?view=overdue"},
            {"label": _("At risk"), "value": formats.money(at_risk, currency), "url": ""},
            {
                "label": _("Promised for today or earlier"),
                "value": promises.filter(promised_on__lte=today).count(),
                "url": reverse("promises:list"),
            },
            {"label": _("Disputes to answer"), "value": disputes.count(), "url": reverse("disputes:list")},
        ]

    def panel(self, customer: Customer) -> dict[str, Any]:
        """What is known of a customer: who to call, what is open, what was promised, disputed, reminded of and said."""
        items = ReceivableItem.objects.visible_to(self.actor).filter(customer=customer, open_amount__gt=0, released=True)
        notices = DunningNotice.objects.visible_to(self.actor).filter(case__customer=customer).select_related("case__customer")
        disputes = Dispute.objects.visible_to(self.actor).filter(item__customer=customer, state__in=Dispute.UNSOLVED)
        return {
            "customer": customer, "url": url_for(customer),
            "contacts": list(Contact.objects.filter(customer=customer).order_by("-is_dunning", "-is_billing", "created_at")[:4]),
            "items": list(items.select_related("invoice__order").order_by("due_date", "pk")[:50]),
            "promises": [promise_row(each) for each in PromiseToPay.objects.visible_to(self.actor).filter(customer=customer)[:5]],
            "disputes": [dispute_row(each) for each in disputes.select_related("item")[:5]],
            "reminders": [reminder_row(each) for each in notices.prefetch_related("messages").order_by("-run_date", "-pk")[:5]],
            "money": list(Payment.objects.visible_to(self.actor).filter(customer=customer, unallocated__gt=0).order_by("received_on")[:5]),
            "said": list(Activity.objects.filter(subject=customer.pk).order_by("-occurred_at")[:6]),
            "promise_url": f"{reverse('promises:new')}?{urlencode({'customer': customer.pk, 'from': 'workbench'})}",
            "dispute_url": f"{reverse('disputes:new')}?{urlencode({'customer': customer.pk, 'from': 'workbench'})}",
            "statement_url": f"{reverse('account-statements:new')}?{urlencode({'customer': customer.pk})}",
            "may_promise": self.actor.has_perm("promises.add", PromiseToPay(customer=customer)),
            "may_dispute": self.actor.has_perm("disputes.add", Dispute(item=ReceivableItem(customer=customer))),
            "may_remind": self.actor.has_perm("receivables.remind", DunningCase(customer=customer)),
        }  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        pks = [found for text in request.POST.getlist("customer") if (found := identifier(text))][:MOST_REMINDED]
        customers = list(Customer.objects.visible_to(self.actor).filter(pk__in=pks))
        act = {
            "remind": self.remind,
            "call": self.note_call,
            "list": self.call_tomorrow,
            "place": self.place,
            "suspense": self.to_suspense,
        }.get(request.POST.get("do", ""))
        if act is not None:
            act(request, customers)
        back = f"?{urlencode({'customer': customers[0].pk})}" if len(customers) == 1 and request.POST.get("do") != "place" else ""
        return HttpResponseRedirect(reverse("workbench") + back)

    def remind(self, request: HttpRequest, customers: list[Customer]) -> None:
        """Remind these of all that is overdue."""
        made, left_out = remind_all(customers, actor=self.actor)
        if made:
            messages.success(request, ngettext("%(made)s reminder goes out.", "%(made)s reminders go out.", made) % {"made": made})
        for customer, why in left_out[:5]:
            messages.warning(request, f"{customer}: {why}")

    def note_call(self, request: HttpRequest, customers: list[Customer]) -> None:
        """Write down a call, and when to call again."""
        words = request.POST.get("result", "").strip() or _("Called")
        again = parse_day(request.POST.get("again", ""))
        for customer in customers[:1]:
            log_activity(
                customer,
                kind=Activity.Kind.CALL,
                actor=self.actor,
                result=words,
                direction=Activity.Direction.OUTWARD,
                next_action=_("Call again") if again else "",
                next_at=self._morning(again) if again else None,
            )
            messages.success(request, _("The call was noted."))

    def call_tomorrow(self, request: HttpRequest, customers: list[Customer]) -> None:
        """Put these on the clerk's list of calls for the next business day."""
        day = next_or_same(work_calendar(), timezone.localdate() + timedelta(days=1))
        assignee = self.actor if isinstance(self.actor, Membership) else None
        for customer in customers:
            log_activity(
                customer,
                kind=Activity.Kind.TASK,
                actor=self.actor,
                result=_("Call about what is overdue"),
                due_at=self._morning(day),
                assignee=assignee,
            )
        if made := len(customers):
            messages.success(request, ngettext("%(made)s call is on your list.", "%(made)s calls are on your list.", made) % {"made": made})

    def place(self, request: HttpRequest, customers: list[Customer]) -> None:
        """Place one payment, or all that were ticked, as proposed."""
        pks = [found for text in request.POST.getlist("payment") if (found := identifier(text))]
        chosen = {each.payment.pk: each for each in unplaced(self.actor) if each.payment.pk in pks}
        done = 0
        for pk in pks:
            if (each := chosen.get(pk)) is None:
                continue
            sender = customers[0] if customers and len(pks) == 1 else each.customers[0].customer if len(each.customers) == 1 else None
            try:
                place(each.payment, actor=self.actor, customer=sender)
                done += 1
            except Refusal as refusal:
                messages.warning(request, f"{each.payment}: {refusal}")
        if done:
            messages.success(request, ngettext("%(done)s payment was placed.", "%(done)s payments were placed.", done) % {"done": done})

    def to_suspense(self, request: HttpRequest, customers: list[Customer]) -> None:
        """Post payments of which nobody knows who sent them: the money is in the books, and waits for its owner."""
        pks = [found for text in request.POST.getlist("payment") if (found := identifier(text))]
        for payment in Payment.objects.visible_to(self.actor).filter(pk__in=pks, state=Payment.State.IMPORTED):
            try:
                perform(payment, "post", actor=self.actor)
            except Refusal as refusal:
                messages.warning(request, f"{payment}: {refusal}")
                continue
            messages.success(request, _("It is posted, and waits until somebody knows who paid."))

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, MORNING, zone_of(own_company()))


def parse_day(text: str) -> date | None:
    """The day that a form names, or None."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _placeable(each: Unplaced) -> dict[str, Any]:
    """Money to place as the page shows it: what it would pay and why, and what one press does."""
    payment = each.payment
    return {
        "payment": payment, "url": url_for(payment), "hue": HUES[payment.state], "why": METHODS[each.method], "rest": each.rest,
        "shares": [{"item": item, "amount": amount, "url": url_for(item.invoice)} for item, amount in each.shares],
        "customers": [each.customer for each in each.customers], "is_certain": each.is_certain,
        "who": reverse("payments:action", args=[payment.pk, "identify"]),
        "post": payment.state == Payment.State.IMPORTED,
    }  # fmt: skip
