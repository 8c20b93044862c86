from django.db import connection
from django.test.utils import CaptureQueriesContext

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import Team
from ltc.web.counting import counts_up_to
from tests import make


def test_several_lists_are_counted_at_once_and_not_to_the_end(inside: Tenant) -> None:
    for number in range(4):
        make.team(f"Team {number}")
    teams = Team.objects.all()
    with CaptureQueriesContext(connection) as queries:
        found = counts_up_to(3, {"all": teams, "one": teams.filter(name="Team 1"), "none": teams.none()})
    assert (found, len(queries)) == ({"all": 3, "one": 1, "none": 0}, 1)


def test_only_the_tenants_own_rows_are_counted(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting_for(other_tenant):
        make.team("Theirs")
    with acting_for(tenant):
        assert counts_up_to(3, {"all": Team.objects.all()}) == {"all": 0}
