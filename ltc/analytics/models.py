from django.db import models

from ltc.tenancy.models import TenantModel


class FunnelDay(TenantModel):
    """The funnel's roll-up: of the leads captured on a day through a channel, how many have reached a step by now."""

    change_logged = False

    day = models.DateField()
    channel = models.CharField(max_length=60)
    step = models.CharField(max_length=30)
    count = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=4, default=0)
    days = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "day", "channel", "step"], name="one_funnel_row_per_day_channel_and_step")]

    def __str__(self) -> str:
        return f"{self.day} {self.channel} {self.step}: {self.count}"
