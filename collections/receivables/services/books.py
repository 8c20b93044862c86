"""Telling people what the nightly check of the books found."""

from django.utils.translation import gettext_lazy as _

from ltc.notifications.services import notify
from ltc.users.models import Membership
from ltc.users.roles import Role
from receivables.models import IntegrityCheck


def tell_finance(check: IntegrityCheck) -> None:
    """Every member of finance learns what does not agree; the month cannot be closed before it does."""
    for member in Membership.objects.filter(role=Role.FINANCE, state=Membership.State.ACTIVE):
        notify(
            member, title=_("The books do not agree: %(count)s findings"), body=_("%(first)s"),
            values={"count": len(check.findings), "first": check.findings[0]}, url="/journal/", icon="shield-alert",
        )  # fmt: skip
