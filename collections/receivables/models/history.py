"""The past of a company as it came in from another system: each run, and each fact that was taken from a file."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantLog, TenantRecord
from ltc.users.models import Membership
from ltc.users.visibility import Visible


class HistoryImport(Visible, TenantRecord):
    """One file of history on its way in, or tried out: how far it is and what came of it."""

    permission_area = "history"
    own_fields = ("owner",)

    class State(models.TextChoices):
        UPLOADING = "uploading", _("Uploading")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAULTY = "faulty", _("Has faults")
        FAILED = "failed", _("Failed")

    file_name = models.CharField(_("File"), max_length=255, blank=True)
    owner = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Started by"))
    state = models.CharField(_("State"), max_length=9, choices=State, default=State.WAITING)
    dry_run = models.BooleanField(_("Trial"), default=False)
    size = models.BigIntegerField(_("Size"), default=0)
    lines = models.BigIntegerField(_("Lines"), default=0)
    added = models.BigIntegerField(_("Facts added"), default=0)
    skipped = models.BigIntegerField(_("Known already"), default=0)
    fault_count = models.BigIntegerField(_("Faults"), default=0)
    counts = models.JSONField(_("By kind"), default=dict)
    error = models.TextField(_("Error"), max_length=2000, blank=True)
    started_at = models.DateTimeField(_("Started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("Finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("History import")
        verbose_name_plural = _("History imports")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["uploading", "waiting", "running", "done", "faulty", "failed"]),
                name="history_import_state_is_legal",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-created_at", "-id"], name="history_imports_newest")]

    def __str__(self) -> str:
        return self.file_name or f"{self.created_at:%F %T}"


class ImportedFact(TenantLog):
    """One line of a history as it was taken in: by its `ref` or its digest the same line is known again.

    `subject` is the record that the fact is about, `origin` the record that its record came from (an opportunity's lead, an order's
    opportunity), `at` the instant by which the facts of one subject are put in order.
    """

    run = TenantForeignKey(HistoryImport, models.PROTECT, related_name="facts")
    line = models.BigIntegerField()
    object = models.CharField(max_length=20)
    ref = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=32)
    subject = models.UUIDField(null=True)
    origin = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "object", "ref"], condition=~models.Q(ref=""), name="history_ref_is_unique"),
        ]
        indexes = [
            models.Index(fields=["tenant", "object", "digest"], condition=models.Q(ref=""), name="history_facts_without_ref"),
            models.Index(fields=["tenant", "object", "origin"], condition=models.Q(origin__isnull=False), name="history_facts_by_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.object} {self.ref or self.digest}"


class ImportedRecord(TenantLog):
    """Which record of the ledger was made of an imported fact, where the two have ids of their own."""

    run = TenantForeignKey(HistoryImport, models.PROTECT, related_name="records")
    fact = models.UUIDField()
    record = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "fact"], name="one_record_of_an_imported_fact")]
        indexes = [models.Index(fields=["tenant", "record"], name="imported_facts_of_a_record")]

    def __str__(self) -> str:
        return f"{self.fact} is {self.record}"


class HistoryFault(TenantLog):
    """One thing that is wrong with one line of a history file, and what to do about it."""

    append_only = False
    change_logged = False

    run = TenantForeignKey(HistoryImport, models.CASCADE, related_name="faults")
    line = models.BigIntegerField(_("Line"))
    object = models.CharField(_("Object"), max_length=40, blank=True)
    field = models.CharField(_("Field"), max_length=60, blank=True)
    message = models.CharField(_("What is wrong"), max_length=1000)
    remedy = models.CharField(_("What to do"), max_length=1000, blank=True)

    class Meta:
        ordering = ["line", "id"]
        indexes = [models.Index(fields=["tenant", "run", "line"], name="history_faults_of_a_run")]

    def __str__(self) -> str:
        return f"{self.line}: {self.message}"


class HistoryPart(TenantLog):
    """A piece of an uploaded history file, kept until it has been read: a worker may run on another machine."""

    append_only = False
    change_logged = False

    run = TenantForeignKey(HistoryImport, models.CASCADE, related_name="parts")
    seq = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "run", "seq"], name="history_part_seq_is_unique")]

    def __str__(self) -> str:
        return f"part {self.seq}"
