"""The clerk's workbench: whom to deal with first and why, and everything about that customer beside it."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.customers.models import Contact, Customer
from ltc.web.navigation import NavItem, register_item
from ltc.web.records import url_for
from ltc.web.workspace import WorkspaceView
from receivables.models import Dispute, DunningCase, DunningNotice, Payment, PromiseToPay, ReceivableItem
from receivables.services.by_hand import remind_all
from receivables.views.promises import dispute_row, identifier, promise_row
from receivables.views.reminders import reminder_row
from receivables.worklist import Place, queue

register_item(NavItem("workbench", gettext_lazy("Workbench"), "list-todo", "workbench", "collect", 45, "promises.view", go="w"))
MOST_REMINDED = 100


def reasons_for(place: Place, currency: str) -> list[dict[str, Any]]:
    """Why a customer stands where it does, in a few words each."""
    found = [{"text": _("%(days)s days late") % {"days": place.rank.oldest}, "hue": "rose" if place.rank.oldest > 60 else "amber"}]
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
                "url": f"?customer={place.customer.pk}", "current": place is chosen,
            }
            for number, place in enumerate(places, start=1)
        ]  # fmt: skip
        at = places.index(chosen) if chosen else 0
        context = {
            "rows": rows, "currency": currency, "total": sum((place.rank.overdue for place in places), Decimal(0)),
            "previous": rows[at - 1]["url"] if at else "", "next": rows[at + 1]["url"] if at + 1 < len(rows) else "",
            "panel": self.panel(chosen.customer) if chosen else None, "may_remind": self.actor.has_perm("receivables.remind"),
            "log": request.GET.get("log") == "call",
        }  # fmt: skip
        return self.show("collections/workbench.html", context)

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
            "promise_url": f"{reverse('promises:new')}?{urlencode({'customer': customer.pk})}",
            "dispute_url": f"{reverse('disputes:new')}?{urlencode({'customer': customer.pk})}",
            "statement_url": f"{reverse('account-statements:new')}?{urlencode({'customer': customer.pk})}",
            "may_promise": self.actor.has_perm("promises.add", PromiseToPay(customer=customer)),
            "may_dispute": self.actor.has_perm("disputes.add", Dispute(item=ReceivableItem(customer=customer))),
            "may_remind": self.actor.has_perm("receivables.remind", DunningCase(customer=customer)),
        }  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        pks = [found for text in request.POST.getlist("customer") if (found := identifier(text))][:MOST_REMINDED]
        customers = list(Customer.objects.visible_to(self.actor).filter(pk__in=pks))
        match request.POST.get("do"):
            case "remind":
                made, left_out = remind_all(customers, actor=self.actor)
                if made:
                    messages.success(request, ngettext("%(made)s reminder goes out.", "%(made)s reminders go out.", made) % {"made": made})
                for customer, why in left_out[:5]:
                    messages.warning(request, f"{customer}: {why}")
            case "call":
                words = request.POST.get("result", "").strip() or _("Called")
                for customer in customers[:1]:
                    log_activity(customer, kind=Activity.Kind.CALL, actor=self.actor, result=words, direction=Activity.Direction.OUTWARD)
                    messages.success(request, _("The call was noted."))
        back = f"?{urlencode({'customer': customers[0].pk})}" if len(customers) == 1 else ""
        return HttpResponseRedirect(reverse("workbench") + back)
