"""Orders come to be and are edited while they are drafts."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.models import Lead
from ltc.calendars.selectors import today
from ltc.customers.models import Customer
from ltc.customers.services import remember_touches
from ltc.money.amounts import quantise
from ltc.numbering.services import next_number
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.users.models import Membership
from ltc.workflow.engine import TransitionRefused
from opportunities.models import Opportunity
from opportunities.pricing import complete, price, tax_rate
from opportunities.services import contact_of, customer_of
from orders.models import CollectionPlanLine, Order, OrderLine, PaymentTerm
from orders.plan import kind_of

EDITABLE = frozenset(
    {
        *("contract_ref", "customer_po_no", "order_date", "currency", "price_includes_tax", "payment_term", "requested_date"),
        *("billing_policy", "notes", "source_system", "external_ref"),
    }
)
LINE_FIELDS = frozenset({"product", "description", "uom", "qty", "unit_price", "discount_rate", "tax_code", "promised_on"})
PLAN_FIELDS = frozenset({"trigger", "pct", "amount", "offset_days", "day_type", "eom", "is_retention", "gate", "expected_date"})


@transaction.atomic
def create_order(
    *,
    actor: Actor,
    customer: Customer,
    owner: Membership | None = None,
    at: datetime | None = None,
    lines: Sequence[dict[str, Any]] = (),
    plan: Sequence[dict[str, Any]] = (),
    opportunity: Opportunity | None = None,
    lead: Lead | None = None,
    **fields: Any,
) -> Order:
    """Draft an order. Without a payment term it gets the tenant's usual one; `plan` is a collection plan of its own.

    Raises Refusal, ValidationError, Forbidden.
    """
    if not actor.has_perm("orders.add"):
        raise Forbidden(_("You may not create orders. Ask the customer's owner or your manager."))
    at = at or timezone.now()
    tenant = Tenant.objects.get(pk=current_tenant_id())
    owner = owner or (actor if isinstance(actor, Membership) else customer.owner)
    if owner is None:
        raise Refusal(_("Name the owner of the order."), code="owner_required", field="owner")
    if isinstance(actor, Membership) and owner.pk != actor.pk and not actor.has_perm("orders.assign"):
        raise Forbidden(_("You may not give orders to others. Leave yourself as the owner."), field="owner")
    if opportunity is not None and (opportunity.customer_id != customer.pk or opportunity.state != Opportunity.State.WON):
        raise Refusal(_("Choose an opportunity of this customer that is won."), code="opportunity_not_won", field="opportunity")
    order = Order(customer=customer, opportunity=opportunity, lead=lead, owner=owner, team=owner.team, **_only(EDITABLE, fields))
    origin = opportunity or lead
    order.touch_ends = origin.touch_ends if origin is not None else {}
    order.currency = order.currency or customer.currency_default or tenant.base_currency
    order.order_date = order.order_date or today(tenant, at=at)
    if "payment_term" not in fields:
        order.payment_term = PaymentTerm.objects.filter(is_default=True).first()
    order.number = next_number("order", on=today(tenant, at=at), gap_free=False)
    order.full_clean()
    order.save()
    if lines:
        _write_lines(order, lines)
    if plan:
        _write_plan(order, plan)
    order.save()
    record(order, kind=Entry.Kind.SYSTEM, name="created", to_state=order.state, actor=actor, at=at)
    return order


def draft_from_opportunity(opportunity: Opportunity, *, actor: Actor, at: datetime) -> Order:
    """The order of a won deal, with its lines, or one line of its amount. If there is one already, that one."""
    standing = Order.objects.filter(opportunity=opportunity).exclude(state=Order.State.CANCELLED).first()
    if standing is not None:
        return standing
    agreed = [{name: getattr(line, name) for name in LINE_FIELDS if hasattr(line, name)} for line in opportunity.lines.all()]
    whole = {"description": opportunity.name, "qty": Decimal(1), "unit_price": opportunity.amount}
    order = create_order(
        actor=SYSTEM,
        at=at,
        customer=opportunity.customer,
        owner=opportunity.owner,
        opportunity=opportunity,
        currency=opportunity.currency,
        price_includes_tax=not agreed,
        lines=agreed or [whole],
    )
    record(order, kind=Entry.Kind.SYSTEM, name="from_opportunity", actor=actor, at=at, data={"opportunity": str(opportunity.pk)})
    return order


def refuse_while_ordered(opportunity: Opportunity, *, actor: Actor, at: datetime, **inputs: Any) -> dict[str, Any]:
    """A win is not undone while its order stands. Raises Refusal."""
    standing = Order.objects.filter(opportunity=opportunity).exclude(state=Order.State.CANCELLED).first()
    if standing is not None:
        raise Refusal(_("Cancel order %(order)s first: the deal is won while its order stands.") % {"order": standing}, code="order_stands")
    return inputs


def convert_lead_to_order(
    lead: Lead,
    *,
    actor: Actor,
    at: datetime,
    amount: Decimal | None = None,
    currency: str = "",
    customer: Customer | None = None,
    create_customer: bool = False,
    name: str = "",
    **fields: Any,
) -> dict[str, Any]:
    """Make a customer, a contact and an order of a lead, for tenants that sell without opportunities.

    Raises DuplicateCustomer as converting to an opportunity does.
    """
    customer = customer or customer_of(lead, actor=actor, at=at, despite_duplicates=create_customer)
    contact = contact_of(lead, customer, actor=actor)
    remember_touches(customer, lead.touch_ends)
    worth = amount if amount is not None else lead.est_amount
    if not worth:
        raise Refusal(_("Enter what the customer pays."), code="amount_required", field="amount")
    create_order(
        actor=actor,
        at=at,
        customer=customer,
        owner=lead.owner,
        lead=lead,
        currency=currency or lead.currency or "",
        price_includes_tax=True,
        lines=[{"description": name or lead.title or lead.product_interest or str(lead), "qty": Decimal(1), "unit_price": worth}],
    )
    return {"customer": customer, "contact": contact}


@transaction.atomic
def update_order(
    order: Order,
    *,
    actor: Actor,
    version: int | None = None,
    lines: Sequence[dict[str, Any]] | None = None,
    plan: Sequence[dict[str, Any]] | None = None,
    **changes: Any,
) -> Order:
    """Change a draft. `lines` and `plan`, if given, replace all that there are; the totals follow.

    A plan of its own goes before the payment term; an empty one goes back to the term. `version` is the one that the caller saw.
    Raises StaleVersion, TransitionRefused for what is no draft, ValidationError, Forbidden.
    """
    locked = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if not actor.has_perm("orders.change", locked):
        raise Forbidden(_("You may not change this order. Ask its owner or your manager."))
    if version is not None and locked.version != version:
        raise StaleVersion(_("Someone changed this order while you had it open. Reload it and try again."))
    if locked.state != Order.State.DRAFT:
        raise TransitionRefused(_("Only a draft is changed. What is confirmed was promised to the customer."))
    entered = _only(EDITABLE, changes)
    repriced = any(name in entered and entered[name] != getattr(locked, name) for name in ("currency", "price_includes_tax"))
    for name, value in entered.items():
        setattr(locked, name, value)
    if lines is None and repriced:
        lines = [{name: getattr(line, name) for name in LINE_FIELDS} for line in locked.lines.select_related("product", "tax_code")]
    if lines is not None:
        _write_lines(locked, lines)
    if plan is not None:
        _write_plan(locked, plan)
    if locked.credit_check != Order.CreditCheck.OVERRIDDEN or lines is not None:
        locked.credit_check, locked.credit_note = Order.CreditCheck.NONE, ""
    locked.full_clean()
    locked.save()
    return locked


def _write_lines(order: Order, lines: Sequence[dict[str, Any]]) -> None:
    """Replace the lines of a draft and set its totals, which are the sums of the lines."""
    order.lines.all().delete()
    drafts = [
        OrderLine(order=order, line_no=number, **complete(line, allowed=LINE_FIELDS, currency=order.currency))
        for number, line in enumerate(lines, start=1)
    ]
    priced = price(drafts, currency=order.currency, tax_inclusive=order.price_includes_tax)
    for draft in drafts:
        draft.tax_rate = tax_rate(draft)
        draft.full_clean(exclude=["order"])
    OrderLine.objects.bulk_create(drafts)
    order.net, order.tax, order.gross = priced.net, priced.tax, priced.gross


def _write_plan(order: Order, plan: Sequence[dict[str, Any]]) -> None:
    """Replace the draft's own collection plan."""
    order.plan_lines.all().delete()
    parts = []
    for seq, line in enumerate(plan, start=1):
        entered = {name: value for name, value in _only(PLAN_FIELDS, line).items() if value not in (None, "")}
        if missing := {"trigger", "amount"} - entered.keys():
            raise ValidationError({name: _("Fill this in.") for name in sorted(missing)})
        entered["amount"] = quantise(entered["amount"], order.currency)
        share = (entered["amount"] / order.gross).quantize(Decimal("0.000001")) if order.gross else Decimal(1)
        kind = kind_of(entered["trigger"], is_retention=entered.get("is_retention", False))
        part = CollectionPlanLine(order=order, seq=seq, kind=kind, **{"pct": share, **entered})
        part.full_clean(exclude=["order"])
        parts.append(part)
    CollectionPlanLine.objects.bulk_create(parts)


def _only(allowed: frozenset[str], fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := fields.keys() - allowed:
        raise TypeError(f"{', '.join(sorted(unknown))} cannot be set: name fields of {sorted(allowed)}.")
    return fields
