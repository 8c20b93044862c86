"""Gives the demo company of the town what a small one has not by chance: deals that are open, one in each early stage.

python -m tests.browser.furnish CODE
"""

import sys

import django

django.setup()

from ltc.tenancy.context import acting_for  # noqa: E402
from ltc.tenancy.models import Tenant  # noqa: E402
from ltc.users.models import Membership  # noqa: E402
from tests.opportunities import make  # noqa: E402


def furnish(code: str) -> None:
    with acting_for(Tenant.objects.get(code=code)):
        owner = Membership.objects.filter(role="rep").latest("created_at")
        for number, stage in enumerate(("discovery", "discovery", "solution", "bidding"), start=1):
            make.deal(owner=owner, name=f"Fleet renewal {number}", stage=stage)


if __name__ == "__main__":
    furnish(sys.argv[1])
