"""Two leads that are the same one."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leads.masking import CONTACT_FIELDS
from leads.models import Lead
from leads.models.choices import LeadState
from leads.waiting import rescore_soon
from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import Actor
from ltc.workflow.engine import carries_out

UNKNOWN = ("", "unknown", None)
FILLED_IN = (*CONTACT_FIELDS, "company_name", "region", "industry", "industry_match", "size_employees", "seniority", "budget", "authority")
ALSO_FILLED_IN = ("need", "need_level", "timeline", "product_interest", "est_amount", "currency")


@carries_out(Lead, "merge")
def merge_lead(lead: Lead, *, actor: Actor, at: datetime, survivor: Lead) -> dict[str, Any]:
    """Let a lead go on in another one, which keeps the earlier day of capture and learns what it did not know.

    The trail of the merged lead stays where it is, append-only, and is read together with the survivor's.
    """
    survivor = Lead.objects.select_for_update(of=("self",)).get(pk=survivor.pk)
    if survivor.pk == lead.pk:
        raise Refusal(_("A lead cannot be merged into itself. Choose another one."), code="invalid_input", field="survivor")
    if survivor.state == LeadState.MERGED:
        raise Refusal(
            _("The lead that stays was itself merged. Choose the one that it was merged into."), code="invalid_input", field="survivor"
        )
    if not actor.has_perm("leads.merge", survivor):
        raise Forbidden(_("You may not merge into this lead. Ask your manager."))
    for name in (*FILLED_IN, *ALSO_FILLED_IN):
        if getattr(survivor, name) in UNKNOWN:
            setattr(survivor, name, getattr(lead, name))
    if lead.captured_at < survivor.captured_at:
        survivor.captured_at, survivor.channel, survivor.campaign = lead.captured_at, lead.channel, lead.campaign
    survivor.save()
    Lead.objects.filter(merged_into=lead).update(merged_into=survivor)  # whoever was merged into this one goes along
    if survivor.is_open:
        rescore_soon(survivor)
    return {"survivor": survivor}
