"""Makes a PostgreSQL server ready for the product: three roles, their rights, the extensions, the leakproof marks.

    python -m ltc.embedded.bootstrap        reads DATABASE_ADMIN_URL (or DATABASE_URL), prints what it could not do

Running it again changes nothing. The marks belong to a database and are in no dump: run it after each restore and upgrade.
Extensions, marks and default privileges also go into template1, so that test databases are born with them.

Role          May
ltc_owner     own the schema and migrate it; make test databases; passes row security
ltc_app       read and write rows, nothing else; row security binds it
ltc_platform  as ltc_app, past row security: the few jobs that look across tenants
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from ltc.embedded.ground import CannotStart

OWNER, APP, PLATFORM = "ltc_owner", "ltc_app", "ltc_platform"
# login, bypassrls, createdb, createrole, superuser
ROLES = {
    OWNER: (True, True, True, False, False),
    APP: (True, False, False, False, False),
    PLATFORM: (True, True, False, False, False),
}
ATTRIBUTES = ("LOGIN", "BYPASSRLS", "CREATEDB", "CREATEROLE", "SUPERUSER")
VARIABLES = {APP: "DATABASE_URL", PLATFORM: "DATABASE_PLATFORM_URL", OWNER: "DATABASE_OWNER_URL"}
EXTENSIONS = ("pg_trgm", "btree_gist", "btree_gin", "unaccent", "citext")
WELCOME_EXTENSIONS = ("pg_stat_statements",)

# Under row security a function that is not marked cannot be an index condition: a search costs 30 to 5,000 times as much.
# What the marked ones could reveal, they reveal only to someone who writes SQL of his own, which no customer does.
LEAKPROOF = (
    "textlike(text,text)",
    "textnlike(text,text)",
    "texticlike(text,text)",
    "texticnlike(text,text)",
    "upper(text)",
    "lower(text)",
    "numeric_eq(numeric,numeric)",
    "numeric_ne(numeric,numeric)",
    "numeric_lt(numeric,numeric)",
    "numeric_le(numeric,numeric)",
    "numeric_gt(numeric,numeric)",
    "numeric_ge(numeric,numeric)",
    "numeric_cmp(numeric,numeric)",
    "jsonb_contains(jsonb,jsonb)",
    "jsonb_exists(jsonb,text)",
    "jsonb_object_field_text(jsonb,text)",
    "arraycontains(anyarray,anyarray)",
    "arrayoverlap(anyarray,anyarray)",
    "ts_match_vq(tsvector,tsquery)",
    "similarity_op(text,text)",
    "word_similarity_op(text,text)",
    "word_similarity_commutator_op(text,text)",
    "strict_word_similarity_op(text,text)",
)
LIMITS = {"statement_timeout": "15s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "30s"}


@dataclass
class Outcome:
    """The addresses to connect with, and in plain words whatever the server did not let us do."""

    urls: dict[str, str]
    shortcomings: list[str] = field(default_factory=list)

    def attempt(self, what: str, act: Callable[[], object]) -> bool:
        try:
            act()
        except psycopg2.Error as refused:
            self.shortcomings.append(f"{what}: {str(refused).strip().splitlines()[0]}")
            return False
        return True


def with_role(url: str, role: str, password: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{place}"))


def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def database_of(url: str) -> str:
    name = unquote(urlsplit(url).path.lstrip("/"))
    if not name:
        raise CannotStart("DATABASE_URL names no database: end it with /ltc.")
    return name


def password_of(role: str, url: str, key: str) -> str:
    """LTC_OWNER_PASSWORD and so on if given; else derived from the administrator's, so that every checkout arrives at the same one."""
    given = os.environ.get(f"{role.upper()}_PASSWORD")
    secret = unquote(urlsplit(url).password or "") or key
    return given or hmac.new(secret.encode(), role.encode(), hashlib.sha256).hexdigest()[:40]


def connect(url: str) -> Connection:
    made = psycopg2.connect(url, connect_timeout=10)
    made.autocommit = True
    return made


def run(connected: Connection, statement: str | sql.Composable, values: tuple[object, ...] | None = None) -> list[tuple[object, ...]]:
    with connected.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def make_ready(url: str, key: str = "") -> Outcome:
    """Idempotent. Raises CannotStart when the roles cannot be had, since without them nobody's rows are safe from anybody."""
    name = database_of(url)
    server = reach(url)
    try:
        passwords = {role: password_of(role, url, key) for role in ROLES}
        outcome = Outcome({VARIABLES[role]: with_role(url, role, password) for role, password in passwords.items()})
        run(server, "SELECT pg_advisory_lock(757201)")  # two starts at once on one server
        make_roles(server, passwords)
        in_template = outcome.attempt(
            "template1 could not be prepared, so test databases may lack what they need",
            lambda: prepare(with_database(url, "template1"), outcome),
        )
        if not run(server, "SELECT 1 FROM pg_database WHERE datname = %s", (name,)):
            statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template1").format(sql.Identifier(name), sql.Identifier(OWNER))
            if not in_template:
                statement = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER))
            run(server, statement)
        prepare(url, outcome)
        limit(server, name, outcome)
    finally:
        server.close()
    outcome.shortcomings = list(dict.fromkeys(outcome.shortcomings))
    return outcome


def reach(url: str) -> Connection:
    """The server through its maintenance database, or through the named one where only that may be entered."""
    try:
        return connect(with_database(url, "postgres"))
    except psycopg2.OperationalError as first:
        try:
            return connect(url)
        except psycopg2.OperationalError:
            place = urlsplit(url).netloc.rpartition("@")[2]
            raise CannotStart(f"The database server at {place} cannot be reached: {str(first).strip().splitlines()[-1]}") from first


def make_roles(server: Connection, passwords: dict[str, str]) -> None:
    question = "SELECT rolname, rolcanlogin, rolbypassrls, rolcreatedb, rolcreaterole, rolsuper FROM pg_roles"
    present = {row[0]: row[1:] for row in run(server, question)}
    me = run(server, "SELECT current_user")[0][0]
    if me in ROLES:
        raise CannotStart(
            f"DATABASE_URL connects as {me}: give DATABASE_PLATFORM_URL and DATABASE_OWNER_URL as well, "
            "or an administrator's address, from which all three follow."
        )
    for role, rights in ROLES.items():
        had = present.get(role, (False,) * len(ATTRIBUTES))
        # only what differs: naming an attribute that one may not give is refused even where it stays as it is
        changes = " ".join(("" if want else "NO") + name for name, want, has in zip(ATTRIBUTES, rights, had, strict=True) if want != has)
        verb = "ALTER" if role in present else "CREATE"
        statement = sql.SQL(f"{verb} ROLE {{}} {changes} PASSWORD {{}}").format(sql.Identifier(role), sql.Literal(passwords[role]))
        try:
            run(server, statement)
        except psycopg2.Error as refused:
            raise CannotStart(
                f"{me} may not make the role {role} ({str(refused).strip().splitlines()[0]}): give an administrator's DATABASE_URL, "
                "or have the roles made and set DATABASE_URL, DATABASE_PLATFORM_URL and DATABASE_OWNER_URL."
            ) from refused
    if not run(server, "SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolsuper"):
        run(server, sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(OWNER)))


def prepare(url: str, outcome: Outcome) -> None:
    """One database: extensions, marks, and rights on everything that the owner will make there."""
    connected = connect(url)
    try:
        for extension in EXTENSIONS:
            outcome.attempt(f"extension {extension} is missing", partial(add_extension, connected, extension))
        for extension in WELCOME_EXTENSIONS:
            Outcome({}).attempt(extension, partial(add_extension, connected, extension))
        if run(connected, "SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolsuper"):
            for function in LEAKPROOF:
                mark(connected, function)
        else:
            outcome.shortcomings.append(
                "functions could not be marked leakproof (that takes a superuser): search is slow for large tenants"
            )
        outcome.attempt("rights could not be granted", partial(grant, connected))
    finally:
        connected.close()


def add_extension(connected: Connection, extension: str) -> None:
    run(connected, sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))


def mark(connected: Connection, function: str) -> None:
    row = run(connected, "SELECT proleakproof FROM pg_proc WHERE oid = to_regprocedure(%s)", (function,))
    if row and not row[0][0]:
        run(connected, f"ALTER FUNCTION {function} LEAKPROOF")


def grant(connected: Connection) -> None:
    database = run(connected, "SELECT current_database()")[0][0]
    names = {
        "database": sql.Identifier(str(database)),
        "owner": sql.Identifier(OWNER),
        "app": sql.Identifier(APP),
        "platform": sql.Identifier(PLATFORM),
    }
    for statement in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT CREATE, CONNECT ON DATABASE {database} TO {owner}",
        "GRANT CONNECT ON DATABASE {database} TO {app}, {platform}",
        "GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
        "GRANT USAGE ON SCHEMA public TO {app}, {platform}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}, {platform}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE ON SEQUENCES TO {app}, {platform}",
    ):
        run(connected, sql.SQL(statement).format(**names))


def limit(server: Connection, database: str, outcome: Outcome) -> None:
    """Limits stand on the role, because a pooler refuses them at connection; only in this database, so that tests may take their time."""
    for setting, value in LIMITS.items():
        statement = sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
            sql.Identifier(APP), sql.Identifier(database), sql.Identifier(setting), sql.Literal(value)
        )
        outcome.attempt(f"{setting} could not be limited", partial(run, server, statement))


def main() -> int:
    url = os.environ.get("DATABASE_ADMIN_URL") or os.environ.get("DATABASE_URL", "")
    if not url:
        print("Set DATABASE_ADMIN_URL to the address of an administrator of the server.", file=sys.stderr)
        return 2
    try:
        outcome = make_ready(url)
    except CannotStart as stopped:
        print(stopped, file=sys.stderr)
        return 1
    for shortcoming in outcome.shortcomings:
        print(f"note: {shortcoming}", file=sys.stderr)
    print("The database server is ready.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
