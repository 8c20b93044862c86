"""What leads put on a member's first page."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leads.models import Lead
from leads.selectors import hot_untouched
from leads.views import LEADS
from ltc.web import home
from ltc.web.home import Suggestion

SHOWN = 5


@home.register
def hot_leads(member: Any, now: datetime) -> Iterable[Suggestion]:
    """The member's good leads that nobody has spoken to yet, overdue ones first."""
    if not member.has_perm("leads.view"):
        return []
    leads: list[Lead] = list(hot_untouched().filter(owner=member.pk)[:SHOWN])
    return [
        Suggestion(
            title=str(lead),
            reason=_("Grade %(grade)s lead, not yet answered") % {"grade": lead.grade},
            url=LEADS.url("record", lead.pk),
            icon=LEADS.icon,
            hue=LEADS.hue,
            due=lead.first_response_due_at,
            weight=90 if lead.first_response_due_at and lead.first_response_due_at < now else 70,
        )
        for lead in leads
    ]
