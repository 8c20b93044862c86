from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.customers.duplicates import Duplicate, DuplicateRule
from ltc.customers.events import CustomerCreated, CustomerMerged
from ltc.customers.models import Contact, Customer, CustomerAddress
from ltc.customers.origin import combined
from ltc.customers.selectors import find_duplicates
from ltc.events.bus import publish
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import Actor
from ltc.users.models import Membership

EDITABLE = frozenset(
    {
        *("name", "name_en", "kind", "uscc", "tax_id", "industry", "size_employees", "enterprise_class", "region", "country"),
        *("time_zone", "language", "currency_default", "source_channel_code", "origin", "credit_limit"),
        *("invoice_title", "source_system", "external_ref"),
    }
)
BELONGING = frozenset({"owner", "team"})
CONTACT_FIELDS = frozenset(
    {
        *("name", "title", "seniority", "phone", "email", "is_billing", "is_dunning", "language", "consent_marketing"),
        *("consent_at", "email_status"),
    }
)
ADDRESS_FIELDS = frozenset({"kind", "lines", "region", "receiver", "phone"})


class DuplicateCustomer(Refusal):
    """The customer is in the books already. Says with which team, and nothing else of a record that the actor may not see."""

    code = "duplicate_customer"

    def __init__(self, duplicates: Sequence[Duplicate]) -> None:
        self.duplicates = tuple(duplicates)
        known = Customer.objects.select_related("team", "owner").get(pk=self.duplicates[0].customer_id)
        with_whom = known.team or known.owner
        sentence = _("This customer exists already, with %(team)s. Ask to join or for a transfer.") % {"team": with_whom}
        super().__init__(sentence if with_whom else _("This customer exists already and has no owner. Claim it."))


class OwnerRefused(Refusal):
    """The member cannot own customers."""

    code = "owner_refused"


class MergeRefused(Refusal):
    """The two records cannot become one."""

    code = "merge_refused"


@transaction.atomic
def create_customer(
    *,
    actor: Actor,
    at: datetime | None = None,
    contacts: Sequence[dict[str, Any]] = (),
    despite_duplicates: bool = False,
    **fields: Any,
) -> Customer:
    """Put a customer in the books, with the people there, unless it is in them already.

    `contacts`: fields of Contact each. `despite_duplicates` records that a person looked at the likely duplicates and decided that this
    is another customer: the same phone or e-mail is then accepted from anyone, the same name only from who may override duplicates, the
    same credit code never. Merely similar names do not stop. Raises DuplicateCustomer, ValidationError, Forbidden.
    """
    if not actor.has_perm("customers.add"):
        raise Forbidden(_("You may not add customers. Ask your administrator."))
    customer = Customer(**only(EDITABLE | BELONGING, fields, Customer))
    refuse_own_credit(customer, was=None, actor=actor)
    if customer.team is None and customer.owner is not None:
        customer.team = customer.owner.team
    customer.clean()
    people = [Contact(customer=customer, **only(CONTACT_FIELDS, person, Contact)) for person in contacts]
    for person in people:
        person.clean()
    phones, emails = [person.phone for person in people], [person.email for person in people]
    found = find_duplicates(name=customer.name, uscc=customer.uscc, phones=phones, emails=emails, alike=False)
    refuse_duplicates(found, actor=actor, decided=despite_duplicates)
    at = at or timezone.now()
    customer.owned_since = at if customer.owner_id else None
    customer.full_clean()
    customer.save()
    for person in people:
        person.full_clean(exclude=["customer"])
        person.save()
    record(customer, kind=Entry.Kind.SYSTEM, name="created", to_state=customer.state, actor=actor, at=at)
    publish(CustomerCreated(record=customer.pk, at=at, actor=actor))
    return customer


@transaction.atomic
def remember_touches(customer: Customer, ends: Mapping[str, Any]) -> None:
    """Another lead has become this customer: its first touch may be the earlier one, its last the later. Derived: no new version."""
    known = Customer.objects.select_for_update(of=("self",)).values_list("touch_ends", flat=True).get(pk=customer.pk)
    customer.touch_ends = combined(known, ends)
    Customer.objects.filter(pk=customer.pk).update(touch_ends=customer.touch_ends)


@transaction.atomic
def update_customer(
    customer: Customer, *, actor: Actor, version: int | None = None, despite_duplicates: bool = False, **changes: Any
) -> Customer:
    """Change a customer's master data; states, holds and the owner have their own ways.

    `version` is the one that the caller saw. Raises StaleVersion, DuplicateCustomer, ValidationError, Forbidden.
    """
    locked = locked_for_change(customer, actor=actor)
    if version is not None and locked.version != version:
        raise StaleVersion(_("Someone changed this customer while you had it open. Reload it and try again."))
    known_as, limit = (locked.normalized_name, locked.uscc), locked.credit_limit
    for name, value in only(EDITABLE, changes, Customer).items():
        setattr(locked, name, value)
    refuse_own_credit(locked, was=limit, actor=actor)
    locked.clean()
    locked.fold_name()
    if (locked.normalized_name, locked.uscc) != known_as:
        found = find_duplicates(name=locked.name, uscc=locked.uscc, exclude=locked.pk)
        refuse_duplicates(found, actor=actor, decided=despite_duplicates)
    locked.full_clean()
    locked.save()
    return locked


@transaction.atomic
def transfer_customer(customer: Customer, *, actor: Actor, owner: Membership | None, at: datetime | None = None) -> Customer:
    """Give a customer to another owner and that one's team, or to nobody. Raises OwnerRefused, Forbidden."""
    locked = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    if not actor.has_perm("customers.transfer", locked):
        raise Forbidden(_("You may not transfer customers. Ask your manager."))
    if owner is not None and owner.state != Membership.State.ACTIVE:
        raise OwnerRefused(_("%(member)s is no longer active. Choose another owner.") % {"member": owner})
    before, locked.owner, at = locked.owner, owner, at or timezone.now()
    if before != owner:
        locked.owned_since, locked.protected_until = at if owner is not None else None, None
    if owner is not None:
        locked.team = owner.team
    locked.save()
    data = {"from": str(before.pk) if before else None, "to": str(owner.pk) if owner else None}
    record(locked, kind=Entry.Kind.SYSTEM, name="transfer", actor=actor, at=at, data=data)
    return locked


@transaction.atomic
def add_contact(customer: Customer, *, actor: Actor, **fields: Any) -> Contact:
    """Add a person to a customer. Phone and e-mail are stored in one form. Raises ValidationError, Forbidden."""
    locked = locked_for_change(customer, actor=actor)
    contact = Contact(customer=locked, **only(CONTACT_FIELDS, fields, Contact))
    contact.full_clean()
    contact.save()
    return contact


@transaction.atomic
def update_contact(contact: Contact, *, actor: Actor, version: int | None = None, **changes: Any) -> Contact:
    """Change what is known of a person. Raises StaleVersion, ValidationError, Forbidden."""
    locked_for_change(contact.customer, actor=actor)
    locked = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if version is not None and locked.version != version:
        raise StaleVersion(_("Someone changed this contact while you had it open. Reload it and try again."))
    for name, value in only(CONTACT_FIELDS, changes, Contact).items():
        setattr(locked, name, value)
    locked.full_clean()
    locked.save()
    return locked


@transaction.atomic
def add_address(customer: Customer, *, actor: Actor, **fields: Any) -> CustomerAddress:
    """Add an address to a customer. Raises ValidationError, Forbidden."""
    locked = locked_for_change(customer, actor=actor)
    address = CustomerAddress(customer=locked, **only(ADDRESS_FIELDS, fields, CustomerAddress))
    address.full_clean()
    address.save()
    return address


def move_to_survivor(customer: Customer, *, actor: Actor, at: datetime, survivor: Customer) -> dict[str, Any]:
    """Give everything of a customer to the one that stays, in every table that points to a customer.

    Append-only rows keep saying whom they were written for. The survivor keeps the earliest first order.
    """
    survivor = Customer.objects.select_for_update(of=("self",)).get(pk=survivor.pk)
    if survivor.pk == customer.pk:
        raise MergeRefused(_("A customer cannot be merged into itself. Choose another one."))
    if survivor.state == Customer.State.MERGED:
        raise MergeRefused(_("The customer that stays was itself merged. Choose the one that it was merged into."))
    if not actor.has_perm("customers.merge", survivor):
        raise Forbidden(_("You may not merge into this customer. Ask your administrator."))
    for relation in Customer._meta.related_objects:
        model: Any = relation.related_model
        if join := getattr(model, "join_into", None):  # a kind of which a customer has one: it says itself how two become one
            join(customer=customer, survivor=survivor)
        elif not getattr(model, "append_only", False):
            model._base_manager.filter(**{relation.field.name: customer}).update(**{relation.field.name: survivor})
    survivor.first_order_at = min(filter(None, [survivor.first_order_at, customer.first_order_at]), default=None)
    survivor.last_activity_at = max(filter(None, [survivor.last_activity_at, customer.last_activity_at]), default=None)
    survivor.touch_ends = combined(survivor.touch_ends, customer.touch_ends)
    survivor.save(update_fields=["first_order_at", "last_activity_at", "touch_ends"])
    publish(CustomerMerged(record=customer.pk, at=at, actor=actor, survivor=survivor.pk))
    return {"survivor": survivor}


def refuse_duplicates(found: Sequence[Duplicate], *, actor: Actor, decided: bool) -> None:
    """Raise DuplicateCustomer unless all that was found may be put aside."""
    may_override = decided and actor.has_perm("customers.override_duplicates")
    put_aside = {DuplicateRule.SIMILAR_NAME}
    if decided:
        put_aside.add(DuplicateRule.SAME_CONTACT)
    if may_override:
        put_aside.add(DuplicateRule.SAME_NAME)
    if standing := [duplicate for duplicate in found if duplicate.rule not in put_aside]:
        raise DuplicateCustomer(standing)


def refuse_own_credit(customer: Customer, *, was: Any, actor: Actor) -> None:
    """How much a customer may owe us is finance's to say, not of who sells to them. Raises Forbidden."""
    if customer.credit_limit != was and not actor.has_perm("customers.set_credit_limit", customer):
        raise Forbidden(_("Only finance sets the credit limit."), field="credit_limit")


def locked_for_change(customer: Customer, *, actor: Actor) -> Customer:
    """The customer's row, locked; Forbidden if the actor may not change it, and a merged one is not changed at all."""
    locked = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    if not actor.has_perm("customers.change", locked):
        raise Forbidden(_("You may not change this customer. Ask its owner or your manager."))
    if locked.state == Customer.State.MERGED:
        raise Refusal(_("This customer was merged into another one. Change that one."), code="invalid_transition")
    return locked


def only(allowed: frozenset[str], fields: dict[str, Any], model: type) -> dict[str, Any]:
    """The fields as given; TypeError if one is not for callers to set."""
    if unknown := fields.keys() - allowed:
        raise TypeError(f"{', '.join(sorted(unknown))} of {model.__name__} cannot be set: name fields of {sorted(allowed)}.")
    return fields
