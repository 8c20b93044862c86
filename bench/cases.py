"""What is measured, and with what it is compared: (a) the bare SQL of the same rows, (b) an empty DRF view, (c) a bare DRF
ModelViewSet with cursor pagination over the same rows."""

import base64
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from bench.bare import BareLeadSerializer
from bench.loading import RARE
from bench.measuring import Case, Server
from bench.world import Side, bare, new_lead
from leads.models import Lead
from opportunities.models import Opportunity

LIMIT = 50
CARDS = 250
"""How many cards the board shows of 2,000: fifty in each of its five columns."""


@dataclass(frozen=True)
class Line:
    """A line of the report: one of our cases, the three that it is compared with, and the same for the small tenant."""

    title: str
    ours: Case
    sql: Case
    bare: Case | None
    small: Case | None = None
    most_queries: int = 8
    most_times_bare: float | None = None
    most_growth: float | None = None


def column_of(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).column)


def columns(model: type[Lead] | type[Opportunity]) -> str:
    names = BareLeadSerializer.Meta.fields if model is Lead else [field.name for field in model._meta.concrete_fields]
    return ", ".join(f'"{column_of(model, name)}"' for name in names)


LIST_SQL = f"SELECT {columns(Lead)} FROM leads_lead WHERE tenant_id = %s ORDER BY captured_at DESC, id DESC LIMIT {LIMIT + 1}"
DEEP_SQL = LIST_SQL.replace("ORDER BY", "AND (captured_at, id) < (%s, %s) ORDER BY")
FIVE = "state=working&grade__in=C,D&score__gte=0&owner__isnull=false&captured_at__gte=2000-01-01T00:00:00Z"
FIVE_SQL = LIST_SQL.replace(
    "ORDER BY",
    "AND state = 'working' AND grade IN ('C', 'D') AND score >= 0 AND owner_id IS NOT NULL AND captured_at >= '2000-01-01' ORDER BY",
)
SEARCH_SQL = LIST_SQL.replace("ORDER BY", "AND upper(search_text) LIKE %s ORDER BY")
RECORD_SQL = f"SELECT {columns(Lead)} FROM leads_lead WHERE tenant_id = %s AND id = %s"
BOARD_SQL = (
    f"SELECT {columns(Opportunity)} FROM opportunities_opportunity WHERE tenant_id = %s AND state = 'open' ORDER BY id DESC LIMIT {CARDS}"
)


def sql(name: str, statement: str, *parameters: object) -> Case:
    return Case(name, lambda _: bare(statement, list(parameters)))


def lines(ours: Server, plain: Server, large: Side, small: Side) -> list[Line]:
    """Every measured request of the product with its comparisons."""
    tenant, root = large.tenant.pk, f"/bench/leads/{large.tenant.pk}/"
    bearer, little = {"authorization": large.bearer}, {"authorization": small.bearer}
    page, home = f"/api/v1/leads/?limit={LIMIT}", f"/t/{large.tenant.code}"
    cookie, little_cookie = {"cookie": large.cookie}, {"cookie": small.cookie}
    deep = base64.b64encode(urlencode({"p": large.bare_cursor}).encode()).decode()
    first = plain.case("bare list", "GET", f"{root}?limit={LIMIT}")
    bare_record = plain.case("bare record", "GET", f"{root}{large.record}/")
    rare = f"%{RARE.upper()}%"
    return [
        Line(
            "REST lead list, first page",
            ours.case("list", "GET", page, bearer),
            sql("list sql", LIST_SQL, tenant),
            first,
            ours.case("list small", "GET", page, little),
            most_times_bare=1.5,
            most_growth=1.3,
        ),
        Line(
            "REST lead list, deep page",
            ours.case("deep", "GET", f"{page}&cursor={large.deep_cursor}", bearer),
            sql("deep sql", DEEP_SQL, tenant, *large.deep_bare),
            plain.case("bare deep", "GET", f"{root}?limit={LIMIT}&cursor={quote(deep)}"),
            ours.case("deep small", "GET", f"{page}&cursor={small.deep_cursor}", little),
            most_times_bare=1.5,
            most_growth=1.3,
        ),
        Line(
            "REST lead list with five filters",
            ours.case("filters", "GET", f"{page}&{FIVE}", bearer),
            sql("filters sql", FIVE_SQL, tenant),
            None,
            ours.case("filters small", "GET", f"{page}&{FIVE}", little),
            most_growth=2.0,
        ),
        Line(
            "REST search for a rare name",
            ours.case("search", "GET", f"{page}&search={RARE}", bearer),
            sql("search sql", SEARCH_SQL, tenant, rare),
            plain.case("bare search", "GET", f"{root}?limit={LIMIT}&search={RARE}"),
            ours.case("search small", "GET", f"{page}&search={RARE}", little),
        ),
        Line(
            "REST lead record",
            ours.case("record", "GET", f"/api/v1/leads/{large.record}/", bearer),
            sql("record sql", RECORD_SQL, tenant, large.record),
            bare_record,
            ours.case("record small", "GET", f"/api/v1/leads/{small.record}/", little),
            most_growth=1.3,
        ),
        Line(
            "REST create a lead",
            ours.case("create", "POST", "/api/v1/leads/", bearer, lambda: new_lead(large.channel)),
            Case("create sql", lambda values: bare(*values), lambda: _insert(large)),
            plain.case("bare create", "POST", root, body=lambda: _plain_lead(large)),
            ours.case("create small", "POST", "/api/v1/leads/", little, lambda: new_lead(small.channel)),
            most_queries=40,
        ),
        Line(
            "HTML lead list",
            ours.case("page list", "GET", f"{home}/leads/", cookie),
            sql("page list sql", LIST_SQL, tenant),
            first,
            ours.case("page list small", "GET", f"/t/{small.tenant.code}/leads/", little_cookie),
            most_queries=12,
            most_times_bare=3,
        ),
        Line(
            "HTML lead record",
            ours.case("page record", "GET", f"{home}/leads/{large.record}/", cookie),
            sql("page record sql", RECORD_SQL, tenant, large.record),
            bare_record,
            ours.case("page record small", "GET", f"/t/{small.tenant.code}/leads/{small.record}/", little_cookie),
            most_queries=20,
        ),
        Line(
            "HTML board of the open opportunities",
            ours.case("board", "GET", f"{home}/opportunities/board/", cookie),
            sql("board sql", BOARD_SQL, tenant),
            plain.case("bare board", "GET", f"/bench/opportunities/{tenant}/?limit={CARDS}"),
            ours.case("board small", "GET", f"/t/{small.tenant.code}/opportunities/board/", little_cookie),
            most_queries=12,
            most_times_bare=3,
        ),
    ]


def _plain_lead(side: Side) -> dict[str, object]:
    body = new_lead(side.channel)
    return {**body, "captured_at": "2026-11-21T09:00:00Z"}


def _insert(side: Side) -> tuple[str, list[object]]:
    """The insert of one lead alone, without numbering, history or scoring."""
    body = new_lead(side.channel)
    names = [str(field.column) for field in Lead._meta.concrete_fields if not getattr(field, "generated", False)]
    given = {"id": "%s::uuid", "number": "%s", "company_name": "%s", "email": "%s"}
    listed = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(given.get(name, f'"{name}"') for name in names)
    order = [uuid.uuid4().hex, f"Y-{uuid.uuid4().hex[:24]}", body["company_name"], body["email"]]
    by_name = dict(zip(given, order, strict=True))
    parameters: list[object] = [by_name[name] for name in names if name in given]
    return f"INSERT INTO leads_lead ({listed}) SELECT {values} FROM leads_lead WHERE tenant_id = %s AND id = %s", [
        *parameters,
        side.tenant.pk,
        side.record,
    ]
