"""One team's numbers, as somebody sees them who sees more: the team switch of the dashboards."""

from collections.abc import Sequence
from typing import Any

from ltc.users.actors import Actor
from ltc.users.models import Team
from ltc.users.roles import Scope


class TeamOnly:
    """An actor who looks at the records of one team and the teams below it only. Never more than the actor sees anyway."""

    def __init__(self, actor: Actor, team: Team) -> None:
        self.actor, self.team = actor, team
        self.pk, self.kind = actor.pk, actor.kind
        below = Team.objects.filter(path__gte=team.path, path__lt=team.path + "~").values_list("pk", flat=True)
        self._teams = frozenset(below)

    @property
    def label(self) -> str:
        return self.actor.label

    def scopes(self, permission: str) -> Sequence[Scope]:
        wide = {Scope.ALL, Scope.TEAM} & set(self.actor.scopes(permission))
        return (Scope.TEAM,) if wide else ()

    def has_perm(self, permission: str, record: Any = None) -> bool:
        scopes = self.scopes(permission)
        return bool(scopes) and (record is None or record.is_within(self, scopes))

    def team_ids(self) -> frozenset[Any]:
        return self._teams


def teams_of(actor: Actor) -> list[Team]:
    """The teams whose numbers an actor may look at by themselves, in the order of the tree; none for who sees their own records only."""
    scopes = actor.scopes("metrics.view")
    if Scope.ALL in scopes:
        return list(Team.objects.order_by("path"))
    if Scope.TEAM in scopes:
        return list(Team.objects.filter(pk__in=actor.team_ids()).order_by("path"))
    return []
