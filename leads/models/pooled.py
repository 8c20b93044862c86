from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from leads.models.choices import LeadState
from leads.models.pools import closed_pools
from ltc.refusals import Refusal
from ltc.workflow.models import StatefulModel


class AlreadyClaimed(Refusal):
    """Somebody else was quicker."""

    code = "already_claimed"

    def __init__(self) -> None:
        super().__init__(_("Someone else was quicker: this one has an owner already. Take the next one."))


class Pooled(StatefulModel):
    """A record that waits in one of several pools while nobody owns it; who is no member of the pool does not see it there."""

    class Meta:
        abstract = True

    @classmethod
    def in_pool_of(cls, actor: Any, prefix: str = "") -> models.Q:
        """Records without an owner, but for those in pools that the actor is no member of."""
        waiting = models.Q(**{f"{prefix}owner__isnull": True})
        closed = closed_pools(actor)
        return waiting & (models.Q(**{f"{prefix}pool__isnull": True}) | ~models.Q(**{f"{prefix}pool__in": closed})) if closed else waiting

    def is_in_pool_of(self, actor: Any) -> bool:
        """The same of one record."""
        record: Any = self
        return record.owner_id is None and (record.pool_id is None or record.pool_id not in closed_pools(actor))

    def refuse_first(self, name: str, actor: Any) -> None:
        """Who is too late to claim a record reads that, not that they may not have it."""
        record: Any = self
        if name == "claim" and record.owner_id is not None and record.state in LeadState.open() and actor.has_perm("leads.claim"):
            raise AlreadyClaimed
