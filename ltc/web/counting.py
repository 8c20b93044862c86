from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def counts_up_to(most: int, querysets: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each of these has, counting no further than `most`; one statement for all of them."""
    parts: list[str] = []
    parameters: list[Any] = []
    counted = []
    for name, queryset in querysets.items():
        try:
            sql, values = queryset.order_by().values("pk")[:most].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) counted)")  # noqa: S608  (what the compiler made, its values apart)
        parameters.extend(values)
        counted.append(name)
    found = dict.fromkeys(querysets, 0)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", parameters)
            found.update(zip(counted, cursor.fetchone(), strict=True))
    return found
