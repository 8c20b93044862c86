from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.tenancy.models import TenantRecord
from ltc.users.visibility import Visible


class CloseReason(Visible, TenantRecord):
    """Why something ended without success: a lead, an opportunity, an order, a stay with an owner."""

    permission_area = "catalog"

    class Kind(models.TextChoices):
        DISQUALIFY = "disqualify", _("Lead disqualified")
        LOST = "lost", _("Opportunity lost")
        CANCEL = "cancel", _("Cancelled")
        RETURN = "return", _("Returned to the pool")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    code = models.SlugField(_("code"), max_length=40, db_index=False)
    name = models.CharField(_("name"), max_length=120)
    counts_in_denominator = models.BooleanField(_("counts in rates"), default=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("close reason")
        verbose_name_plural = _("close reasons")
        ordering = ("kind", "name", "id")
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "code"], name="close_reason_code_is_unique")]

    def __str__(self) -> str:
        return self.name
