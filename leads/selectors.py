from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import TrigramSimilarity
from django.core import signing
from django.db import connection
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from leads.models import Lead, LeadEvent, LeadTouch
from leads.models.choices import LeadState
from leads.models.pooled import AlreadyClaimed
from leads.touches import family
from ltc.customers.duplicates import ALIKE, DuplicateRule
from ltc.customers.models import Customer
from ltc.customers.names import normalise_name, normalise_name_without_region
from ltc.customers.selectors import find_duplicates
from ltc.users.actors import Actor
from ltc.users.roles import Scope

SALT = "leads.collision"
# So many likely duplicates are shown; more would not be looked at.
SHOWN = 10
SHOWN_TO_ALL = ("company_name", "contact_name", "title", "number")


@dataclass(frozen=True)
class Likeness:
    """An existing lead or customer that a new lead seems to be. Of one that the actor may not see only the team is told."""

    kind: str
    id: UUID | None
    rule: DuplicateRule
    label: str
    with_whom: str
    ticket: str = ""
    in_pool: bool = False

    @property
    def is_certain(self) -> bool:
        """Whether a person should decide before a second record is made."""
        return self.rule is not DuplicateRule.SIMILAR_NAME

    def as_json(self) -> dict[str, Any]:
        """`ticket` is what to ask for it with, where another one owns it."""
        known = {"kind": self.kind, "id": str(self.id) if self.id else None, "rule": self.rule.name.lower()}
        return {**known, "label": self.label, "with": self.with_whom, "in_pool": self.in_pool, "ticket": self.ticket}


def possible_duplicates(
    actor: Actor, *, company_name: str = "", phone: str = "", email: str = "", exclude: UUID | None = None
) -> list[Likeness]:
    """The leads and customers with the same company, telephone or e-mail, surest first. Informs; it does not stop anyone."""
    return [
        *_like_customers(actor, company_name=company_name, phone=phone, email=email),
        *_like_leads(actor, company_name=company_name, phone=phone, email=email, exclude=exclude),
    ][:SHOWN]


def _like_customers(actor: Actor, *, company_name: str, phone: str, email: str) -> list[Likeness]:
    alike = find_duplicates(name=company_name, phones=[phone], emails=[email])[:SHOWN]
    if not alike:
        return []
    known = Customer.objects.select_related("team", "owner").in_bulk([found.customer_id for found in alike])
    visible = set(Customer.objects.visible_to(actor).filter(pk__in=known).values_list("pk", flat=True))
    return [_likeness("customer", known[found.customer_id], found.rule, found.customer_id in visible, actor) for found in alike]


def _like_leads(actor: Actor, *, company_name: str, phone: str, email: str, exclude: UUID | None) -> list[Likeness]:
    same_contact = Q()
    if phone:
        same_contact |= Q(phone=phone)
    if email:
        same_contact |= Q(email=email)
    same_name = Q(name_key=name_key) if (name_key := normalise_name(company_name)[:200]) else Q()
    if not (same_name or same_contact):
        return []
    rule = Case(
        *([When(same_name, then=Value(DuplicateRule.SAME_NAME.value))] if same_name else []), default=Value(3), output_field=IntegerField()
    )
    leads = Lead.objects.exclude(state=LeadState.MERGED).select_related("team", "owner", "pool")
    if exclude:
        leads = leads.exclude(pk=exclude)
    found = list(leads.filter(same_name | same_contact).annotate(rule=rule).order_by("rule", "-captured_at")[:SHOWN])
    if len(found) < SHOWN:
        found += _called_alike(leads, company_name, besides=[lead.pk for lead in found])[: SHOWN - len(found)]
    scopes = actor.scopes("leads.view")
    return [_likeness("lead", lead, DuplicateRule(lead.rule), lead.is_within(actor, scopes), actor) for lead in found]


def _called_alike(leads: QuerySet[Lead], company_name: str, *, besides: Sequence[UUID]) -> list[Any]:
    """The leads whose company is called almost the same, the most alike first. The index finds them, so the threshold is told to it."""
    likeness = normalise_name_without_region(company_name)[:200]
    if not likeness:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(ALIKE)])
    alike: Any = leads.exclude(pk__in=besides).filter(likeness_name__trigram_similar=likeness)
    rule = Value(DuplicateRule.SIMILAR_NAME.value, output_field=IntegerField())
    return list(alike.annotate(rule=rule, likeness=TrigramSimilarity("likeness_name", likeness)).order_by("-likeness", "id")[:SHOWN])


def _likeness(kind: str, record: Any, rule: DuplicateRule, is_visible: bool, actor: Actor) -> Likeness:
    owned_by_another = record.owner_id is not None and record.owner_id != actor.pk
    ticket = ticket_for(kind, record.pk, actor) if owned_by_another and actor.has_perm("requests.add") else ""
    in_pool = record.owner_id is None
    with_whom = str(record.team or record.owner or getattr(record, "pool", None) or "")
    if is_visible:
        return Likeness(kind, record.pk, rule, str(record), with_whom, ticket, in_pool)
    return Likeness(kind, None, rule, "", with_whom, ticket, in_pool)


def ticket_for(kind: str, pk: Any, actor: Actor) -> str:
    """A sealed name of a record that an actor met, perhaps without seeing it: with it that actor can ask for it."""
    return signing.dumps([kind, str(pk), str(actor.pk)], salt=SALT)


def search_leads(leads: QuerySet[Lead], text: str, actor: Actor) -> QuerySet[Lead]:
    """The leads in whose company, contact, title, e-mail or number a text occurs, whatever its case.

    A masked e-mail address is not found: asking for one letter after the other would tell it.
    """
    found = leads.filter(search_text__icontains=text)
    if Scope.ALL in actor.scopes("leads.reveal"):
        return found
    shown = Q(pk__in=Lead.objects.visible_to(actor, "leads.reveal").filter(search_text__icontains=text).values("pk"))
    for name in SHOWN_TO_ALL:
        shown |= Q(**{f"{name}__icontains": text})
    return found.filter(shown)


def source_trail(lead: Lead) -> QuerySet[LeadTouch]:
    """Where a lead came from, first touch first; what was merged into it included."""
    return LeadTouch.objects.filter(family(lead)).select_related("channel", "campaign").order_by("occurred_at", "id")


def behaviour(lead: Lead) -> QuerySet[LeadEvent]:
    """What a lead did, newest first; what was merged into it included."""
    return LeadEvent.objects.filter(family(lead)).order_by("-occurred_at", "-id")


def pool() -> QuerySet[Lead]:
    """Leads that nobody owns yet, the hottest first."""
    return Lead.objects.filter(state=LeadState.NEW, owner__isnull=True).order_by("-score", "captured_at")


def hot_untouched() -> QuerySet[Lead]:
    """Good leads that have an owner and have not been spoken to, the hottest first."""
    return Lead.objects.filter(state=LeadState.ASSIGNED, first_response_at__isnull=True, grade__in=["A", "B"]).order_by("-score", "-id")


def refuse_if_claimed(pk: Any, actor: Actor) -> None:
    """Raise AlreadyClaimed if a lead that the actor might have claimed has got an owner meanwhile."""
    owned = Lead.objects.filter(pk=pk, owner__isnull=False, state__in=LeadState.open())
    if actor.has_perm("leads.claim") and owned.exists():
        raise AlreadyClaimed
