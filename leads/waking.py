"""Nurtured leads come back by themselves: on their date, or when they have become clearly more active."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import override

from leads.models import Lead, LeadScoreSnapshot
from leads.models.choices import LeadState
from leads.models.leads import ENGAGEMENT_RISE, RISES_WITHIN
from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.calendars.selectors import today
from ltc.notifications.services import language_of
from ltc.refusals import Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import perform


def wake(*, at: datetime, leads: Any = None) -> int:
    """Take up the nurtured leads whose time has come, or that have become more active; their owners get a task. How many there were."""
    on = today(Tenant.objects.get(pk=current_tenant_id()), at=at)
    due = Q(nurture_until__lte=on) | Q(engagement_score__gte=F("engagement_then") + ENGAGEMENT_RISE)
    all_of_them = (Lead.objects.all() if leads is None else leads).filter(state=LeadState.NURTURING)
    sleeping = all_of_them.annotate(engagement_then=_engagement_then(at - RISES_WITHIN)).filter(due)
    return sum(_woken(lead, at) for lead in sleeping.select_related("owner__user").order_by("pk"))


def _engagement_then(at: datetime) -> Any:
    """How active a lead was at an instant, or when it was left alone if that was later: `Lead.engagement_before` in the database."""
    kept = LeadScoreSnapshot.objects.filter(lead=OuterRef("pk"), at__lte=at).order_by("-at", "-id").values("engagement_score")[:1]
    then = Case(When(state_changed_at__lte=at, then=Subquery(kept)), output_field=DecimalField())
    return Coalesce(then, F("engagement_when_nurtured"), Value(Decimal(0)), output_field=DecimalField())


def _woken(lead: Lead, at: datetime) -> bool:
    owner = lead.owner
    try:
        perform(lead, "reactivate", actor=SYSTEM, at=at)
    except Refusal:
        return False  # somebody has taken it up in the meantime
    if isinstance(owner, Membership):
        with override(language_of(owner)):
            text = _("%(lead)s is due again: get in touch.") % {"lead": lead}
        log_activity(lead, kind=Activity.Kind.TASK, actor=SYSTEM, result=text, due_at=at, assignee=owner)
    return True
