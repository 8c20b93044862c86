"""The database's own catalogue, audited after all migrations."""

import pytest
from django.conf import settings
from django.db import connection

from tests.conftest import as_owner
from tests.contracts.audit import violations


def test_the_catalogue_shows_no_way_around_the_tenant(db: None) -> None:
    assert violations() == []


BROKEN = {
    "T01": "CREATE TABLE stray (id int)",
    "T02": "CREATE TABLE stray (tenant_id bigint NOT NULL, id int, PRIMARY KEY (tenant_id, id))",
    "T05": "CREATE POLICY also ON users_team USING (true)",
    "T08": "CREATE UNIQUE INDEX stray_ix ON users_team (name)",
    "T09": "CREATE INDEX stray_ix ON users_team (name)",
    "T10": """ALTER TABLE users_team ADD UNIQUE (id);
              ALTER TABLE users_membership ADD CONSTRAINT stray_fk FOREIGN KEY (team_id) REFERENCES users_team (id)""",
    "T14": "ALTER TABLE users_team ADD COLUMN lead_id uuid",
    "V01": "CREATE VIEW stray AS SELECT * FROM users_team; GRANT SELECT ON stray TO ltc_app",
    "F01": "CREATE FUNCTION stray() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    "R05": "GRANT TRUNCATE ON users_team TO ltc_app",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("check", BROKEN)
def test_a_table_that_breaks_the_rule_is_found(check: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("BEGIN; " + BROKEN[check])
        try:
            found = {name.split()[0] for name, _ in violations()}
        finally:
            cursor.execute("ROLLBACK")
    assert check in found


def test_the_application_connects_as_a_role_that_row_security_binds(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (settings.DATABASES["default"]["USER"], False, False)


@pytest.mark.parametrize("function", ["textlike(text,text)", "texticlike(text,text)", "upper(text)"])
def test_searching_keeps_its_index_under_row_security(db: None, function: str) -> None:
    """Where the bootstrap could mark them: a function that is not leakproof loses its index for the largest tenants."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proleakproof FROM pg_proc WHERE oid = %s::regprocedure", [function])
        assert cursor.fetchone()[0] is True
