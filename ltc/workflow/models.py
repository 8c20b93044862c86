from typing import Any

from django.db import models

from ltc.tenancy.models import TenantRecord
from ltc.users.visibility import Visible


class StatefulModel(Visible, TenantRecord):
    """A record with a state machine, an owner and a history."""

    class Meta:
        abstract = True

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self._reloading = True
        try:
            super().refresh_from_db(*args, **kwargs)
        finally:
            self._reloading = False

    def refuse_first(self, name: str, actor: Any) -> None:
        """Raise a Refusal that is truer than "you may not": asked before the permission. Nothing by default."""


def link_type(record: models.Model | type[models.Model]) -> str:
    """The name of a record's kind in URLs, the API and the palette: `lead`, `opportunity`, `order` ..."""
    return str(record._meta.model_name)
