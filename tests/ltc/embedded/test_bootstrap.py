"""A server becomes ready for the product: who may do what, and that a search under row security can use its index."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg2
import pytest

from ltc.embedded import postgres, services
from ltc.embedded.bootstrap import EXTENSIONS, LEAKPROOF, LIMITS, connect, make_ready, run, with_database, with_role
from ltc.embedded.ground import CannotStart, State

TABLE = """
CREATE TABLE {name} (tenant_id bigint NOT NULL, word text);
INSERT INTO {name} SELECT n % 2 + 1, 'word ' || n FROM generate_series(1, 10) n;
ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {name} USING (tenant_id = current_setting('app.tenant_id')::bigint);
"""


@pytest.fixture
def administrator(place: State, up: services.Services) -> str:
    return postgres.administrator_url(place.settings())


@pytest.fixture
def fresh_database(up: services.Services) -> Iterator[str]:
    """Made by the owner, as test databases are."""
    owner = connect(up.environment["DATABASE_OWNER_URL"])
    run(owner, "DROP DATABASE IF EXISTS born")
    run(owner, "CREATE DATABASE born")
    yield "born"
    run(owner, "DROP DATABASE born")
    owner.close()


def test_row_security_binds_the_application_and_nobody_else(up: services.Services):
    owner = connect(up.environment["DATABASE_OWNER_URL"])
    run(owner, "DROP TABLE IF EXISTS words")
    run(owner, TABLE.format(name="words"))
    platform = connect(up.environment["DATABASE_PLATFORM_URL"])
    app = connect(up.environment["DATABASE_URL"])
    assert run(owner, "SELECT count(*) FROM words") == [(10,)]
    assert run(platform, "SELECT count(*) FROM words") == [(10,)]
    with pytest.raises(psycopg2.errors.UndefinedObject):
        run(app, "SELECT count(*) FROM words")
    run(app, "SET app.tenant_id = '1'")
    assert run(app, "SELECT count(*) FROM words") == [(5,)]
    for connection in (owner, platform, app):
        connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "TRUNCATE words2",
        "ALTER TABLE words2 DISABLE ROW LEVEL SECURITY",
        "CREATE ROLE other",
        "CREATE DATABASE other",
    ],
)
def test_the_application_may_only_read_and_write_rows(up: services.Services, statement: str):
    owner, app = connect(up.environment["DATABASE_OWNER_URL"]), connect(up.environment["DATABASE_URL"])
    run(owner, "DROP TABLE IF EXISTS words2")
    run(owner, TABLE.format(name="words2"))
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        run(app, statement)
    assert run(owner, "SELECT count(*) FROM words2") == [(10,)]
    owner.close()
    app.close()


def test_a_test_database_is_born_ready(up: services.Services, fresh_database: str):
    owner = connect(with_database(up.environment["DATABASE_OWNER_URL"], fresh_database))
    present = {row[0] for row in run(owner, "SELECT extname FROM pg_extension")}
    assert set(EXTENSIONS) <= present
    run(owner, TABLE.format(name="words"))
    app = connect(with_database(up.environment["DATABASE_URL"], fresh_database))
    run(app, "SET app.tenant_id = '2'")
    assert run(app, "SELECT count(*) FROM words") == [(5,)]
    owner.close()
    app.close()


def test_what_searches_use_is_leakproof(up: services.Services, fresh_database: str):
    for database in ("ltc", fresh_database):
        connection = connect(with_database(up.environment["DATABASE_OWNER_URL"], database))
        marks = {name: run(connection, "SELECT proleakproof FROM pg_proc WHERE oid = %s::regprocedure", (name,)) for name in LEAKPROOF}
        assert marks == {name: [(True,)] for name in LEAKPROOF}
        connection.close()


def test_a_search_under_row_security_uses_its_index(up: services.Services):
    owner, app = connect(up.environment["DATABASE_OWNER_URL"]), connect(up.environment["DATABASE_URL"])
    run(owner, "DROP TABLE IF EXISTS names")
    run(owner, TABLE.format(name="names"))
    run(owner, "INSERT INTO names SELECT 1, md5(n::text) FROM generate_series(1, 30000) n")
    run(owner, "CREATE INDEX ON names USING gin (upper(word) gin_trgm_ops)")
    run(owner, "ANALYZE names")
    run(app, "SET app.tenant_id = '1'")
    plan = "\n".join(str(row[0]) for row in run(app, "EXPLAIN SELECT * FROM names WHERE upper(word) LIKE upper('%abcdef%')"))
    assert "Index Cond: (upper(word) ~~ '%ABCDEF%'::text)" in plan
    owner.close()
    app.close()


def test_limits_hold_in_the_product_and_not_in_test_databases(up: services.Services, fresh_database: str):
    app = connect(up.environment["DATABASE_URL"])
    assert {name: run(app, f"SHOW {name}")[0][0] for name in LIMITS} == LIMITS
    assert run(app, "SHOW synchronous_commit") == [("off",)]  # these servers are of the fast profile
    app.close()
    test = connect(with_database(up.environment["DATABASE_URL"], fresh_database))
    assert run(test, "SHOW statement_timeout") == [("0",)]
    test.close()


def test_making_ready_again_changes_nothing(administrator: str, up: services.Services, place: State):
    again = make_ready(administrator, key=place.settings()["role_key"])
    assert again.shortcomings == []
    assert again.urls == {name: up.environment[name] for name in again.urls}


def test_an_administrators_address_is_enough_for_a_server_of_ones_own(administrator: str, place: State, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", with_database(administrator, "theirs"))
    monkeypatch.setenv("REDIS_URL", "redis://redis.example:6379/0")
    elsewhere = State("test", place.path.parent / "theirs")
    found = services.start(elsewhere)
    assert found.started == []
    assert urlsplit(found.environment["DATABASE_URL"]).username == "ltc_app"
    assert urlsplit(found.environment["DATABASE_URL"]).path == "/theirs"
    app = connect(found.environment["DATABASE_URL"])
    assert run(app, "SELECT current_user, current_database()") == [("ltc_app", "theirs")]
    app.close()


def test_someone_without_the_right_to_make_roles_is_told_so(administrator: str):
    admin = connect(administrator)
    run(admin, "DROP ROLE IF EXISTS visitor")
    run(admin, "CREATE ROLE visitor LOGIN PASSWORD 'visitor'")
    before = run(admin, "SELECT rolname, rolpassword FROM pg_authid ORDER BY 1")
    with pytest.raises(CannotStart, match="visitor may not make the role ltc_owner"):
        make_ready(with_role(administrator, "visitor", "visitor"))
    assert run(admin, "SELECT rolname, rolpassword FROM pg_authid ORDER BY 1") == before
    admin.close()


def test_the_applications_own_address_alone_is_refused(up: services.Services):
    with pytest.raises(CannotStart, match="give DATABASE_PLATFORM_URL and DATABASE_OWNER_URL as well"):
        make_ready(up.environment["DATABASE_URL"])


def test_an_administrator_who_is_no_superuser_hears_what_is_missing(administrator: str):
    admin = connect(administrator)
    run(admin, "DROP ROLE IF EXISTS landlord")
    run(admin, "CREATE ROLE landlord LOGIN CREATEROLE CREATEDB BYPASSRLS PASSWORD 'landlord'")
    for role in ("ltc_owner", "ltc_app", "ltc_platform"):
        run(admin, f"GRANT {role} TO landlord WITH ADMIN OPTION")
    outcome = make_ready(with_database(with_role(administrator, "landlord", "landlord"), "rented"), key="k")
    assert "functions could not be marked leakproof (that takes a superuser): search is slow for large tenants" in outcome.shortcomings
    app = connect(outcome.urls["DATABASE_URL"])
    assert run(app, "SELECT current_user") == [("ltc_app",)]
    app.close()
    admin.close()


def test_a_server_that_is_not_there_is_named(nothing_given: None):
    with pytest.raises(CannotStart, match=r"The database server at 127\.0\.0\.1:9 cannot be reached"):
        make_ready("postgres://someone:secret@127.0.0.1:9/ltc")


def test_an_address_without_a_database_is_refused():
    with pytest.raises(CannotStart, match="names no database"):
        make_ready("postgres://someone@127.0.0.1:9")
