"""What a file says of the past is taken as a fact: guards and approvals do not run, and nobody is told."""

from datetime import datetime

from leads.models import Lead
from leads.models.choices import LeadState
from ltc.customers.models import Customer
from ltc.customers.names import normalise_name
from ltc.customers.services import create_customer
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor


def record_conversion(lead: Lead, *, at: datetime, word: str, actor: Actor) -> None:
    """A lead was converted in the system that it comes from, at that instant: it is closed, and its company is in our books. The deal
    itself is not in the file, so none is made."""
    before = lead.state
    customer = customer_of(lead)
    Lead.objects.filter(pk=lead.pk).update(state=LeadState.CONVERTED, customer=customer, converted_at=at, closed_at=at)
    record(
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
