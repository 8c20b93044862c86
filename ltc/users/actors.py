"""Who acts: a member, an API key, or the system. All answer the same questions."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from ltc.users.roles import Scope


class Actor(Protocol):
    """Whoever a change is attributed to."""

    pk: Any
    kind: str

    @property
    def label(self) -> str: ...

    def scopes(self, permission: str) -> Sequence[Scope]: ...

    def has_perm(self, permission: str, record: Any = None) -> bool: ...

    def team_ids(self) -> frozenset[Any]: ...


class SystemActor:
    """A job or an event handler: may do what the rules themselves ask for."""

    pk = None
    kind = "system"
    label = "System"

    def scopes(self, permission: str) -> Sequence[Scope]:
        return (Scope.ALL,)

    def has_perm(self, permission: str, record: Any = None) -> bool:
        return True

    def team_ids(self) -> frozenset[Any]:
        return frozenset()


SYSTEM: Final = SystemActor()
