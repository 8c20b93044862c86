from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from ltc.tenancy.context import NoActiveTenant, TenantMismatch, acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Change
from ltc.users.models import Membership, Team
from tests import make

READS: dict[str, Callable[[Any], Any]] = {
    "list": lambda manager: list(manager.all()),
    "count": lambda manager: manager.count(),
    "exists": lambda manager: manager.exists(),
    "update": lambda manager: manager.update(version=9),
    "delete": lambda manager: manager.all().delete(),
    "raw id": lambda manager: manager.filter(pk="0190b0b0-0000-7000-8000-000000000000").first(),
}


@pytest.mark.parametrize("read", READS)
def test_no_query_runs_outside_a_tenant(db: None, read: str) -> None:
    for manager in (Team.objects, Team._base_manager):
        with pytest.raises(NoActiveTenant):
            READS[read](manager)


def test_sql_without_a_tenant_is_refused_by_the_database(db: None) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM users_team")


def test_another_tenants_rows_are_out_of_reach(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting_for(other_tenant):
        theirs = make.team("Theirs")
    with acting_for(tenant):
        assert not Team.objects.filter(pk=theirs.pk).exists()
        assert Team.objects.filter(pk=theirs.pk).update(name="stolen") == 0
        with pytest.raises(ValueError, match="written under tenant"):
            theirs.save()
        with pytest.raises(DatabaseError), transaction.atomic():
            Team.objects.create(name="Ours", parent_id=theirs.pk, path="")
    with acting_for(other_tenant):
        theirs.refresh_from_db()
        assert theirs.name == "Theirs"


def test_inside_one_tenant_another_is_refused(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting_for(tenant), pytest.raises(TenantMismatch), acting_for(other_tenant):
        pass


def test_a_lazy_queryset_follows_the_tenant_that_runs_it(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting_for(tenant):
        make.team("Ours")
        lazy = Team.objects.all()
    with acting_for(other_tenant):
        assert list(lazy) == []


def test_every_write_leaves_what_changed_from_what_to_what(inside: Tenant) -> None:
    member = make.member("rep")
    Membership.objects.filter(pk=member.pk).update(name="Ada")
    change = Change.objects.filter(row=str(member.pk), operation="update").get()
    assert (change.before, change.after) == ({"name": member.name}, {"name": "Ada"})


def test_the_change_log_itself_cannot_be_changed(inside: Tenant) -> None:
    make.member("rep")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Change.objects.update(actor="nobody")
