"""Sequences of mails and tasks that keep in touch with leads, who is on them, and what went out."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.models.choices import Grade
from leads.models.leads import Lead
from leads.models.web_forms import new_token
from leads.nurturing.texts import unknown_in
from ltc.notifications.models import OutgoingMessage
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.visibility import Visible
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.models import StatefulModel

LONGEST_WAIT = 500


class NurtureSequence(Visible, TenantRecord):
    """Mails and tasks one after the other, each some time after the one before; and which leads come on it by themselves."""

    permission_area = "nurturing"
    own_fields = ()
    open_to_reference = True

    class EnrolsOn(models.TextChoices):
        NEVER = "", _("by hand only")
        CAPTURED = "captured", _("when they are captured")
        NURTURED = "nurtured", _("when they are put aside for a while")
        MARKETING_QUALIFIED = "mql", _("when they become marketing-qualified")

    name = models.CharField(_("name"), max_length=120)
    active = models.BooleanField(_("active"), default=True)
    enrols_on = models.CharField(_("leads come on it"), max_length=8, choices=EnrolsOn, blank=True, default=EnrolsOn.NEVER)
    channels = ArrayField(models.CharField(max_length=120), verbose_name=_("only from these sources"), default=list, blank=True)
    grades = ArrayField(
        models.CharField(max_length=1, choices=Grade.choices), verbose_name=_("only of these grades"), default=list, blank=True
    )
    reply_to = models.EmailField(
        _("answers go to"),
        max_length=254,
        blank=True,
        help_text=_("Empty: to the lead's owner. Best an address of a connected mailbox."),
    )

    class Meta:
        verbose_name = _("sequence")
        verbose_name_plural = _("sequences")
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="nurture_sequence_name_is_unique")]

    def __str__(self) -> str:
        return self.name

    def fits(self, lead: Lead) -> bool:
        """Whether a lead is one of those that come on it by themselves."""
        return (not self.channels or lead.channel.code in self.channels) and (not self.grades or lead.grade in self.grades)


class NurtureStep(Visible, TenantRecord):
    """One mail or task of a sequence, so long after the one before; in English, in Chinese, or both."""

    permission_area = "nurturing"
    own_fields = ()

    class Kind(models.TextChoices):
        EMAIL = "email", pgettext_lazy("step", "E-mail")
        TASK = "task", _("Task")

    class Unit(models.TextChoices):
        HOURS = "hours", _("hours")
        BUSINESS_DAYS = "business_days", _("business days")

    sequence = TenantForeignKey(NurtureSequence, models.PROTECT, related_name="steps", verbose_name=_("sequence"))
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    active = models.BooleanField(_("active"), default=True)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind, default=Kind.EMAIL)
    wait = models.PositiveSmallIntegerField(_("wait"), default=0, validators=[MaxValueValidator(LONGEST_WAIT)])
    unit = models.CharField(_("in"), max_length=13, choices=Unit, default=Unit.BUSINESS_DAYS)
    subject_en = models.CharField(_("subject or task, English"), max_length=200, blank=True)
    body_en = models.TextField(_("text, English"), max_length=10_000, blank=True)
    subject_zh = models.CharField(_("subject or task, Chinese"), max_length=200, blank=True)
    body_zh = models.TextField(_("text, Chinese"), max_length=10_000, blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ("position", "id")
        indexes = [models.Index(fields=["tenant", "sequence", "position", "id"], name="nurture_steps_in_order")]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["email", "task"]), name="nurture_step_kind_is_legal"),
            models.CheckConstraint(condition=models.Q(unit__in=["hours", "business_days"]), name="nurture_step_unit_is_legal"),
        ]

    def __str__(self) -> str:
        return self.subject_en or self.subject_zh or str(self.get_kind_display())

    def clean(self) -> None:
        """A step says something in one language at least, a mail with a text, and uses variables that there are."""
        said = [code for code in ("en", "zh") if getattr(self, f"subject_{code}")]
        if not said:
            raise ValidationError({"subject_en": _("Write a subject in one language at least.")})
        for code in said:
            if self.kind == self.Kind.EMAIL and not getattr(self, f"body_{code}").strip():
                raise ValidationError({f"body_{code}": _("Write the text that goes with the subject.")})
        for name in ("subject_en", "body_en", "subject_zh", "body_zh"):
            if unknown := unknown_in(getattr(self, name)):
                raise ValidationError({name: _("This is not known in mails: %(names)s") % {"names": unknown}})

    def text(self, language: str) -> tuple[str, str, str]:
        """The language, subject and text in that language; in the other one if it is not written in this one."""
        code = "zh" if language.lower().startswith("zh") else "en"
        if not getattr(self, f"subject_{code}"):
            code = "en" if code == "zh" else "zh"
        return {"zh": "zh-hans"}.get(code, "en"), getattr(self, f"subject_{code}"), getattr(self, f"body_{code}")


class Enrolment(StatefulModel):
    """A lead on a sequence, until the sequence is through or a reason stops it."""

    permission_area = "leads"
    visible_through = "lead__"

    class State(models.TextChoices):
        ACTIVE = "active", _("On the way")
        FINISHED = "finished", _("Through")
        STOPPED = "stopped", _("Stopped")

    class Reason(models.TextChoices):
        REPLIED = "replied", _("They answered")
        CONVERTED = "converted", _("Converted")
        DISQUALIFIED = "disqualified", _("Disqualified")
        MERGED = "merged", _("Merged into another lead")
        OPTED_OUT = "opted_out", _("They want no more mail")
        NO_CONSENT = "no_consent", _("They have not agreed to mail")
        NO_ADDRESS = "no_address", _("No e-mail address")
        BOUNCED = "bounced", _("Mail does not arrive")
        BY_HAND = "by_hand", _("By hand")

    class How(models.TextChoices):
        HAND = "user", _("By hand")
        API = "api", _("By a program")
        RULE = "system", _("By rule")

    lead = TenantForeignKey(Lead, models.PROTECT, related_name="enrolments", verbose_name=_("lead"))
    sequence = TenantForeignKey(NurtureSequence, models.PROTECT, related_name="enrolments", verbose_name=_("sequence"))
    state = StateField(_("state"), choices=State, default=State.ACTIVE)
    how = models.CharField(_("how they came on it"), max_length=6, choices=How, default=How.HAND, editable=False)
    language = models.CharField(_("language"), max_length=10, default="en", editable=False)
    stop_reason = models.CharField(_("why it stopped"), max_length=12, choices=Reason, blank=True, editable=False)
    started_at = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("until"), null=True, editable=False)

    class Meta:
        verbose_name = _("lead on a sequence")
        verbose_name_plural = _("leads on sequences")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "lead", "sequence"], condition=models.Q(state="active"), name="a_lead_is_on_a_sequence_once"
            ),
            models.CheckConstraint(condition=models.Q(stop_reason="") | models.Q(state="stopped"), name="only_what_stopped_has_a_reason"),
        ]
        indexes = [
            models.Index(fields=["tenant", "sequence", "state", "-started_at", "-id"], name="enrolments_of_a_sequence"),
            models.Index(fields=["tenant", "-started_at", "-id"], name="enrolments_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.lead} · {self.sequence}"

    @classmethod
    def in_pool_of(cls, actor: Any, prefix: str = "") -> models.Q:
        """Those of the leads in the actor's pools."""
        return Lead.in_pool_of(actor, prefix)

    @transition(state, source=State.ACTIVE, target=State.STOPPED, permission="leads.enrol", label=_("Stop"), icon="ban", danger=True)
    def stop(self, *, at: Any) -> None:
        """Someone takes the lead off the sequence."""
        self.stop_reason, self.ended_at = self.Reason.BY_HAND, at

    @transition(state, source=State.ACTIVE, target=State.STOPPED, permission="leads.enrol", label=_("Stopped"), automatic=True)
    def halt(self, *, reason: str, at: Any) -> None:
        """They answered, bought, or want no more: nothing is sent any more."""
        self.stop_reason, self.ended_at = reason, at

    @transition(state, source=State.ACTIVE, target=State.FINISHED, permission="leads.enrol", label=_("Through"), automatic=True)
    def finish(self, *, at: Any) -> None:
        """The last step is done."""
        self.ended_at = at

    @transition(
        state, source=State.ACTIVE, target=None, permission="leads.enrol", label=_("Send again"), icon="rotate-ccw",
        confirm=_("Send it again only if you know that it did not arrive."),
    )  # fmt: skip
    def resend(self) -> None:
        """Someone has looked: the last mail did not arrive, and gets another attempt."""

    @transition(state, source=State.ACTIVE, target=None, permission="leads.enrol", label=_("It did go out"), icon="check")
    def confirm(self) -> None:
        """Someone has looked: they have the mail, and the sequence goes on."""


class NurtureMessage(Visible, OutgoingMessage):
    """One step of one lead: when it is due, what went out, and what came of it."""

    permission_area = "leads"
    visible_through = "enrolment__lead__"

    class Outcome(models.TextChoices):
        NONE = "", _("Nothing yet")
        REPLIED = "replied", _("They answered")
        CONVERTED = "converted", _("Converted")
        OPTED_OUT = "opted_out", _("They want no more mail")
        BOUNCED = "bounced", _("Mail does not arrive")

    enrolment = TenantForeignKey(Enrolment, models.PROTECT, related_name="messages")
    step = TenantForeignKey(NurtureStep, models.PROTECT, related_name="messages", verbose_name=_("step"))
    token = models.CharField(max_length=40, default=new_token, editable=False)
    outcome = models.CharField(_("came of it"), max_length=9, choices=Outcome, blank=True, default=Outcome.NONE)
    outcome_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("nurturing mail")
        verbose_name_plural = _("nurturing mails")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "enrolment", "step"], name="a_step_is_done_once_per_lead"),
            models.UniqueConstraint(fields=["tenant", "token"], name="nurture_message_token_is_unique"),
            models.CheckConstraint(
                condition=~models.Q(status__in=["sent", "delivered", "bounced", "simulated"]) | models.Q(sent_at__isnull=False),
                name="a_sent_nurture_message_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "not_before"], condition=models.Q(status__in=["queued", "sending"]), name="nurturing_to_send"),
            models.Index(fields=["tenant", "step", "status"], name="nurturing_by_step"),
        ]

    def __str__(self) -> str:
        return self.subject or str(self.step)

    @classmethod
    def in_pool_of(cls, actor: Any, prefix: str = "") -> models.Q:
        """Those of the leads in the actor's pools."""
        return Lead.in_pool_of(actor, prefix)


class MailOptOut(TenantRecord):
    """An address whose owner wants no mail of ours any more, whichever lead or contact it stands on."""

    email = models.EmailField(_("e-mail"), max_length=254)
    at = models.DateTimeField()
    source = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "email"], name="an_address_opts_out_once")]

    def __str__(self) -> str:
        return f"{self.at:%F}"
