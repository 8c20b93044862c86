from typing import Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.choices import LeadState
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input, Kind


def usable(sequences: Any, lead: Any, actor: Any) -> Any:
    return sequences.filter(active=True)


ENROL = (
    Input("sequence", _("Sequence"), Kind.RECORD, model="leads.NurtureSequence", limit=usable),
    Input("start", _("Begins"), Kind.MOMENT, required=False, help=_("Empty: at once.")),
)


class Nurtured(models.Model):
    """A record that a sequence of mails and tasks may be about."""

    class Meta:
        abstract = True

    @transition(
        cast(StateField, "state"),  # the state field of the model that takes this in
        source=list(LeadState.open()),
        target=None,
        permission="leads.enrol",
        label=_("Put on a sequence"),
        inputs=ENROL,
        icon="mails",
    )
    def enrol(self, *, sequence: Any) -> None:
        """Mails and tasks follow by themselves until they answer, buy, or want no more."""
