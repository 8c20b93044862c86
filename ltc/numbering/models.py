from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ltc.numbering.patterns import DEFAULT_PATTERN
from ltc.tenancy.models import TenantModel


class NumberSequence(TenantModel):
    """Where the numbers of one kind of document stand in one year: the next one to be given, and how numbers look.

    `series` tells apart the documents of several legal entities; empty for the only one. Not in the change log: every number given is
    on a document, and a line per number would double the writes of posting.
    """

    permission_area = "settings"
    change_logged = False

    series = models.CharField(_("Series"), max_length=20, blank=True)
    doc_type = models.CharField(_("Document type"), max_length=30)
    period_key = models.CharField(_("Period"), max_length=10)
    prefix = models.CharField(_("Prefix"), max_length=10)
    pattern = models.CharField(_("Pattern"), max_length=60, default=DEFAULT_PATTERN)
    gap_free = models.BooleanField(_("Without gaps"))
    next_value = models.PositiveBigIntegerField(_("Next number"), default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "series", "doc_type", "period_key"], name="one_number_sequence_per_period"),
            models.CheckConstraint(condition=Q(next_value__gte=1), name="numbers_start_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} {self.period_key}: {self.next_value}"


class NumberBlock(TenantModel):
    """Numbers set aside from a sequence that allows gaps, for one transaction at a time to draw from."""

    permission_area = "settings"
    change_logged = False

    series = models.CharField(max_length=20, blank=True)
    doc_type = models.CharField(max_length=30)
    period_key = models.CharField(max_length=10)
    next_value = models.PositiveBigIntegerField()
    last_value = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "series", "doc_type", "period_key", "last_value"], name="number_blocks_do_not_repeat"
            ),
            models.CheckConstraint(condition=Q(next_value__lte=F("last_value")), name="a_number_block_is_not_used_up"),
        ]

    def __str__(self) -> str:
        return f"{self.doc_type} {self.period_key}: {self.next_value} to {self.last_value}"
