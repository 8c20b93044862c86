from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.channels import Channel
from leads.models.leads import Lead
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel, TenantRecord
from ltc.users.models import Membership
from ltc.users.visibility import Visible


class ImportBatch(Visible, TenantRecord):
    """A file of leads on its way in: read, mapped, checked, run. Its rows are kept, so that nothing is lost."""

    permission_area = "imports"

    class State(models.TextChoices):
        MAPPING = "mapping", _("Columns being mapped")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        UNDONE = "undone", _("Taken back")

    class OnDuplicate(models.TextChoices):
        CREATE = "create", _("Import it too, and mark it")
        SKIP = "skip", _("Leave it out")
        UPDATE = "update", _("Bring that one up to date")

    file_name = models.CharField(max_length=255, blank=True)
    owner = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    started_by_key = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.MAPPING)
    headers = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    source_system = models.CharField(max_length=60, default="import")
    channel = TenantForeignKey(Channel, models.PROTECT, null=True, related_name="+")
    lead_owner = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    date_order = models.CharField(max_length=3, default="ymd")
    country = models.CharField(max_length=2, blank=True)
    on_duplicate = models.CharField(max_length=6, choices=OnDuplicate, default=OnDuplicate.CREATE)
    distribute = models.BooleanField(default=False)
    captured_on = models.DateField(null=True)
    nameless = models.BooleanField(default=False)
    learn = models.BooleanField(default=False)
    total = models.PositiveIntegerField(default=0)
    checks = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("lead import")
        verbose_name_plural = _("lead imports")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["mapping", "checking", "checked", "running", "done", "undone"]),
                name="leads_importbatch_state_is_legal",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-created_at"], name="imports_newest_first")]

    def __str__(self) -> str:
        return self.file_name or f"{self.created_at:%F %T}"


class ImportRow(TenantModel):
    """One line of an import as it was read, what it means, what is wrong with it and what became of it."""

    change_logged = False

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CREATED = "created", _("Created")
        UPDATED = "updated", _("Updated")
        SKIPPED = "skipped", _("Left out as a duplicate")
        FAILED = "failed", _("Failed")
        UNDONE = "undone", _("Taken back")

    batch = TenantForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    raw = models.JSONField()
    ref = models.CharField(max_length=100, blank=True)
    errors = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.WAITING)
    lead = TenantForeignKey(Lead, models.PROTECT, null=True, related_name="import_rows")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "batch", "line"], name="import_line_is_unique")]
        indexes = [
            models.Index(fields=["tenant", "batch", "outcome", "line"], name="import_rows_by_outcome"),
            models.Index(fields=["tenant", "batch", "ref"], condition=~models.Q(ref=""), name="import_rows_by_reference"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}"
