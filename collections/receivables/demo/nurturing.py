"""A sequence of the demo company, and some leads on it."""

import contextlib
import io
from datetime import datetime, timedelta
from typing import Final

from leads.models import Lead, NurtureSequence
from leads.models.choices import LeadState
from leads.nurturing.sending import SENDER
from leads.nurturing.sequences import add_step, create_sequence
from leads.services import update_lead
from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform

NAMES: Final = {"en": "Not ready yet", "zh-hans": "暂未成熟的线索"}
FIRST_EN: Final = (
    "Dear {{ contact_name }},\n\nthank you for your interest. May we send you what others of your size do?\n\n{{ owner_name }}"
)
FIRST_ZH: Final = "{{ contact_name }}您好：\n\n感谢您的关注。是否需要我们发送同类企业的应用案例？\n\n{{ owner_name }}"
LAST_EN: Final = "Dear {{ contact_name }},\n\nhas your plan moved on? A short answer is enough.\n\n{{ owner_name }}"
LAST_ZH: Final = "{{ contact_name }}您好：\n\n您的计划是否有新的进展？简单回复即可。\n\n{{ owner_name }}"
MOST: Final = 6


def nurture(tenant: Tenant, anchor: datetime) -> None:
    """A sequence in both languages; some open leads have agreed and got its first mail, which a demo only pretends to send."""
    began = anchor - timedelta(days=1)
    with acting_for(tenant):
        sequence = create_sequence(actor=SYSTEM, name=NAMES.get(tenant.locale, NAMES["en"]), enrols_on=NurtureSequence.EnrolsOn.NURTURED)
        mail = {"subject_en": "What others do, {{ contact_name }}", "subject_zh": "{{ contact_name }}您好，同类企业的做法"}
        add_step(actor=SYSTEM, sequence=sequence, **mail, body_en=FIRST_EN, body_zh=FIRST_ZH)
        task = {"subject_en": "Call {{ contact_name }}", "subject_zh": "致电{{ contact_name }}"}
        add_step(actor=SYSTEM, sequence=sequence, kind="task", wait=3, **task)
        mail = {"subject_en": "Has your plan moved on?", "subject_zh": "计划有新的进展吗?"}
        add_step(actor=SYSTEM, sequence=sequence, wait=5, **mail, body_en=LAST_EN, body_zh=LAST_ZH)
        waiting = Lead.objects.filter(state__in=[LeadState.WORKING, LeadState.NURTURING], owner__isnull=False).exclude(email="")
        for lead in waiting.order_by("-captured_at")[:MOST]:
            with contextlib.suppress(Refusal):
                update_lead(lead, actor=SYSTEM, consent_marketing="given")
                perform(lead, "enrol", actor=SYSTEM, at=began, sequence=sequence)
    with contextlib.redirect_stdout(io.StringIO()), acting_for(tenant):
        SENDER.send(now=began)
