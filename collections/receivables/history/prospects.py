"""Leads: one by one their facts are put in order and told as the history that they would have had here."""

import uuid
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from leads.models import Channel, CloseReason, Lead, LeadAssignment, LeadTouch
from leads.models.choices import LeadState
from leads.touches import ends_of
from ltc.customers.models import Contact
from ltc.customers.names import normalise_name, normalise_name_without_region, sort_key
from receivables.history.values import Wrong
from receivables.history.world import SOURCE, Fact, World
from receivables.models import ImportedFact

MINE = "object IN ('lead', 'lead_state') OR (object = 'owner_change' AND data->>'record' = 'lead')"
WITH_OWNER: Final = (LeadState.ASSIGNED, LeadState.WORKING, LeadState.NURTURING, LeadState.QUALIFIED)
LAST: Final = (LeadState.CONVERTED, LeadState.MERGED)
NAMES: Final = {
    LeadState.ASSIGNED: "assign",
    LeadState.WORKING: "log_first_contact",
    LeadState.NURTURING: "nurture",
    LeadState.QUALIFIED: "qualify",
    LeadState.CONVERTED: "convert",
    LeadState.DISQUALIFIED: "disqualify",
    LeadState.MERGED: "merge",
    LeadState.NEW: "return_to_pool",
}
KEPT: Final = (
    "state", "owner_id", "team_id", "assigned_at", "first_response_at", "qualified_at", "converted_at", "closed_at", "close_reason_id",
    "customer_id", "contact_id", "merged_into_id", "last_activity_at",
)  # fmt: skip
Method = LeadAssignment.Method


def bring_leads(world: World) -> None:
    """The leads of the file in the states that their facts lead to."""
    channels = {str(channel.pk): channel for channel in Channel.objects.all()}
    taken = world.clashes("lead", Lead._meta.db_table)
    for batch in world.subjects(MINE):
        destinations = Destinations(world, batch)
        standing = [facts[0].subject for facts in batch if not any(fact.object == "lead" for fact in facts)]
        known = {lead.pk: lead for lead in Lead.objects.filter(pk__in=standing)} if standing else {}
        for facts in batch:
            lead = known.get(facts[0].subject)
            if lead is not None:
                LeadPast.standing(world, lead).go_on(facts, destinations)
                continue
            made = next(fact for fact in facts if fact.object == "lead")
            if made.ref in taken:
                message = _("There is a lead with this reference that no history import made.")
                world.faults.add(made.line, made.object, "ref", message, _("Give the record another ref."))
                continue
            LeadPast(world, made, channels[made.data["channel"]]).tell([fact for fact in facts if fact is not made], destinations)
        world.settle()
    world.many()
    _follow_merges(world)
    _bring_events(world)


class Destinations:
    """What the converted leads of a batch became: an opportunity or an order, and so a customer."""

    def __init__(self, world: World, batch: list[list[Fact]]) -> None:
        turns = [fact for facts in batch for fact in facts if fact.object == "lead_state" and fact.data["to"] == "converted"]
        self.by_ref: dict[tuple[str, str], str] = {}
        self.by_lead: dict[uuid.UUID, str] = {}
        if not turns:
            return
        for object in ("opportunity", "order"):
            refs = [fact.data[object] for fact in turns if fact.data.get(object)]
            found = ImportedFact.objects.filter(object=object, ref__in=refs).exclude(ref="").values_list("ref", "data__customer")
            self.by_ref.update({(object, ref): customer for ref, customer in found})
        leads = [fact.subject for fact in turns]
        made = ImportedFact.objects.filter(object="opportunity", origin__in=leads).order_by("-line").values_list("origin", "data__customer")
        self.by_lead = {lead: customer for lead, customer in made if lead is not None}

    def customer(self, fact: Fact) -> uuid.UUID:
        """The customer that a converted lead became. Raises Wrong."""
        for object in ("opportunity", "order"):
            if ref := fact.data.get(object):
                if (object, ref) not in self.by_ref:
                    message = _("There is no %(object)s “%(ref)s” in the file.") % {"object": object, "ref": ref}
                    raise Wrong(message, _("Add its line, or correct the reference."), object)
                return uuid.UUID(self.by_ref[object, ref])
        if fact.subject in self.by_lead:
            return uuid.UUID(self.by_lead[fact.subject])
        raise Wrong(_("It is not said what the lead became."), _("Name the opportunity or the order."), "opportunity")


class LeadPast:
    """One lead, brought forward fact by fact."""

    def __init__(self, world: World, made: Fact, channel: Channel | None = None) -> None:
        self.world, self.made, self.channel, self.lead = world, made, channel, made.subject
        self.since = made.at
        self.values: dict[str, Any] = dict.fromkeys(KEPT)
        self.values["state"] = LeadState.NEW
        self.values["owner_id"] = made.id("owner")
        self.values["team_id"] = world.team_of(made.id("owner"))
        if self.values["owner_id"]:
            self.values["assigned_at"] = made.at

    @classmethod
    def standing(cls, world: World, lead: Lead) -> "LeadPast":
        """A lead of an earlier import, or one that lives here by now."""
        past = cls(world, Fact(0, "lead", lead.external_ref, lead.pk, lead.captured_at, {}))
        past.values = {name: getattr(lead, name) for name in KEPT}
        past.values["state"] = lead.state
        last = world.last_step(lead.pk)
        past.since = max(lead.captured_at, last) if last else lead.captured_at
        return past

    def tell(self, facts: list[Fact], destinations: Destinations) -> None:
        """Write the lead with all that happened to it."""
        world, made = self.world, self.made
        self._enter("capture", made.at, "", data={"channel": self.channel.code if self.channel else ""})
        if self.values["owner_id"]:
            self._note(None, made.at, Method.MANUAL)
        self._advance(facts, destinations)
        name = made.data["company_name"]
        touch = LeadTouch(
            lead_id=made.subject, channel=self.channel, kind=LeadTouch.Kind.CAPTURE, occurred_at=made.at,
            dedupe_key=f"history:{made.subject}",
        )  # fmt: skip
        world.add(
            Lead, id=made.subject, touch_ends=ends_of(touch, touch), number=world.number("lead", world.day(made.at)), company_name=name,
            contact_name=made.data["contact_name"], email=made.data.get("email", ""), phone=made.data.get("phone", ""),
            channel_id=made.id("channel"), captured_at=made.at, is_test=made.data.get("test", False), source_system=SOURCE,
            external_ref=made.ref, name_key=normalise_name(name)[:200], likeness_name=normalise_name_without_region(name)[:200],
            sort_key=sort_key(name)[:400], created_at=made.at, **self.values,
        )  # fmt: skip
        world.add(
            LeadTouch, lead_id=made.subject, channel_id=made.id("channel"), kind=touch.kind, occurred_at=made.at,
            dedupe_key=touch.dedupe_key,
        )  # fmt: skip

    def go_on(self, facts: list[Fact], destinations: Destinations) -> None:
        """Add later facts to a lead that is in the books."""
        self._advance(facts, destinations)
        Lead.objects.filter(pk=self.lead).update(**self.values)

    def _advance(self, facts: list[Fact], destinations: Destinations) -> None:
        for fact in facts:
            if fact.at < self.since:
                message = (
                    _("This lies before the last thing that is known of the lead.")
                    if fact.at >= self.made.at
                    else _("This lies before the lead was captured.")
                )
                self.world.faults.add(fact.line, fact.object, "at", message, _("Correct one of the two instants."))
                continue
            try:
                if fact.object == "owner_change":
                    self._hand_to(fact.id("to"), fact.at)
                else:
                    self._become(LeadState(fact.data["to"]), fact, destinations)
            except Wrong as wrong:
                self.world.faults.add_wrong(fact.line, fact.object, wrong)

    def _become(self, state: LeadState, fact: Fact, destinations: Destinations) -> None:
        values, was, at, data = self.values, self.values["state"], fact.at, {}
        if was == state:
            return
        if was in LAST:
            raise Wrong(
                _("The lead was converted or merged before: nothing follows on that."),
                _("Take this line out, or correct the instants."),
                "to",
            )
        name = NAMES[state]
        if state in WITH_OWNER and values["owner_id"] is None:
            values["owner_id"] = self.world.nobody
        if state == LeadState.ASSIGNED:
            values["assigned_at"] = at
            self._note(values["owner_id"], at, Method.MANUAL)
        elif state == LeadState.WORKING:
            name = {LeadState.NURTURING: "reactivate", LeadState.DISQUALIFIED: "reopen"}.get(was, name)
            if name == "log_first_contact":
                values["first_response_at"] = values["first_response_at"] or at
        elif state == LeadState.QUALIFIED:
            values["qualified_at"] = values["qualified_at"] or at
        elif state == LeadState.CONVERTED:
            self._convert(destinations.customer(fact), at)
        elif state == LeadState.DISQUALIFIED:
            reason = self.world.reason(CloseReason.Kind.DISQUALIFY, fact.data.get("reason", ""))
            values["close_reason_id"], values["closed_at"], data["reason"] = reason.pk, at, reason.pk
        elif state == LeadState.MERGED:
            self._merge(fact, data)
        elif state == LeadState.NEW:
            name = "reopen" if was == LeadState.DISQUALIFIED else name
            self._note(values["owner_id"], at, Method.RETURN, to=None)
            values["owner_id"] = values["team_id"] = values["assigned_at"] = None
        if was == LeadState.DISQUALIFIED:
            values["close_reason_id"] = None if state != LeadState.DISQUALIFIED else values["close_reason_id"]
            values["closed_at"] = values["closed_at"] if state in LAST else None
        values["state"] = state
        if state not in (LeadState.ASSIGNED, LeadState.NEW, LeadState.MERGED):
            values["last_activity_at"] = at
        self._enter(name, at, was, body=fact.data.get("reason", "") if state != LeadState.DISQUALIFIED else "", data=data)

    def _convert(self, customer: uuid.UUID, at: datetime) -> None:
        self.values.update(customer_id=customer, converted_at=at, closed_at=at)
        if self.made.data:
            told = {name: self.made.data.get(name, "") for name in ("email", "phone")}
            contact = uuid.uuid5(self.lead, "contact")
            self.world.add(Contact, id=contact, customer_id=customer, name=self.made.data["contact_name"], created_at=at, **_short(told))
            self.values["contact_id"] = contact

    def _merge(self, fact: Fact, data: dict[str, Any]) -> None:
        survivor = fact.id("into")
        if survivor == self.lead:
            raise Wrong(_("A lead cannot be merged into itself."), _("Name the lead that stays."), "into")
        self.values.update(merged_into_id=survivor, closed_at=fact.at)
        data["survivor"] = survivor

    def _hand_to(self, owner: uuid.UUID | None, at: datetime) -> None:
        self._note(self.values["owner_id"], at, Method.TRANSFER if self.values["owner_id"] else Method.MANUAL, to=owner)
        self.values.update(owner_id=owner, team_id=self.world.team_of(owner), assigned_at=at)
        self._enter("assign", at, self.values["state"])

    def _note(self, before: uuid.UUID | None, at: datetime, method: str, **handed: Any) -> None:
        to = handed.get("to", self.values["owner_id"])
        self.world.add(LeadAssignment, lead_id=self.lead, from_member_id=before, to_member_id=to, method=method, at=at)

    def _enter(self, name: str, at: datetime, was: str, *, body: str = "", data: dict[str, Any] | None = None) -> None:
        self.since = at
        told = {"owner": self.values["owner_id"], "team": self.values["team_id"], **(data or {})}
        self.world.enter(Lead, self.lead, at, name, was=was, becomes=self.values["state"], body=body, data=told)


def _short(told: dict[str, str]) -> dict[str, str]:
    return {"email": told["email"], "phone": told["phone"][:30]}


ROOTS = """
WITH RECURSIVE up (id, line, top) AS (
    SELECT subject, line, (data->>'into')::uuid FROM collections_importedfact
    WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND object = 'lead_state' AND data->>'to' = 'merged'
    UNION
    SELECT up.id, up.line, l.merged_into_id FROM up JOIN leads_lead l ON l.tenant_id = %(tenant)s AND l.id = up.top
    WHERE l.merged_into_id IS NOT NULL
), ends AS (
    SELECT up.id, up.line, up.top FROM up JOIN leads_lead l ON l.tenant_id = %(tenant)s AND l.id = up.top
    WHERE l.merged_into_id IS NULL
)
"""
LOOPS = ROOTS + "SELECT DISTINCT line FROM up WHERE NOT EXISTS (SELECT FROM ends WHERE ends.id = up.id) ORDER BY 1"  # noqa: S608
FLATTEN = (
    ROOTS
    + """
UPDATE leads_lead l SET merged_into_id = ends.top FROM ends
WHERE l.tenant_id = %(tenant)s AND l.id = ends.id AND l.state = 'merged' AND l.merged_into_id <> ends.top
"""
)
EARLIEST = """
UPDATE leads_lead s SET captured_at = m.captured_at, channel_id = m.channel_id, campaign_id = m.campaign_id
FROM (
    SELECT DISTINCT ON (merged_into_id) merged_into_id, captured_at, channel_id, campaign_id FROM leads_lead
    WHERE tenant_id = %(tenant)s AND merged_into_id IS NOT NULL ORDER BY merged_into_id, captured_at
) AS m
WHERE s.tenant_id = %(tenant)s AND s.id = m.merged_into_id AND m.captured_at < s.captured_at
"""


def _follow_merges(world: World) -> None:
    """Whoever was merged into a merged lead goes along; the lead that stays keeps the earliest capture and its channel."""
    if not ImportedFact.objects.filter(run=world.run, object="lead_state", data__to="merged").exists():
        return
    keys: dict[str, Any] = {"tenant": world.tenant.pk, "run": world.run.pk}
    with connection.cursor() as cursor:
        cursor.execute(LOOPS, keys)
        for (line,) in cursor.fetchall():
            world.faults.add(line, "lead_state", "into", _("These leads were merged into each other."), _("Name the lead that stays."))
        cursor.execute(FLATTEN, keys)
        cursor.execute(EARLIEST, keys)


def _bring_events(world: World) -> None:
    """What leads did, for the engagement score."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO leads_leadevent (tenant_id, lead_id, type, occurred_at, quantity, source, dedupe_key, recorded_at) "
            "SELECT tenant_id, subject, data->>'type', at, coalesce((data->>'quantity')::smallint, 1), %s, "
            "'history:' || run_id || ':' || line, %s FROM collections_importedfact "
            "WHERE tenant_id = %s AND run_id = %s AND object = 'lead_event' ORDER BY line",
            [SOURCE, world.now, world.tenant.pk, world.run.pk],
        )
