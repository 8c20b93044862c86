"""The history format: every object with its fields, as data."""

from dataclasses import dataclass
from typing import Final

from delivery.models import Case, CommitmentChange, DeliveryCommitment, Survey
from leads.models import Channel, Lead, LeadEvent
from ltc.customers.models import Customer
from ltc.users.roles import Role
from opportunities.models import Opportunity
from orders.models import Order
from receivables.models import Payment

EXPECTATIONS = tuple(category for category in Opportunity.Forecast.values if category != Opportunity.Forecast.CLOSED)
CLOSING = ("won", "lost", "cancelled", "suspended", "open")
PEOPLE = tuple(role for role in Role.values if role != Role.API)


@dataclass(frozen=True)
class Field:
    """One field of an object. `kind` names how its value is read; `to` are the objects that a reference may point to.

    `later`: the reference may point to a later line. `positive`: more than zero.
    """

    kind: str
    required: bool = True
    to: str = ""
    choices: tuple[str, ...] = ()
    size: int = 200
    later: bool = False
    positive: bool = False
    rows: "dict[str, Field] | None" = None

    @property
    def optional(self) -> "Field":
        return Field(self.kind, False, self.to, self.choices, self.size, self.later, self.positive, self.rows)


@dataclass(frozen=True)
class Spec:
    """One object of the format. `subject` is the field that names the record which the fact is about (its own `ref` if it has one),
    `at` the field by which facts of a record are put in order, `origin` the field that names where its record came from."""

    fields: dict[str, Field]
    subject: str = "ref"
    at: str = ""
    origin: str = ""

    @property
    def has_ref(self) -> bool:
        return "ref" in self.fields and "record" not in self.fields


def ref_to(name: str, *, later: bool = False) -> Field:
    return Field("ref", to=name, later=later)


def one_of(*values: str) -> Field:
    return Field("choice", choices=tuple(values))


REF, TEXT, INSTANT, DAY, ANY_DAY = Field("key"), Field("text"), Field("instant"), Field("day"), Field("any_day")
MONEY, PRICE, RATE, QUANTITY = Field("money"), Field("money", positive=True), Field("rate", positive=True), Field("quantity", positive=True)
CURRENCY, WORDS, SEQ = Field("currency"), Field("text", size=1000), Field("count", positive=True)
PRICED = {"currency": CURRENCY.optional, "fx_rate": RATE.optional}
ITEM = {"seq": SEQ, "due_date": ANY_DAY.optional, "amount": PRICE, "retention": Field("flag").optional}
SHARE = {"invoice": ref_to("invoice"), "seq": SEQ, "amount": PRICE}
SPLIT = {"net": MONEY.optional, "tax": MONEY.optional}

SPECS: Final[dict[str, Spec]] = {
    "team": Spec({"ref": REF, "name": Field("text", size=120), "parent": ref_to("team").optional}),
    "user": Spec(
        {"ref": REF, "email": Field("email"), "name": Field("text", size=120), "role": one_of(*PEOPLE), "team": ref_to("team").optional}
    ),
    "channel": Spec({"ref": REF, "name": Field("text", size=120), "kind": one_of(*Channel.Kind.values)}),
    "spend": Spec({"ref": REF, "channel": ref_to("channel"), "date": DAY, "amount": MONEY, **PRICED}, at="date"),
    "sales_cost": Spec({"ref": REF, "date": DAY, "amount": MONEY, **PRICED}, at="date"),
    "customer": Spec(
        {
            "ref": REF, "name": TEXT, "at": INSTANT, "kind": one_of(*Customer.Kind.values).optional,
            "tax_id": Field("text", False, size=40), "country": Field("country", False), "customer_since": Field("since", False),
        },
        at="at",
    ),
    "lead": Spec(
        {
            "ref": REF, "at": INSTANT, "channel": ref_to("channel"), "company_name": TEXT, "contact_name": Field("text", size=120),
            "email": Field("email", False), "phone": Field("phone", False), "owner": ref_to("user").optional, "test": Field("flag", False),
        },
        at="at",
    ),
    "lead_state": Spec(
        {
            "lead": ref_to("lead"), "at": INSTANT, "to": one_of(*Lead.State.values), "reason": WORDS.optional,
            "into": ref_to("lead").optional, "opportunity": ref_to("opportunity", later=True).optional,
            "order": ref_to("order", later=True).optional,
        },
        subject="lead", at="at",
    ),
    "lead_event": Spec(
        {"lead": ref_to("lead"), "at": INSTANT, "type": one_of(*LeadEvent.Type.values), "quantity": SEQ.optional}, subject="lead", at="at"
    ),
    "opportunity": Spec(
        {
            "ref": REF, "at": INSTANT, "customer": ref_to("customer"), "lead": ref_to("lead").optional, "amount": MONEY, **PRICED,
            "expected_close": ANY_DAY, "owner": ref_to("user").optional, "name": TEXT.optional,
        },
        at="at", origin="lead",
    ),
    "opportunity_stage": Spec(
        {"opportunity": ref_to("opportunity"), "at": INSTANT, "stage": one_of(*Opportunity.Stage.values)}, subject="opportunity", at="at"
    ),
    "opportunity_change": Spec(
        {
            "opportunity": ref_to("opportunity"), "at": INSTANT, "amount": MONEY.optional, "expected_close": ANY_DAY.optional,
            "probability": Field("share", False), "forecast_category": one_of(*EXPECTATIONS).optional,
        },
        subject="opportunity", at="at",
    ),
    "opportunity_status": Spec(
        {
            "opportunity": ref_to("opportunity"), "at": INSTANT, "to": one_of(*CLOSING), "reason": WORDS.optional,
            "amount": MONEY.optional, "fx_rate": RATE.optional,
        },
        subject="opportunity", at="at",
    ),
    "owner_change": Spec(
        {"record": one_of("lead", "opportunity", "customer"), "ref": REF, "at": INSTANT, "to": ref_to("user")}, subject="ref", at="at"
    ),
    "order": Spec(
        {
            "ref": REF, "at": INSTANT, "customer": ref_to("customer"), "opportunity": ref_to("opportunity").optional, "gross": MONEY,
            **PRICED, "billing_policy": one_of(*Order.BillingPolicy.values).optional,
        },
        at="at", origin="opportunity",
    ),
    "order_state": Spec(
        {"order": ref_to("order"), "at": INSTANT, "to": one_of("completed", "closed", "cancelled")}, subject="order", at="at"
    ),
    "commitment": Spec(
        {
            "ref": REF, "order": ref_to("order"), "kind": one_of(*DeliveryCommitment.Kind.values), "quantity": QUANTITY,
            "promised_on": ANY_DAY,
        },
        origin="order",
    ),
    "promise_change": Spec(
        {
            "commitment": ref_to("commitment"), "at": INSTANT, "to": ANY_DAY,
            "requested_by": one_of(*CommitmentChange.RequestedBy.values),
        },
        subject="commitment", at="at",
    ),
    "delivery": Spec(
        {
            "commitment": ref_to("commitment"), "on": DAY, "quantity": QUANTITY.optional, "accepted_on": DAY.optional,
            "rejected_on": DAY.optional,
        },
        subject="commitment", at="on",
    ),
    "commitment_end": Spec(
        {"commitment": ref_to("commitment"), "on": DAY, "how": one_of("cancelled", "closed_short", "waived")},
        subject="commitment", at="on",
    ),
    "invoice": Spec(
        {
            "ref": REF, "customer": ref_to("customer"), "order": ref_to("order").optional, "invoice_date": DAY, **PRICED, **SPLIT,
            "items": Field("rows", rows=ITEM),
        },
        at="invoice_date",
    ),
    "retention_release": Spec(
        {"invoice": ref_to("invoice"), "seq": SEQ, "on": DAY, "due_date": ANY_DAY}, subject="invoice", at="on"
    ),
    "credit_note": Spec({"ref": REF, "invoice": ref_to("invoice"), "date": DAY, "amount": PRICE, **SPLIT}, at="date"),
    "payment": Spec(
        {
            "ref": REF, "customer": ref_to("customer"), "received_on": DAY, "amount": PRICE, **PRICED,
            "method": one_of(*Payment.Method.values).optional, "allocations": Field("rows", False, rows=SHARE),
        },
        at="received_on",
    ),
    "allocation": Spec({"payment": ref_to("payment"), "on": DAY, **SHARE}, subject="payment", at="on"),
    "payment_reversal": Spec({"payment": ref_to("payment"), "on": DAY}, subject="payment", at="on"),
    "refund": Spec({"payment": ref_to("payment"), "on": DAY, "amount": PRICE}, subject="payment", at="on"),
    "dispute": Spec(
        {"ref": REF, **SHARE, "at": INSTANT, "reason": WORDS.optional, "resolved_at": INSTANT.optional}, at="at"
    ),
    "write_off": Spec({"ref": REF, **SHARE, "date": DAY, "kind": one_of("bad_debt", "small_difference")}, at="date"),
    "promise": Spec({"ref": REF, **SHARE, "promised_on": ANY_DAY, "at": INSTANT}, at="at"),
    "promise_cancel": Spec({"promise": ref_to("promise"), "at": INSTANT}, subject="promise", at="at"),
    "case": Spec(
        {
            "ref": REF, "customer": ref_to("customer"), "at": INSTANT, "priority": one_of(*Case.Priority.values),
            "first_response_at": INSTANT.optional, "resolved_at": INSTANT.optional,
        },
        at="at",
    ),
    "survey": Spec(
        {
            "ref": REF, "kind": one_of(*Survey.Kind.values), "customer": ref_to("customer"), "sent_at": INSTANT,
            "score": Field("count", False), "responded_at": INSTANT.optional,
        },
        at="sent_at",
    ),
    "fx_rate": Spec({"from": CURRENCY, "to": CURRENCY, "date": DAY, "rate": RATE}, subject="", at="date"),
    "quota": Spec(
        {"user": ref_to("user").optional, "team": ref_to("team").optional, "period": Field("period"), "amount": MONEY}, subject=""
    ),
}  # fmt: skip
"""What a line may say, by its `object`."""
