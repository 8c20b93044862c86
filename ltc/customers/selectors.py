from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection
from django.db.models import Q, QuerySet

from ltc.customers.duplicates import ALIKE, Duplicate, DuplicateRule, surest_first
from ltc.customers.models import Contact, Customer
from ltc.customers.names import bare, normalise_name, normalise_name_without_region
from ltc.users.actors import Actor


def find_duplicates(
    *,
    name: str = "",
    uscc: str = "",
    phones: Sequence[str] = (),
    emails: Sequence[str] = (),
    exclude: UUID | None = None,
    alike: bool = True,
) -> list[Duplicate]:
    """The customers that a record with these marks seems to be, surest first, each once; merged ones are left out.

    `uscc`, `phones` and `emails` in their stored form; without `alike` similar names are not looked for. It looks at all customers of
    the tenant, whoever may see them: so what it finds is told to a user only by name of the team (see DuplicateCustomer).
    """
    customers = Customer.objects.exclude(state=Customer.State.MERGED).order_by()
    if exclude is not None:
        customers = customers.exclude(pk=exclude)
    found: list[Duplicate] = []
    if uscc:
        found += (Duplicate(DuplicateRule.SAME_USCC, pk) for pk in customers.filter(uscc=uscc).values_list("pk", flat=True))
    if normalised := normalise_name(name):
        same = customers.filter(normalized_name=normalised).values_list("pk", flat=True)
        found += (Duplicate(DuplicateRule.SAME_NAME, pk) for pk in same)
    if reach := Q(phone__in=[phone for phone in phones if phone]) | Q(email__in=[email for email in emails if email]):
        owners = Contact.objects.filter(reach, customer__in=customers).order_by().values_list("customer", flat=True).distinct()
        found += (Duplicate(DuplicateRule.SAME_CONTACT, pk) for pk in owners)
    if alike and (likeness := normalise_name_without_region(name)):
        with connection.cursor() as cursor:  # the index is asked by the operator, which has its threshold from the session
            cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(ALIKE)])
        called: Any = customers.filter(likeness_name__trigram_similar=likeness)
        found += (
            Duplicate(DuplicateRule.SIMILAR_NAME, pk, Decimal(str(score)).quantize(Decimal("0.0001")))
            for pk, score in called.annotate(likeness=TrigramSimilarity("likeness_name", likeness)).values_list("pk", "likeness")
        )
    return surest_first(found)


def search_customers(actor: Actor, text: str) -> QuerySet[Customer]:
    """The customers that an actor sees and that are called like this; merged ones are left out."""
    return named_like(Customer.objects.visible_to(actor).exclude(state=Customer.State.MERGED), text)


def named_like(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Those that are called like this: part of the name, its pinyin initials, or the credit code."""
    folded = bare(text)
    if not folded:
        return customers
    by_initials = Q(initials__gte=folded, initials__lt=folded[:-1] + chr(ord(folded[-1]) + 1))
    return customers.filter(
        Q(normalized_name__contains=folded) | by_initials | Q(name__icontains=text.strip()) | Q(uscc=text.strip().upper())
    )
