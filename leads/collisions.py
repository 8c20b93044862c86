"""Two reps at one customer: who meets another's record may ask to join or to take over, and learns nothing else of it."""

from datetime import datetime
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.distribution import Method
from leads.escalation import manager_of
from leads.models import AccessRequest, Lead
from leads.selectors import SALT
from ltc.customers.models import Customer, CustomerTeamMember
from ltc.customers.services import transfer_customer
from ltc.notifications.services import notify
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.users.models import Membership
from ltc.users.roles import Role
from ltc.workflow.engine import carries_out, perform

GOOD_FOR = 24 * 3600
MODELS: dict[str, Any] = {"lead": Lead, "customer": Customer}
Kind = AccessRequest.Kind


def _record_of(ticket: str, actor: Actor) -> Any:
    try:
        kind, pk, holder = signing.loads(ticket, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        raise Refusal(_("This offer has expired. Look for the duplicate again."), code="ticket_expired", field="ticket") from None
    found = MODELS[kind].objects.select_related("owner__team", "owner__manager").filter(pk=pk).first() if holder == str(actor.pk) else None
    if found is None:
        raise Refusal(_("This offer has expired. Look for the duplicate again."), code="ticket_expired", field="ticket")
    return found


@transaction.atomic
def request_access(*, actor: Actor, kind: str, ticket: str, reason: str) -> AccessRequest:
    """Ask the owner's manager to let a member join a customer, or take a lead or customer over. Raises Forbidden, Refusal."""
    if not isinstance(actor, Membership) or not actor.has_perm("requests.add"):
        raise Forbidden(_("Your role cannot ask for others' records."))
    subject = _record_of(ticket, actor)
    owner = subject.owner
    if owner is None:
        raise Refusal(_("Nobody owns it: claim it from the pool."), code="unowned")
    if owner.pk == actor.pk:
        raise Refusal(_("It is yours already."), code="own_record")
    if kind == Kind.JOIN and isinstance(subject, Lead):
        raise Refusal(_("A lead has one owner. Ask to take it over."), code="invalid_input", field="kind")
    about = {"lead" if isinstance(subject, Lead) else "customer": subject}
    if AccessRequest.objects.filter(requester=actor, state=AccessRequest.State.OPEN, **about).exists():
        raise Refusal(_("You have asked for it already; the answer is still to come."), code="already_requested")
    asked = AccessRequest(
        kind=kind, requester=actor, holder=owner, approver=decider(owner, besides=actor), reason=reason.strip()[:300], **about
    )
    asked.save(force_insert=True)
    record(asked, kind=Entry.Kind.SYSTEM, name="created", to_state=asked.state, actor=actor, at=timezone.now())
    if asked.approver is not None:
        title = gettext_lazy("%(who)s asks for a record of %(owner)s.")
        notify(asked.approver, title=title, body=reason, values={"who": actor.name, "owner": owner.name}, about=asked, icon="hand")
    return asked


def decider(owner: Membership, *, besides: Membership) -> Membership | None:
    """Who decides on a record of this owner: their manager, or an administrator if they have none or it is who asks."""
    boss = manager_of(owner)
    if boss is not None and boss.pk != besides.pk:
        return boss
    return Membership.objects.filter(role=Role.ADMIN, state=Membership.State.ACTIVE).order_by("name").first()


@carries_out(AccessRequest, "approve")
def grant(asked: AccessRequest, *, actor: Actor, at: datetime, answer: str = "") -> dict[str, Any]:
    """Let the requester join, or make them the owner. Nobody decides on their own request."""
    _refuse_own(asked, actor)
    subject = asked.subject
    if asked.kind == Kind.JOIN:
        CustomerTeamMember.objects.get_or_create(customer=subject, member=asked.requester)
    elif isinstance(subject, Lead):
        perform(subject, "assign", actor=SYSTEM, at=at, owner=asked.requester, method=Method.TRANSFER, reason=asked.reason[:200])
    else:
        transfer_customer(subject, actor=SYSTEM, owner=asked.requester, at=at)
    _tell(asked, gettext_lazy("Your request was agreed to: %(record)s."), {"record": str(subject)}, answer)
    return {"answer": answer or ""}


@carries_out(AccessRequest, "refuse")
def decline(asked: AccessRequest, *, actor: Actor, at: datetime, answer: str = "") -> dict[str, Any]:
    """Say no, and why."""
    _refuse_own(asked, actor)
    _tell(asked, gettext_lazy("Your request was declined."), None, answer)
    return {"answer": answer or ""}


def _refuse_own(asked: AccessRequest, actor: Actor) -> None:
    if actor.pk == asked.requester_id:
        raise Refusal(_("Nobody decides on their own request."), code="self_approval")


def _tell(asked: AccessRequest, title: Any, values: dict[str, Any] | None, answer: str) -> None:
    notify(asked.requester, title=title, values=values, body=answer or "", about=asked, icon="hand")
