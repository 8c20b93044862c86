"""The page of the dry run: tonight these messages would go out."""

from datetime import date
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy

from ltc.refusals import Refusal
from ltc.web.navigation import NavItem, register_item
from ltc.web.records import url_for
from ltc.web.workspace import WorkspaceView
from receivables.models import DunningMessage
from receivables.services.rehearsal import Outcome, rehearse
from receivables.views.policies import LETTER_NAMES

register_item(
    NavItem("reminder-plan", gettext_lazy("Planned reminders"), "calendar-clock", "reminder-plan", "collect", 61, "receivables.view")
)
REASONS = {
    "nothing_due": gettext_lazy("Nothing is due"), "disputed": gettext_lazy("Disputed"),
    "too_small": gettext_lazy("Below the smallest amount"),
    "promised": gettext_lazy("Promised"), "excluded": gettext_lazy("The customer is never reminded"), "paused": gettext_lazy("Paused"),
    "legal": gettext_lazy("Legal steps"), "blocked": gettext_lazy("The item is left alone"),
    "unapplied_cash": gettext_lazy("Unallocated money may have paid it"), "credit_coming": gettext_lazy("A credit note is on its way"),
    "invoice_not_sent": gettext_lazy("The invoice was not sent"), "bill_received": gettext_lazy("A bill of exchange was received"),
    "bank_import_missing": gettext_lazy("Today's bank import is missing"), "tenant_suspended": gettext_lazy("The workspace is suspended"),
    "no_reachable_contact": gettext_lazy("Nobody there can be reached"), "min_interval": gettext_lazy("Reminded only days ago"),
}  # fmt: skip
OUTCOMES = {
    "sent": (gettext_lazy("Goes out"), "green"), "superseded": (gettext_lazy("Used up"), "slate"),
    "deferred": (gettext_lazy("Deferred"), "blue"), "suppressed": (gettext_lazy("Held back"), "amber"),
}  # fmt: skip


class PlannedReminders(WorkspaceView):
    """What the runs of some days would do, for the customers that the member sees."""

    permission = "receivables.view"
    active = "reminder-plan"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        first = self._day("from", today)
        last = self._day("to", first)
        error, found = "", []
        try:
            found = rehearse(first, last, now=timezone.now(), actor=self.actor)
        except Refusal as refusal:
            error = str(refusal)
        letters = {(each.date, each.facts.case.pk, each.scope) for each in found if each.outcome == "sent"}
        waiting = DunningMessage.objects.visible_to(self.actor).filter(status=DunningMessage.Status.QUEUED).count()
        days = [{"date": day, "rows": [self._row(each) for each in rows]} for day, rows in groupby(found, key=lambda each: each.date)]
        context = {"first": first, "last": last, "days": days, "letters": len(letters), "waiting": waiting, "error": error}
        return self.show("collections/reminder_plan.html", context | {"is_tonight": first == last == today})

    def _day(self, name: str, default: date) -> date:
        try:
            return parse_date(self.request.GET.get(name, "")) or default
        except ValueError:
            return default

    def _row(self, each: Outcome) -> dict[str, Any]:
        label, hue = OUTCOMES[each.outcome]
        step = each.facts.rules.steps.get(each.level)
        return {
            "customer": each.customer.name, "customer_url": url_for(each.customer), "invoice": each.item.invoice,
            "invoice_url": url_for(each.item.invoice), "seq": each.item.seq, "level": each.level,
            "letter": LETTER_NAMES.get(step.text, "") if step else "", "amount": each.amount, "currency": each.item.currency,
            "outcome": label, "hue": hue, "reason": REASONS.get(each.reason or "", ""), "due": each.item.due_date,
        }  # fmt: skip
