"""How a tenant scores its leads: the scorecard in its versions, the learned models, and which of them is in force."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.choices import ScoreMode
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantLog, TenantRecord
from ltc.users.visibility import Visible


class ScoringConfig(Visible, TenantRecord):
    """A version of a tenant's scorecard. `rules` holds only the differences from the default; one version is active."""

    permission_area = "settings"

    name = models.CharField(_("name"), max_length=120)
    number = models.PositiveIntegerField(_("version number"), default=1, editable=False)
    rules = models.JSONField(_("rules"), default=dict, blank=True)
    active = models.BooleanField(_("active"), default=True)
    made_by = models.CharField(_("made by"), max_length=120, blank=True, editable=False)

    class Meta:
        verbose_name = _("scoring configuration")
        verbose_name_plural = _("scoring configurations")
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=models.Q(active=True), name="one_active_scoring_config"),
        ]

    def __str__(self) -> str:
        return self.name


class ScoreModel(Visible, TenantRecord):
    """A regression that was learned from a tenant's own leads, with all that is needed to use, judge and repeat it."""

    permission_area = "settings"

    number = models.PositiveIntegerField(_("number"), editable=False)
    trained_at = models.DateTimeField(_("trained"))
    trained_by = models.CharField(_("trained by"), max_length=120, blank=True)
    captured_from = models.DateTimeField(_("leads captured from"))
    captured_to = models.DateTimeField(_("leads captured to"))
    accepted = models.BooleanField(_("good enough"))
    objections = models.JSONField(_("what stands against it"), default=list)
    coefficients = models.JSONField(_("coefficients"), default=dict)
    penalty = models.FloatField(_("penalty"))
    base_rate = models.FloatField(_("base rate"))
    rows = models.PositiveIntegerField(_("leads"))
    positives = models.PositiveIntegerField(_("converted leads"))
    training_rows = models.PositiveIntegerField(_("leads fitted on"))
    metrics = models.JSONField(_("figures"), default=dict)
    rule_metrics = models.JSONField(_("figures of the rules"), default=dict)
    distribution = models.JSONField(_("distribution of probabilities"), default=dict)
    scorecard = TenantForeignKey(ScoringConfig, models.PROTECT, null=True, related_name="+", verbose_name=_("scorecard"))
    data_hash = models.CharField(_("hash of the data"), max_length=64)
    code_version = models.CharField(_("version of the code"), max_length=40)

    class Meta:
        verbose_name = _("score model")
        verbose_name_plural = _("score models")
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="score_model_number_is_unique")]

    def __str__(self) -> str:
        return f"#{self.number}"


class ScoringState(TenantRecord):
    """What scores a tenant's leads now: one row, so that a switch is one write. `last_training` tells how the last attempt went."""

    Mode = ScoreMode

    mode = models.CharField(max_length=6, choices=ScoreMode, default=ScoreMode.RULES)
    model = TenantForeignKey(ScoreModel, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    last_training_at = models.DateTimeField(null=True)
    last_training = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_scoring_state"),
            models.CheckConstraint(condition=models.Q(mode="rules") | models.Q(model__isnull=False), name="scoring_by_a_model_names_it"),
        ]

    def __str__(self) -> str:
        return self.mode


class ScoreSwitch(TenantLog):
    """A switch of what scores the leads: activated, put on trial, rolled back, or given up by the watch."""

    mode = models.CharField(max_length=6, choices=ScoreMode)
    model = TenantForeignKey(ScoreModel, models.PROTECT, null=True, related_name="switches")
    at = models.DateTimeField()
    by = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name_plural = "score switches"
        indexes = [models.Index(fields=["tenant", "-at", "-id"], name="score_switches_newest_first")]

    def __str__(self) -> str:
        return f"{self.mode} from {self.at:%F %T}"


class ScoreCheck(TenantLog):
    """A look at how a model does on leads that have matured since: its ranking, and whether the leads are still of the kind it knows."""

    model = TenantForeignKey(ScoreModel, models.PROTECT, related_name="checks")
    at = models.DateTimeField()
    rows = models.PositiveIntegerField()
    positives = models.PositiveIntegerField()
    auc = models.FloatField(null=True)
    psi = models.FloatField(null=True)
    objections = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["tenant", "model", "at"], name="score_checks_of_a_model")]

    def __str__(self) -> str:
        return f"{self.model_id} at {self.at:%F %T}"
