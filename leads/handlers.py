"""What leads do on news of activities. Carriers of their own transitions, and what a new tenant starts with, register on import."""

from leads import collisions, distribution, merging, seeds
from leads.events import LeadBecameMarketingQualified, LeadConverted, LeadDisqualified, LeadPutAside
from leads.models import Enrolment, Lead, NurtureSequence
from leads.models.choices import ContactKind
from leads.nurturing import sending
from leads.nurturing.stopping import stop_enrolments
from leads.services import note_activity
from ltc.activities.events import ActivityLogged
from ltc.events.bus import Event, subscribe
from ltc.events.outbox import enqueue

__all__ = ["collisions", "distribution", "merging", "seeds", "sending"]


@subscribe(ActivityLogged)
def notice_contact(event: ActivityLogged) -> None:
    if event.subject_type == Lead._meta.label_lower and event.kind in ContactKind.values:
        note_activity(event.subject, at=event.at, kind=event.kind, actor=event.actor)


@subscribe(LeadConverted)
def stop_writing_to_customers(event: LeadConverted) -> None:
    stop_enrolments([event.record], Enrolment.Reason.CONVERTED, at=event.at)


@subscribe(LeadDisqualified)
def stop_writing_to_the_wrong(event: LeadDisqualified) -> None:
    stop_enrolments([event.record], Enrolment.Reason.DISQUALIFIED, at=event.at)


@subscribe(LeadPutAside)
def nurture_put_aside(event: LeadPutAside) -> None:
    _nurture(event, NurtureSequence.EnrolsOn.NURTURED)


@subscribe(LeadBecameMarketingQualified)
def nurture_qualified(event: LeadBecameMarketingQualified) -> None:
    _nurture(event, NurtureSequence.EnrolsOn.MARKETING_QUALIFIED)


def _nurture(event: Event, news: str) -> None:
    if NurtureSequence.objects.filter(active=True, enrols_on=news).exists():
        enqueue("leads.enrol", key=f"{event.record}:{news}:{event.at.isoformat()}", payload={"lead": str(event.record), "news": news})
