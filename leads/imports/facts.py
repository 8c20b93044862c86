"""What a file says of the past is taken as a fact: guards and approvals do not run, and nobody is told."""

from datetime import datetime

from leads.models import Lead
from leads.models.choices import LeadState
from ltc.customers.models import Customer
from ltc.customers.names import normalise_name
from ltc.customers.services import create_customer
from ltc.timeline.models import Entry
from ltc.timeline.services import entry_of
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.declare import state_field


def as_converted(lead: Lead, *, customer: Customer, at: datetime, word: str, actor: Actor) -> Entry:
    """A lead that is not saved yet was converted in the system that it comes from, at that instant: it is closed, and its company is in our
    books. The deal itself is not in the file, so none is made. The line of its history."""
    before = lead.state
    lead.customer, lead.converted_at, lead.closed_at = customer, at, at
    state_field(Lead, "convert").set_state(lead, LeadState.CONVERTED)
    return entry_of(
        lead,
        kind=Entry.Kind.TRANSITION,
        name="convert",
        from_state=before,
        to_state=LeadState.CONVERTED,
        actor=actor,
        at=at,
        body=word,
        data={"source": "import"},
    )


def customer_of(lead: Lead) -> Customer:
    """The customer that is called as the lead is; a new one if there is none."""
    name = lead.company_name or lead.contact_name
    same = Customer.objects.filter(normalized_name=normalise_name(name)).exclude(state=Customer.State.MERGED).first()
    kind = Customer.Kind.COMPANY if lead.company_name else Customer.Kind.PERSON
    return same or create_customer(actor=SYSTEM, name=name, kind=kind, region=lead.region, despite_duplicates=True)
