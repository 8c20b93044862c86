"""Twenty people win the same deal at once: it is won once, and has one order."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from opportunities.models import Opportunity
from orders.models import Order
from tests import make
from tests.opportunities import make as deals


@pytest.fixture
def won_by_many(transactional_db: None) -> Iterator[tuple[Tenant, Opportunity]]:
    tenant = make.tenant("race")
    with acting_for(tenant):
        deal = deals.deal(make.member("rep"), stage="signing")
    yield tenant, deal


def test_a_deal_that_many_win_at_once_has_one_order(won_by_many: tuple[Tenant, Opportunity]) -> None:
    tenant, deal = won_by_many

    def win(_number: int) -> bool:
        try:
            with acting_for(tenant):
                perform(Opportunity.objects.get(pk=deal.pk), "win", actor=SYSTEM)
            return True
        except Refusal:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(win, range(20)))
    assert outcomes.count(True) == 1
    with acting_for(tenant):
        assert Order.objects.filter(opportunity=deal).count() == 1
        assert history(deal).filter(name="win").count() == 1
