"""What each layer of the product costs, line by line: the same thing with it and without it, in turn."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from django.db import connection, connections, transaction

from bench.cases import LIST_SQL, SEARCH_SQL
from bench.loading import RARE
from bench.measuring import Case, Server, difference, measured
from bench.world import Side, bare, new_lead
from leads.models import Lead
from ltc.api import limits, matching, queries
from ltc.tenancy.context import acting_for
from ltc.users.keys import verified

AUDITED, REPEATED = 20, 5
SEARCH_RATIO = "search for a rare name, as the application's role"


def costs(ours: Server, side: Side, rounds: int) -> list[tuple[str, float, str]]:
    """Lines of (what, milliseconds, remark)."""
    tenant = side.tenant
    record = Lead(version=7)
    request = SimpleNamespace(headers={"If-None-Match": '"v6"'}, actor=None)
    parameters = _Parameters({"limit": "50", "ordering": "-captured_at", "search": "x"})
    rare = f"%{RARE.upper()}%"
    with acting_for(tenant):
        some = list(Lead.objects.all()[:50])
        key = verified(side.secret)
    buckets = limits.buckets_of(key, tenant.pk)

    def as_app(statement: str, values: list[Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.fetchall()

    def scoped_list(_: Any) -> None:
        with acting_for(tenant):
            as_app(LIST_SQL, [tenant.pk])

    def plain_list(_: Any) -> None:
        with transaction.atomic(using="bare"), connections["bare"].cursor() as cursor:
            cursor.execute(LIST_SQL, [tenant.pk])
            cursor.fetchall()

    def plain_search() -> None:
        with transaction.atomic(using="bare"):
            for _time in range(REPEATED):
                bare(SEARCH_SQL, [tenant.pk, rare])

    def app_search() -> None:
        for _time in range(REPEATED):
            as_app(SEARCH_SQL, [tenant.pk, rare])

    def in_tenant(act: Callable[[], Any]) -> Callable[[Any], None]:
        def run(_: Any) -> None:
            with acting_for(tenant):
                act()

        return run

    def nothing(_: Any) -> None:
        with transaction.atomic():
            as_app("SELECT 1", [])

    bearer = {"authorization": side.bearer}
    once = {**bearer, "idempotency_key": lambda: uuid.uuid4().hex}
    empty = in_tenant(lambda: as_app("SELECT 1", []))
    visible = Lead.objects.order_by("-captured_at", "-id")
    all_of_them = in_tenant(lambda: list(visible.visible_to(side.manager)[:50]))
    own = in_tenant(lambda: list(visible.visible_to(side.rep)[:50]))
    search = measured([Case("plain", lambda _: plain_search()), Case("scoped", in_tenant(app_search))], rounds)
    post, once_only = (ours.case("post", "POST", "/api/v1/leads/", given, lambda: new_lead(side.channel)) for given in (bearer, once))

    def extra(act: Callable[[Any], Any], without: Callable[[Any], Any] = lambda _: None) -> float:
        return difference(Case("with", act), Case("without", without), rounds * 4)

    return [
        ("open the tenant (SET LOCAL app.tenant_id)", extra(empty, nothing), "once a request"),
        ("row security and the tenant's filter on a page of leads", extra(scoped_list, plain_list), "with the line above"),
        (SEARCH_RATIO, search["scoped"].quick / search["plain"].quick, "times the bare SQL; at most 2 wanted"),
        ("verify the API key", extra(in_tenant(lambda: verified(side.secret)), empty), "one query and one SHA-256"),
        ("rate limits", extra(lambda _: limits.take(buckets, is_read=True)), "one round trip to Redis"),
        ("permission on 50 records", extra(lambda _: [side.rep.has_perm("leads.change", lead) for lead in some]), "no query"),
        ("permission as a filter: own and pool instead of team", extra(own, all_of_them), "a page of leads"),
        ("ETag and If-None-Match", extra(lambda _: (matching.tag_of(record), matching.is_unchanged(request, record))), "no query"),
        ("strict query parameters", extra(lambda _: queries.checked(parameters, {"limit", "ordering", "search"})), "no query"),
        ("Idempotency-Key on a write", difference(once_only, post, rounds * 2), "one insert, one update"),
        ("audit of one insert by trigger", _audit(side, rounds), f"a row, from {AUDITED} inserts"),
    ]


class _Parameters(dict[str, str]):
    def getlist(self, name: str) -> list[str]:
        return [self[name]]


def _audit(side: Side, rounds: int) -> float:
    """What the change log's trigger adds to one insert, in milliseconds."""
    names = [str(field.column) for field in Lead._meta.concrete_fields if not getattr(field, "generated", False)]
    values = ", ".join({"id": "gen_random_uuid()", "number": "left(gen_random_uuid()::text, 30)"}.get(name, f'"{name}"') for name in names)
    statement = (
        f"INSERT INTO leads_lead ({', '.join(map(connection.ops.quote_name, names))}) "
        f"SELECT {values} FROM leads_lead WHERE tenant_id = %s AND id = %s"
    )

    @contextmanager
    def undone() -> Iterator[Any]:
        with transaction.atomic(using="bare"), connections["bare"].cursor() as cursor:
            yield cursor
            transaction.set_rollback(True, using="bare")

    def inserts(trigger: str) -> Callable[[Any], None]:
        def run(_: Any) -> None:
            with undone() as cursor:
                cursor.execute(f"ALTER TABLE leads_lead {trigger} TRIGGER USER")
                for _number in range(AUDITED):
                    cursor.execute(statement, [side.tenant.pk, side.record])

        return run

    return difference(Case("audited", inserts("ENABLE")), Case("silent", inserts("DISABLE")), rounds) / AUDITED
