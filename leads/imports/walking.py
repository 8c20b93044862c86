"""Where the leads of an import stand: walked there in memory, one transition after the other, as far as the rules let them go."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from leads.distribution import HELD, first_response_due
from leads.imports.facts import as_converted, customer_of
from leads.imports.meaning import Meaning
from leads.models import CloseReason, ImportBatch, ImportRow, Lead, LeadAssignment
from ltc.customers.models import Customer
from ltc.customers.names import bare
from ltc.events.bus import Event
from ltc.refusals import Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.timeline.models import Entry
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import taken_unsaved

NURTURED_FOR = timedelta(days=30)


@dataclass
class Coming:
    """A row on its way to be a lead, with all that is written together with it."""

    row: ImportRow
    meaning: Meaning
    lead: Lead
    entries: list[Entry] = field(default_factory=list)
    assignments: list[LeadAssignment] = field(default_factory=list)
    news: list[Event] = field(default_factory=list)


class Walk:
    """Walks the leads of one import; what it needs of owners, reasons and customers is read once."""

    def __init__(self, batch: ImportBatch) -> None:
        # Who may import and not work leads (an administrator, a program) brings the company's own books in: they go in as the system.
        self.importer: Any = batch.owner if batch.owner is not None and batch.owner.has_perm("leads.add") else SYSTEM
        self.default_owner = batch.lead_owner
        self.now = timezone.now()
        self._may_give = self.importer.has_perm("leads.assign")
        self._owners: dict[uuid.UUID, Membership] = {}
        self._held: dict[uuid.UUID, int] = {}
        self._reasons: dict[str, CloseReason] = {}
        self._customers: dict[str, Customer] = {}

    def go(self, coming: Coming, at: datetime) -> None:
        """Bring a lead to the state that its row names, or as near as the rules let it come; the row is told why it stopped."""
        meaning, row = coming.meaning, coming.row
        if meaning.state == "converted":
            converted = max(at, min(meaning.converted_at or meaning.closed_at or at, self.now))
            customer = self._customer_of(coming.lead)
            coming.entries.append(as_converted(coming.lead, customer=customer, at=converted, word=meaning.state_word, actor=self.importer))
            return
        owner = self._owner(meaning)
        if owner is not None and owner.pk != self.importer.pk and not self._may_give:
            row.warnings = [*row.warnings, ["refused", "owner", _("You may not give leads to others. This one waits in the pool.")]]
            owner = None
        try:
            for name, inputs in self._steps(meaning, owner, at):
                self._take(coming, name, {"at": at, **inputs})
        except Refusal as refusal:
            if not any(name == "state" for _code, name, _value in row.warnings):  # the dry run has said it already
                row.warnings = [*row.warnings, ["refused", "state", str(refusal)]]

    def _take(self, coming: Coming, name: str, inputs: dict[str, Any]) -> None:
        at = inputs.pop("at")
        told: Mapping[str, Any] = dict(inputs)
        if name == "assign":
            inputs["owner"] = self._with_room(inputs["owner"])
            inputs["due"] = first_response_due(coming.lead, at=at)
        entry, news = taken_unsaved(coming.lead, name, actor=SYSTEM, at=at, note=coming.meaning.state_word, told=dict(told), **inputs)
        coming.entries.append(entry)
        if news is not None:
            coming.news.append(news)
        if name == "assign":
            owner = inputs["owner"]
            self._held[owner.pk] += 1
            method = LeadAssignment.Method.RULE
            coming.assignments.append(
                LeadAssignment(tenant_id=current_tenant_id(), lead=coming.lead, to_member=owner, method=method, at=at)
            )

    def _owner(self, meaning: Meaning) -> Membership | None:
        if not meaning.owner:
            return self.default_owner
        pk = uuid.UUID(meaning.owner)
        if pk not in self._owners:
            self._owners[pk] = Membership.objects.select_related("team").get(pk=pk)
        return self._owners[pk]

    def _with_room(self, owner: Membership) -> Membership:
        """The member, whose row is locked from the first lead on that they get: two who give to one person count one after the other."""
        if owner.pk not in self._held:
            locked = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("team").get(pk=owner.pk)
            self._owners[owner.pk] = locked
            self._held[owner.pk] = Lead.objects.filter(owner=locked, state__in=HELD).count()
        owner = self._owners[owner.pk]
        if owner.state != Membership.State.ACTIVE:
            raise Refusal(_("%(name)s is not active. Choose someone else.") % {"name": owner.name}, code="invalid_input", field="owner")
        if self._held[owner.pk] >= owner.capacity:
            sentence = _("%(name)s holds %(count)s leads, which is the limit.")
            raise Refusal(sentence % {"name": owner.name, "count": self._held[owner.pk]}, code="holding_cap")
        return owner

    def _steps(self, meaning: Meaning, owner: Membership | None, at: datetime) -> list[tuple[str, dict[str, Any]]]:
        if meaning.state == "disqualified":
            closed = {"at": max(at, min(meaning.closed_at, self.now))} if meaning.closed_at else {}
            return [("disqualify", {"reason": self._close_reason(meaning.state_word), **closed})]
        if owner is None or (meaning.state == "new" and not meaning.owner):
            return []
        steps: list[tuple[str, dict[str, Any]]] = [("assign", {"owner": owner})]
        if meaning.state in ("working", "nurturing", "qualified"):
            steps.append(("log_first_contact", {"channel": "imported"}))
        if meaning.state == "nurturing":
            until = timezone.localdate(self.now) + NURTURED_FOR
            steps.append(("nurture", {"until": until, "reason": meaning.state_word, "at": self.now}))
        if meaning.state == "qualified":
            steps.append(("qualify", {}))
        return steps

    def _close_reason(self, word: str) -> CloseReason:
        """The reason of that name; made if there is none."""
        if word not in self._reasons:
            kind = CloseReason.Kind.DISQUALIFY
            same = next((reason for reason in CloseReason.objects.filter(kind=kind) if bare(reason.name) == bare(word)), None)
            code = slugify(word)[:40] or f"imported-{bare(word).encode().hex()[:20]}"
            self._reasons[word] = same or CloseReason.objects.get_or_create(kind=kind, code=code, defaults={"name": word[:120]})[0]
        return self._reasons[word]

    def _customer_of(self, lead: Lead) -> Customer:
        name = lead.company_name or lead.contact_name
        if name not in self._customers:
            self._customers[name] = customer_of(lead)
        return self._customers[name]
