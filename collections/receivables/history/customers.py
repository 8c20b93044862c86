"""Customers, and who had them when."""

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from ltc.customers.models import Customer
from ltc.customers.uscc import is_valid_uscc, normalise_uscc
from ltc.timeline.models import Entry
from receivables.history.values import Wrong
from receivables.history.world import SOURCE, Fact, World

MINE = "object = 'customer' OR (object = 'owner_change' AND data->>'record' = 'customer')"
State = Customer.State


def bring_customers(world: World) -> None:
    """The customers of the file, as prospects; buying makes them active afterwards."""
    clashes = world.clashes("customer", Customer._meta.db_table)
    for batch in world.subjects(MINE):
        new = [facts for facts in batch if any(fact.object == "customer" for fact in facts)]
        taken = {"uscc": _taken_codes(new), "ref": clashes}
        for facts in batch:
            try:
                _bring(world, facts, taken) if facts in new else _go_on(world, facts)
            except Wrong as wrong:
                world.faults.add_wrong(facts[0].line, "customer", wrong)
        world.settle()


def _taken_codes(batch: list[list[Fact]]) -> set[str]:
    """The credit codes of a batch that other customers have."""
    codes = {normalise_uscc(fact.data.get("tax_id", "")) for facts in batch for fact in facts if fact.object == "customer"} - {""}
    if not codes:
        return set()
    return set(Customer.objects.filter(uscc__in=codes).exclude(state=State.MERGED).values_list("uscc", flat=True))


def _bring(world: World, facts: list[Fact], taken: dict[str, set[str]]) -> None:
    made = next(fact for fact in facts if fact.object == "customer")
    if made.ref in taken["ref"]:
        raise Wrong(_("There is a customer with this reference that no history import made."), _("Give the record another ref."), "ref")
    customer = Customer(name=made.data["name"])
    customer.fold_name()
    owner: uuid.UUID | None = None
    world.enter(Customer, made.subject, made.at, "created", kind=Entry.Kind.SYSTEM, becomes=State.PROSPECT, data={"owner": None})
    owner = _hand_over(world, [fact for fact in facts if fact is not made], owner, made.at)
    tax_id = made.data.get("tax_id", "")
    uscc = normalise_uscc(tax_id) if tax_id and is_valid_uscc(normalise_uscc(tax_id)) else ""
    if uscc in taken["uscc"]:
        raise Wrong(_("Another customer has this credit code."), _("Use that customer's ref, or correct the code."), "tax_id")
    if uscc:
        taken["uscc"].add(uscc)
    since = made.data.get("customer_since")
    if since:
        world.enter(
            Customer,
            made.subject,
            datetime.fromisoformat(since),
            "activate",
            was=State.PROSPECT,
            becomes=State.ACTIVE,
            data={"owner": owner},
        )
    world.add(
        Customer, id=made.subject, name=customer.name, normalized_name=customer.normalized_name, likeness_name=customer.likeness_name,
        sort_key=customer.sort_key, initials=customer.initials, state=State.ACTIVE if since else State.PROSPECT,
        kind=made.data.get("kind", Customer.Kind.COMPANY), tax_id=tax_id, uscc=uscc, country=made.data.get("country", ""),
        owner_id=owner, team_id=world.team_of(owner), first_order_at=since, source_system=SOURCE, external_ref=made.ref, created_at=made.at,
    )  # fmt: skip


def _hand_over(world: World, changes: list[Fact], owner: uuid.UUID | None, known_since: datetime) -> uuid.UUID | None:
    for fact in changes:
        if fact.at < known_since:
            world.faults.add(fact.line, fact.object, "at", _("This lies before the record begins."), _("Correct one of the two instants."))
            continue
        before, owner = owner, fact.id("to")
        data = {"from": before, "to": owner, "owner": owner, "team": world.team_of(owner)}
        world.enter(Customer, fact.subject, fact.at, "transfer", kind=Entry.Kind.SYSTEM, data=data)
    return owner


def _go_on(world: World, facts: list[Fact]) -> None:
    """A customer of an earlier import gets another owner."""
    customer = Customer.objects.get(pk=facts[0].subject)
    customer.owner_id = _hand_over(world, facts, customer.owner_id, customer.created_at)
    customer.team_id = world.team_of(customer.owner_id)
    customer.save()


ACTIVATE = """
WITH bought AS (
    SELECT customer_id, min(at) AS at FROM (
        SELECT customer_id, won_at AS at FROM opportunities_opportunity
        WHERE tenant_id = %(tenant)s AND source_system = 'import' AND state = 'won'
        UNION ALL
        SELECT customer_id, confirmed_at FROM orders_order
        WHERE tenant_id = %(tenant)s AND source_system = 'import' AND state NOT IN ('draft', 'cancelled')
    ) AS deals GROUP BY 1
), active AS (
    UPDATE customers_customer c SET state = 'active', first_order_at = least(coalesce(c.first_order_at, b.at), b.at)
    FROM bought b
    WHERE c.tenant_id = %(tenant)s AND c.id = b.customer_id
      AND (c.state = 'prospect' OR c.state IN ('active', 'dormant') AND (c.first_order_at IS NULL OR b.at < c.first_order_at))
    RETURNING c.id, c.owner_id, c.team_id, b.at
)
INSERT INTO timeline_entry
    (tenant_id, at, written_at, subject_type, subject, kind, name, from_state, to_state, actor_kind, actor_name, body, data)
SELECT %(tenant)s, at, %(now)s, 'customers.customer', id, 'transition', 'activate', 'prospect', 'active', 'system', %(who)s, '',
       jsonb_build_object('source', 'import', 'owner', owner_id, 'team', team_id)
FROM active
"""
