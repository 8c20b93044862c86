"""Fills the benchmark's database: set-based SQL as the schema's owner, without the change log, secondary indexes built at the end."""

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections, models
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from bench.settings import DATABASE, MAINTENANCE_DATABASE
from leads.models import Channel, Lead
from ltc.customers.models import Customer
from ltc.tenancy.context import acting_for, all_tenants
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership, Team, User
from ltc.users.roles import Role
from ltc.users.services import create_tenant, join
from opportunities.models import Opportunity

RARE, RARE_FROM = "Quillfeather", 200
FIRST = "Harbor North Delta Summit Golden River Cedar Pioneer Orient Silver Granite Falcon Maple Crystal Atlas Beacon".split()
SECOND = "Machines Foods Textiles Logistics Optics Tools Chemicals Motors Paper Energy Plastics Robotics Pumps Castings".split()
STATES = ("new", "assigned", "working", "nurturing", "qualified")
STAGES = ("discovery", "solution", "bidding", "negotiation", "signing")


@dataclass(frozen=True)
class Size:
    """How much of everything there is."""

    tenants: int = 1000
    large: int = 200_000
    small: int = 2_000
    others: int = 100
    opportunities: int = 2_000
    customers: int = 400


SMALL = Size(tenants=10, large=3_000, small=300, others=20, opportunities=100, customers=20)


@contextlib.contextmanager
def as_owner() -> Iterator[None]:
    """The default connection is the schema's owner, to migrate."""
    connection = connections["default"]
    before = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update({name: connections["bare"].settings_dict[name] for name in before})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def prepare(size: Size, *, fresh: bool, say: Any) -> None:
    """Have the database with rows of this size; loads it only if it is not there already."""
    wanted = f"{size} {_schema_digest()}"
    with _maintenance() as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [DATABASE])
        found = cursor.fetchone()
        if found and found[0] == wanted and not fresh:
            return
        name = sql.Identifier(DATABASE)
        leads_in_all = size.large + size.small + (size.tenants - 2) * size.others
        say(f"Loading {leads_in_all:,} leads of {size.tenants:,} tenants into {DATABASE}")
        connections.close_all()
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(name))
    with as_owner():
        call_command("migrate", verbosity=0)
    say("Migrated")
    load(size, say)
    with _maintenance() as cursor:
        cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(wanted)))


@contextlib.contextmanager
def _maintenance() -> Iterator[Any]:
    owner = connections["bare"].settings_dict
    connected = psycopg2.connect(
        dbname=MAINTENANCE_DATABASE, user=owner["USER"], password=owner["PASSWORD"], host=owner["HOST"], port=owner["PORT"]
    )
    connected.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
    try:
        with connected.cursor() as cursor:
            yield cursor
    finally:
        connected.close()


def _schema_digest() -> str:
    files = [*sorted(Path(settings.BASE_DIR).glob("**/migrations/0*.py")), Path(__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def load(size: Size, say: Any) -> None:
    """Two tenants by the product's own services, the others and the rows of all by SQL."""
    large, small = (
        create_tenant(code=code, name=code.title(), time_zone="Asia/Shanghai", currency="CNY") for code in ("bench-large", "bench-small")
    )
    rows(Tenant, f"generate_series(1, {size.tenants - 2}) i", code="'other-' || i", name="'Other ' || i")
    for tenant in (large, small):
        people(tenant)
    rows(Channel, "tenancy_tenant t WHERE t.code LIKE 'other-%%'", tenant_id="t.id", code="'web'", name="'Web'", kind="'website'")
    say("Tenants are there")
    with bulk(Lead):
        leads(large, size.large)
        leads(small, size.small)
        source = (
            f"tenancy_tenant t JOIN leads_channel c ON c.tenant_id = t.id CROSS JOIN generate_series(1, {size.others}) i "
            "WHERE t.code LIKE 'other-%%'"
        )
        say("Leads of the two measured tenants are there")
        rows(Lead, source, **lead_columns("t.id", "c.id", "NULL", "NULL", "'new'", size.others))
    say("Leads are there")
    with bulk(Customer), bulk(Opportunity):
        for tenant, count in ((large, size.opportunities), (small, size.opportunities // 10)):
            opportunities(tenant, count, size.customers)
    with connections["bare"].cursor() as cursor:
        cursor.execute("ANALYZE")


def people(tenant: Tenant) -> None:
    """A team of 20, a manager and an administrator."""
    with acting_for(tenant):
        team = Team.objects.create(name="Sales")
        for number in range(22):
            role = Role.ADMIN if number == 0 else Role.MANAGER if number == 1 else Role.REP
            email = f"{tenant.code}-{number}@example.com"
            join(user=User.objects.create(email=email, name=email), role=role, team=team)


def lead_columns(tenant: str, channel: str, owner: str, team: str, state: str, count: int) -> dict[str, str]:
    captured = f"(now() - ({count} - i) * interval '1 minute')"
    name = f"{_pick(FIRST, 'i * 7')} || ' ' || {_pick(SECOND, 'i / 3')} || ' ' || i"
    if count > RARE_FROM:  # three leads of each of the measured tenants have a name that nobody else has
        name = f"CASE WHEN i %% ({count} / 3) = 7 THEN '{RARE} ' || i ELSE {name} END"
    return {
        "id": time_ordered(captured, "i::text"),
        "tenant_id": tenant,
        "channel_id": channel,
        "owner_id": owner,
        "team_id": team,
        "state": state,
        "number": "'L-' || lpad(i::text, 7, '0')",
        "title": f"{_pick(SECOND, 'i')} || ' for a new line'",
        "company_name": name,
        "contact_name": f"{_pick(FIRST, 'i')} || ' Person ' || i",
        "email": "'person' || i || '@example.com'",
        "phone": "'+86138' || lpad(i::text, 8, '0')",
        "currency": "'CNY'",
        "est_amount": "(i %% 900) * 1000",
        "score": "i %% 101",
        "grade": _pick(list("ABCD"), "i"),
        "captured_at": captured,
        "created_at": captured,
        "updated_at": captured,
        "last_activity_at": captured,
        "sort_key": f"lower({name})",
        "name_key": f"lower({name})",
    }


def leads(tenant: Tenant, count: int) -> None:
    with acting_for(tenant):
        channels = [str(pk) for pk in Channel.objects.values_list("pk", flat=True)]
        members = [str(pk) for pk in Membership.objects.filter(role=Role.REP).values_list("pk", flat=True)]
        team = str(Team.objects.get().pk)
    owner = f"CASE WHEN i %% {len(STATES)} = 0 THEN NULL ELSE {_pick(members, 'i', 'uuid')} END"  # the new ones are in the pool
    columns = lead_columns(str(tenant.pk), _pick(channels, "i", "uuid"), owner, f"'{team}'::uuid", _pick(STATES, "i"), count)
    rows(Lead, f"generate_series(1, {count}) i", **columns)


def opportunities(tenant: Tenant, count: int, customers: int) -> None:
    """Open opportunities of a tenant, spread over the stages."""
    with acting_for(tenant):
        members = [str(pk) for pk in Membership.objects.filter(role=Role.REP).values_list("pk", flat=True)]
        team = str(Team.objects.get().pk)
    names = f"{_pick(FIRST, 'i')} || ' ' || {_pick(SECOND, 'i')} || ' ' || i"
    common = {"tenant_id": str(tenant.pk), "owner_id": _pick(members, "i", "uuid"), "team_id": f"'{team}'::uuid"}
    rows(
        Customer, f"generate_series(1, {customers}) i", **common, id=time_ordered("now()", "i::text"), name=names,
        normalized_name=f"lower({names})", likeness_name=f"lower({names})", sort_key=f"lower({names})", initials="'x'",
    )  # fmt: skip
    with connections["bare"].cursor() as cursor:
        cursor.execute("SELECT id::text FROM customers_customer WHERE tenant_id = %s", [tenant.pk])
        keys = [pk for (pk,) in cursor.fetchall()]
    stage = _pick(STAGES, "i")
    rows(
        Opportunity, f"generate_series(1, {count}) i", **common, id=time_ordered("now() - i * interval '1 hour'", "i::text"),
        number="'O-' || i", name=f"{_pick(SECOND, 'i')} || ' line ' || i", customer_id=_pick(keys, "i", "uuid"),
        stage=stage, max_stage=stage,
        stage_entered_at="now() - (i %% 60) * interval '1 day'", amount="(1 + i %% 900) * 1000", amount_base="(1 + i %% 900) * 1000",
        fx_rate="1", currency="'CNY'", close_date="current_date + (i %% 90)",
    )  # fmt: skip


def time_ordered(moment: str, seed: str) -> str:
    """A UUIDv7 in SQL, of a moment and a text."""
    digest = f"md5({seed} || random()::text)"
    return (
        f"(lpad(to_hex((extract(epoch from {moment}) * 1000)::bigint), 12, '0') || '7' || substr({digest}, 1, 3) || '8' "
        f"|| substr({digest}, 4, 15))::uuid"
    )


def _pick(values: Any, number: str, kind: str = "text") -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"(ARRAY[{listed}]::{kind}[])[1 + ({number}) %% {len(values)}]"


def rows(model: Any, source: str, /, **expressions: str) -> None:
    """INSERT ... SELECT with the expressions; other columns get the field's default."""
    connection = connections["bare"]
    columns, values, parameters = [], [], []
    for field in model._meta.concrete_fields:
        if getattr(field, "generated", False) or (isinstance(field, models.AutoField) and field.column not in expressions):
            continue
        columns.append(connection.ops.quote_name(field.column))
        if field.column in expressions:
            values.append(expressions[field.column])
        elif getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            values.append("now()")
        else:
            values.append("%s")
            with all_tenants():
                default = None if field.null and not field.has_default() else field.get_default()
                parameters.append(field.get_db_prep_save(default, connection))
    with connection.cursor() as cursor:
        statement = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {source}"
        cursor.execute(statement, parameters)


@contextlib.contextmanager
def bulk(model: Any) -> Iterator[None]:
    """A table without its change log and its secondary indexes while many rows come in."""
    table = model._meta.db_table
    with connections["bare"].cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes "
            "WHERE tablename = %s AND indexname NOT IN (SELECT conname FROM pg_constraint) AND indexdef NOT LIKE 'CREATE UNIQUE%%'",
            [table],
        )
        indexes = cursor.fetchall()
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {connections['bare'].ops.quote_name(name)}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
