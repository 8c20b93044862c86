"""The list of leads as a file."""

from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _

from leads.masking import CONTACT_FIELDS, MASKS, contact_data
from leads.models import Lead
from leads.views import LeadList
from ltc.web.saved import ExportView


class LeadExport(ExportView, LeadList):
    """All leads of the list as a file. Contact data is whole only for who may export personal data and sees it."""

    def queryset(self) -> Any:
        return super().queryset().select_related("team", "campaign", "pool")

    def export_columns(self) -> list[tuple[Any, Any]]:
        plain = [
            *(
                "number",
                "company_name",
                "title",
                "contact_name",
                "channel",
                "campaign",
                "score",
                "grade",
                "owner",
                "team",
                "pool",
                "region",
            ),
            *(
                "industry",
                "est_amount",
                "currency",
                "need",
                "product_interest",
                "captured_at",
                "last_activity_at",
                "source_system",
                "external_ref",
            ),
        ]
        found = [(Lead._meta.get_field(name).verbose_name, attrgetter(name)) for name in plain]  # type: ignore[union-attr]
        contact = [(Lead._meta.get_field(name).verbose_name, self._contact(name)) for name in CONTACT_FIELDS]  # type: ignore[union-attr]
        return [*found[:4], *contact, (_("State"), lambda lead: lead.get_state_display()), *found[4:]]

    def _contact(self, name: str) -> Any:
        def shown(lead: Lead) -> str:
            if self.may_export_personal_data:
                return contact_data(lead, self.actor)[name]
            return str(MASKS[name](getattr(lead, name)))

        return shown
