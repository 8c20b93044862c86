from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from delivery.models.cases import Case
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.visibility import Visible


class Survey(Visible, TenantRecord):
    """We asked a customer how content they are, and what they answered if they did."""

    permission_area = "surveys"
    visible_through = "customer__"

    class Kind(models.TextChoices):
        CSAT = "csat", _("Satisfaction (1 to 5)")
        NPS = "nps", _("Recommendation (0 to 10)")

    kind = models.CharField(_("Kind"), max_length=4, choices=Kind)
    customer = TenantForeignKey("customers.Customer", models.PROTECT, related_name="surveys", verbose_name=_("Customer"))
    case = TenantForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="surveys", verbose_name=_("Service case"))
    order = TenantForeignKey("orders.Order", models.PROTECT, null=True, blank=True, related_name="surveys", verbose_name=_("Order"))
    sent_at = models.DateTimeField(_("Sent"))
    score = models.PositiveSmallIntegerField(_("Score"), null=True, blank=True)
    comment = models.TextField(_("Comment"), blank=True, max_length=2000)
    responded_at = models.DateTimeField(_("Answered"), null=True, blank=True)
    source_system = models.CharField(max_length=40, blank=True)
    external_ref = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("Survey")
        verbose_name_plural = _("Surveys")
        ordering = ["-sent_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source_system", "external_ref"], condition=~Q(external_ref=""), name="survey_external_ref_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(kind="csat", score__range=(1, 5)) | Q(kind="nps", score__range=(0, 10)),
                name="survey_score_in_range",
                violation_error_message=_("Satisfaction goes from 1 to 5, recommendation from 0 to 10."),
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True, responded_at__isnull=True)
                | Q(score__isnull=False, responded_at__isnull=False, responded_at__gte=F("sent_at")),
                name="a_survey_is_answered_after_it_was_sent",
                violation_error_message=_("An answer has a score, and comes after the question."),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-sent_at", "-id"], name="surveys_newest_first"),
            models.Index(fields=["tenant", "kind", "responded_at"], name="surveys_by_answer"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.customer}"
