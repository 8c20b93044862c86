"""Keeping the public pools, and finding the one that a record belongs to."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from leads.models.pools import RULES, PoolMember, PublicPool, is_open_to
from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import Actor
from ltc.users.models import Membership, Team

EDITABLE = frozenset({*RULES, "name", "active", "is_default", "open_to_all"})


class PoolBook:
    """The active pools and who belongs to them, read once: two or three queries, however many records are asked about."""

    def __init__(self) -> None:
        self.pools = list(PublicPool.objects.filter(active=True).prefetch_related("members__team"))
        self.default = next((pool for pool in self.pools if pool.is_default), None) or PublicPool(is_default=True, open_to_all=True)
        self._by_id = {pool.pk: pool for pool in self.pools}
        self._named = [pool for pool in self.pools if not pool.is_default and not pool.open_to_all]

    def home(self, pool: Any = None, owner: Membership | None = None) -> PublicPool:
        """The pool that a record goes back to: the one it came from, else the first that names its owner, else the default one."""
        if pool in self._by_id:
            return self._by_id[pool]
        if owner is None:
            return self.default
        path = owner.team.path if owner.team is not None else ""
        return next((known for known in self._named if is_open_to(known, owner.pk, path)), self.default)

    def stored(self, pool: PublicPool) -> PublicPool | None:
        """The pool as a record may name it: one that the tenant has not written down has no row."""
        return pool if pool.pk in self._by_id else None


@transaction.atomic
def create_pool(*, actor: Actor, teams: Sequence[Team] = (), people: Sequence[Membership] = (), **fields: Any) -> PublicPool:
    """A new pool; the tenant's first one is its default. Raises Forbidden, Refusal."""
    if not actor.has_perm("pools.add"):
        raise Forbidden(_("You may not change the pools. Ask your administrator."))
    pool = PublicPool(**fields)
    pool.is_default = pool.is_default or not PublicPool.objects.filter(is_default=True).exists()
    return _saved(pool, teams, people)


@transaction.atomic
def update_pool(
    pool: PublicPool, *, actor: Actor, teams: Sequence[Team] | None = None, people: Sequence[Membership] | None = None, **changes: Any
) -> PublicPool:
    """Change a pool's rules or members; `teams` and `people`, if given, replace the present ones. Raises Forbidden, Refusal."""
    if not actor.has_perm("pools.change"):
        raise Forbidden(_("You may not change the pools. Ask your administrator."))
    locked = PublicPool.objects.select_for_update().get(pk=pool.pk)
    if locked.is_default and not changes.get("is_default", True):
        raise Refusal(_("Make another pool the default one instead."), code="default_required", field="is_default")
    for name, value in changes.items():
        setattr(locked, name, value)
    return _saved(locked, teams, people)


def _saved(pool: PublicPool, teams: Sequence[Team] | None, people: Sequence[Membership] | None) -> PublicPool:
    if pool.is_default and not pool.active:
        raise Refusal(
            _("The default pool cannot be switched off. Make another one the default first."), code="invalid_input", field="active"
        )
    if pool.is_default:
        PublicPool.objects.filter(is_default=True).exclude(pk=pool.pk).update(is_default=False)
    try:
        pool.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refusal(messages[0], code="invalid_input", field="" if field == "__all__" else field) from error
    pool.save()
    for name, chosen in (("team", teams), ("member", people)):
        if chosen is not None:
            pool.members.filter(**{f"{name}__isnull": False}).delete()
            PoolMember.objects.bulk_create(PoolMember(pool=pool, **{name: each}) for each in dict.fromkeys(chosen))
    return PublicPool.objects.prefetch_related("members__team", "members__member").get(pk=pool.pk)
