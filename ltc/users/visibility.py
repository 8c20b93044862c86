"""Which records an actor may see or act on. One rule for lists, search, counts, boards, exports, the API and single checks."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from ltc.users.roles import Scope

if TYPE_CHECKING:
    from ltc.users.actors import Actor


class VisibleQuerySet(models.QuerySet):
    """A queryset that can be narrowed to what an actor may see."""

    def visible_to(self, actor: "Actor", permission: str | None = None) -> Self:
        """The records on which `actor` holds `permission` (the area's `view` if none is named)."""
        model: Any = self.model
        scopes = actor.scopes(permission or f"{model.permission_area}.view")
        if Scope.ALL in scopes:
            return self
        prefix, allowed = model.visible_through, models.Q(pk__in=[])
        if Scope.OWN in scopes:
            for name in model.own_fields:
                allowed |= models.Q(**{prefix + name: actor.pk})
            if shared := model.shared_with(actor, prefix):
                allowed |= shared
        if Scope.TEAM in scopes:
            for name in model.team_fields:
                allowed |= models.Q(**{f"{prefix}{name}__in": actor.team_ids()})
        if Scope.POOL in scopes:
            allowed |= model.in_pool_of(actor, prefix)
        return self.filter(allowed)


class Visible(models.Model):
    """A record with an owner and a team, or one that follows such a record.

    `visible_through` is the lookup prefix to the record that has them ("order__"); empty if it is this one.
    """

    permission_area = ""
    visible_through = ""
    own_fields: tuple[str, ...] = ("owner",)
    team_fields: tuple[str, ...] = ("team",)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_within(self, actor: "Actor", scopes: Any) -> bool:
        """Whether this record lies in one of an actor's scopes; the same rule as `visible_to`, without a query."""
        if Scope.ALL in scopes:
            return True
        bearer: Any = self
        for step in filter(None, self.visible_through.split("__")):
            bearer = getattr(bearer, step)
            if bearer is None:
                return False
        if Scope.TEAM in scopes and any(_team_of(bearer, name) in actor.team_ids() for name in self.team_fields):
            return True  # first, because a board asks this of hundreds of records and one look-up answers it
        if Scope.OWN in scopes and any(getattr(bearer, f"{name}_id") == actor.pk for name in self.own_fields):
            return True
        if Scope.OWN in scopes and bearer.is_shared_with(actor):
            return True
        return Scope.POOL in scopes and self._is_pooled(bearer, actor)

    @classmethod
    def shared_with(cls, actor: "Actor", prefix: str = "") -> models.Q | None:
        """The records of others that an actor works on beside their owners; None where there is no such thing."""
        return None

    def is_shared_with(self, actor: "Actor") -> bool:
        """The same of one record."""
        return False

    def _is_pooled(self, bearer: Any, actor: "Actor") -> bool:
        return bool(bearer.is_in_pool_of(actor))

    @classmethod
    def in_pool_of(cls, actor: "Actor", prefix: str = "") -> models.Q:
        """The records of the pool that an actor may see: those without an owner."""
        return models.Q(**{f"{prefix}{cls.own_fields[0]}__isnull": True})

    def is_in_pool_of(self, actor: "Actor") -> bool:
        """The same of one record."""
        return getattr(self, f"{self.own_fields[0]}_id") is None


def _team_of(record: Any, path: str) -> Any:
    """The id of the team at the end of a path of fields; None where the path breaks off."""
    *steps, name = path.split("__")
    for step in steps:
        record = getattr(record, step)
        if record is None:
            return None
    return getattr(record, f"{name}_id")
