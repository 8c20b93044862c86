"""Months of the ledger: closed when the books agree, so that nothing is posted into them any more."""

import calendar
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ltc.numbering.services import locked_sequence
from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import Actor
from receivables.company import day_of
from receivables.integrity import violations
from receivables.models import Payment, Period
from receivables.models.periods import first_of_month


@transaction.atomic
def open_period(*, month: date, actor: Actor) -> Period:
    """The row of a month, made if there is none, so that it can be closed. Any day of the month names it. Raises Forbidden."""
    if not actor.has_perm("ledger.close"):
        raise Forbidden(_("You may not close periods. Ask finance."))
    period, _made = Period.objects.get_or_create(month=first_of_month(month))
    return period


def check_close(period: Period, *, actor: Actor, at: datetime, reviewed: bool = False) -> dict[str, Any]:
    """Raise Refusal unless the month is over, the books agree, and what came in during it is posted and looked at."""
    last = period.month.replace(day=calendar.monthrange(period.month.year, period.month.month)[1])
    if last >= day_of(at):
        raise Refusal(_("This month is not over yet."), code="period_not_over")
    # Postings take the number of their entry first: with the sequence locked, all that were under way are seen below or wait.
    locked_sequence({"series": "", "doc_type": "journal_entry", "period_key": f"{period.month.year:04d}"}, gap_free=True)
    if broken := next(violations(), None):
        raise Refusal(_("The books do not agree: %(what)s. Find the cause first.") % {"what": broken}, code="integrity_failed")
    received = Payment.objects.filter(received_on__range=(period.month, last))
    if received.filter(state__in=[Payment.State.IMPORTED, Payment.State.IDENTIFIED]).exists():
        raise Refusal(_("Payments of this month are not posted yet. Post them first."), code="payments_not_posted")
    unknown = Payment.objects.filter(Q(received_on__lte=last), state=Payment.State.UNIDENTIFIED)
    if not reviewed and unknown.exists():
        raise Refusal(_("Look at the payments whose payer is unknown, and say that you did."), code="unidentified_not_reviewed")
    return {}
