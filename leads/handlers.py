"""What leads do on news of activities. Carriers of their own transitions, and what a new tenant starts with, register on import."""

from leads import collisions, distribution, merging, seeds
from leads.models import Lead
from leads.models.choices import ContactKind
from leads.services import note_activity
from ltc.activities.events import ActivityLogged
from ltc.events.bus import subscribe

__all__ = ["collisions", "distribution", "merging", "seeds"]


@subscribe(ActivityLogged)
def notice_contact(event: ActivityLogged) -> None:
    if event.subject_type == Lead._meta.label_lower and event.kind in ContactKind.values:
        note_activity(event.subject, at=event.at, kind=event.kind, actor=event.actor)
