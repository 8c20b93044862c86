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


class RollUp(TenantModel):
    """How far a roll-up has come: every change before `seen_until` is in it."""

    change_logged = False

    name = models.CharField(max_length=30)
    seen_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="one_state_per_roll_up")]

    def __str__(self) -> str:
        return f"{self.name} until {self.seen_until}"


class MetricSnapshot(TenantModel):
    """A metric as it was at the close of a period: the value as reported, which later knowledge may restate but never changes."""

    append_only = True

    code = models.CharField(max_length=60)
    first = models.DateField()
    last = models.DateField()
    dims = models.JSONField(default=dict)
    dims_hash = models.CharField(max_length=16)
    value = models.DecimalField(max_digits=24, decimal_places=4, null=True)
    numerator = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    denominator = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    table = models.JSONField(null=True)
    flags = models.JSONField(default=list)
    as_of = models.DateTimeField()
    as_of_date = models.DateField()
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "code", "first", "last", "dims_hash", "as_of_date"], name="one_snapshot_per_metric_and_close"
            ),
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="a_snapshots_period_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.first} – {self.last}: {self.value}"


class Figure(TenantModel):
    """A metric of a running or recent period as it was counted last, for the dashboards of companies too large to count at each look."""

    change_logged = False

    code = models.CharField(max_length=60)
    first = models.DateField()
    last = models.DateField()
    value = models.DecimalField(max_digits=24, decimal_places=4, null=True)
    numerator = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    denominator = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    table = models.JSONField(null=True)
    flags = models.JSONField(default=list)
    slices = models.JSONField(default=dict)
    counted = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code", "first", "last"], name="one_figure_per_metric_and_period"),
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="a_figures_period_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.first} – {self.last}: {self.value}"
