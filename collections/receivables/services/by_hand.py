"""What a person does about a customer between the planner's runs: remind now, log a call."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.calendars.selectors import today
from ltc.customers.models import Customer
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import Actor
from receivables.company import own_company
from receivables.dunning import suppression
from receivables.dunning_facts import Reader
from receivables.letters import language_of
from receivables.models import Channel, DunningCase, DunningNotice
from receivables.services.policies import policies
from receivables.services.reminders import contact_for, write_messages, zone_for

FRIENDLY = 3


@transaction.atomic
def remind_now(customer: Customer, *, actor: Actor, at: datetime | None = None) -> list[DunningNotice]:
    """Remind a customer by hand of everything that is overdue, in the tone that it has reached; no level is used by it.

    Once a day and currency, and not against what holds the planner back. Raises Forbidden, Refusal.
    """
    at = at or timezone.now()
    tenant = own_company()
    day = today(tenant, at=at)
    if not actor.has_perm("receivables.remind", DunningCase(customer=customer)):
        raise Forbidden(_("You may not send reminders to this customer."))
    contact = contact_for(customer)
    if contact is None:
        raise Refusal(_("Nobody at this customer can be reached by e-mail."), code="no_reachable_contact")
    locked = DunningCase.objects.select_for_update(of=("self",)).filter(customer=customer).order_by("pk")
    made = []
    for facts in Reader(tenant, policies(), since=day, today=day).read(list(locked.select_related("customer__owner"))):
        found, around = facts.on(day)
        overdue = [item for item in found if item.due_on < day and not suppression(item, around)]
        sent = DunningNotice.objects.filter(case=facts.case, run_date=day).exclude(state=DunningNotice.State.CANCELLED)
        if not overdue or sent.exists():
            continue
        level = max([FRIENDLY, *(level for item in overdue for level in item.used)])
        notice = DunningNotice.objects.create(
            case=facts.case, kind=DunningNotice.Kind.MANUAL, run_date=day, level=level,
            language=language_of(contact.language, customer.language, tenant.locale),
        )  # fmt: skip
        step = facts.rules.steps.get(level)
        write_messages(notice, [Channel.EMAIL], contact, step, facts.rules, zone_for(customer, tenant), at)
        record(notice, kind=Entry.Kind.SYSTEM, name="planned", to_state=notice.state, actor=actor, at=at, data={"level": level})
        made.append(notice)
    if not made:
        raise Refusal(_("Nothing can be reminded of now: it is paid, held back, or was reminded of today."), code="nothing_to_remind")
    return made


def remind_all(customers: Iterable[Customer], *, actor: Actor, at: datetime | None = None) -> tuple[int, list[tuple[Any, str]]]:
    """Remind several customers by hand: how many notices were made, and who was left out and why."""
    made, left_out = 0, []
    for customer in customers:
        try:
            made += len(remind_now(customer, actor=actor, at=at))
        except (Refusal, Forbidden) as refusal:
            left_out.append((customer, str(refusal)))
    return made, left_out
