from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.tenancy.models import TenantRecord
from ltc.users.visibility import Visible


class ScoringConfig(Visible, TenantRecord):
    """How a tenant scores its leads, where it differs from the default scorecard. `rules` holds only the differences."""

    permission_area = "settings"

    name = models.CharField(_("name"), max_length=120)
    rules = models.JSONField(_("rules"), default=dict, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("scoring configuration")
        verbose_name_plural = _("scoring configurations")
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=models.Q(active=True), name="one_active_scoring_config"),
        ]

    def __str__(self) -> str:
        return self.name
