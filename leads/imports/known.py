"""Which rows of an import are in the books already: among leads, customers and the people there. Some queries for many rows."""

import uuid
from collections.abc import Sequence

from django.db import connection

from leads.imports.meaning import Meaning
from leads.models import Lead
from leads.models.choices import LeadState
from ltc.customers.duplicates import ALIKE
from ltc.customers.models import Contact, Customer
from ltc.customers.names import normalise_name, normalise_name_without_region
from ltc.tenancy.context import current_tenant_id

Mark = tuple[str, str]
SIMILAR = """
SELECT told.name FROM unnest(%(names)s::text[]) AS told(name)
 WHERE EXISTS (SELECT 1 FROM leads_lead AS lead
                WHERE lead.tenant_id = %(tenant)s AND lead.likeness_name %% told.name AND lead.state <> 'merged')
    OR EXISTS (SELECT 1 FROM customers_customer AS customer
                WHERE customer.tenant_id = %(tenant)s AND customer.likeness_name %% told.name AND customer.state <> 'merged')
"""


def marks_of(meaning: Meaning) -> set[tuple[str, str]]:
    """By what a row is known again: telephone number, e-mail address, company."""
    marks = {(name, meaning.fields.get(name, "")) for name in ("phone", "email")}
    marks.add(("name_key", normalise_name(meaning.fields.get("company_name", ""))[:200]))
    return {(name, value) for name, value in marks if value}


def known_marks(found: Sequence[Meaning]) -> dict[tuple[str, str], uuid.UUID]:
    """Those telephone numbers, addresses and companies of the rows that a lead has already, and which: of several the one captured last."""
    by_name: dict[str, set[str]] = {"phone": set(), "email": set(), "name_key": set()}
    for meaning in found:
        for name, value in marks_of(meaning):
            by_name[name].add(value)
    marks: dict[tuple[str, str], uuid.UUID] = {}
    for name, values in by_name.items():
        if values:
            alike = Lead.objects.filter(**{f"{name}__in": values}).exclude(state=LeadState.MERGED).order_by("captured_at", "id")
            marks.update({(name, value): pk for value, pk in alike.values_list(name, "pk")})
    return marks


def known_customers(found: Sequence[Meaning]) -> set[Mark]:
    """Those marks of the rows that a customer has, or somebody there."""
    wanted: dict[str, set[str]] = {"phone": set(), "email": set(), "name_key": set()}
    for meaning in found:
        for name, value in marks_of(meaning):
            wanted[name].add(value)
    customers = Customer.objects.exclude(state=Customer.State.MERGED)
    marks: set[Mark] = set()
    if names := wanted.pop("name_key"):
        same = customers.filter(normalized_name__in=names).order_by().values_list("normalized_name", flat=True)
        marks |= {("name_key", name[:200]) for name in same}
    for field, values in wanted.items():
        if values:
            people = Contact.objects.filter(**{f"{field}__in": values}, customer__in=customers).order_by()
            marks |= {(field, value) for value in people.values_list(field, flat=True)}
    return marks


def similar_names(found: Sequence[Meaning]) -> set[str]:
    """Those company names of the rows, as they are compared, that a lead or customer almost has."""
    names = {likeness for meaning in found if (likeness := likeness_of(meaning))}
    if not names:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(ALIKE)])
        cursor.execute(SIMILAR, {"names": sorted(names), "tenant": current_tenant_id()})
        return {name for (name,) in cursor.fetchall()}


def likeness_of(meaning: Meaning) -> str:
    """A row's company as likeness compares it."""
    return normalise_name_without_region(meaning.fields.get("company_name", ""))[:200]
