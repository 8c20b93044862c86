from datetime import date, time
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.customers.models import Customer
from ltc.money.fields import AmountField
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel, TenantRecord
from ltc.users.visibility import Visible


def validate_windows(windows: Any) -> None:
    """Sending hours are pairs of local times, each opening before it closes."""
    try:
        pairs = [(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in windows]
    except (TypeError, ValueError):
        raise ValidationError(_("Write sending hours as pairs of times, such as 09:30–11:30.")) from None
    if any(opens >= closes for opens, closes in pairs):
        raise ValidationError(_("Sending hours open before they close."))


def validate_ranges(ranges: Any) -> None:
    """Days without reminders are pairs of dates, each beginning before it ends."""
    try:
        pairs = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in ranges]
    except (TypeError, ValueError):
        raise ValidationError(_("Write days without reminders as pairs of dates, such as 2026-12-24–2026-12-31.")) from None
    if any(first > last for first, last in pairs):
        raise ValidationError(_("A range of days begins before it ends."))


class DunningPolicy(Visible, TenantRecord):
    """How a tenant reminds its customers of what they owe: the default one, or one for a segment of customers."""

    permission_area = "reminders"
    own_fields = ()

    class ImportMode(models.TextChoices):
        BASELINE = "baseline", _("Begin where the import stands")
        CATCH_UP = "catch_up", _("Catch up on what was missed")

    class DisputeMode(models.TextChoices):
        UNDISPUTED_PART = "undisputed_part", _("Remind of the undisputed part")
        WHOLE_ITEM = "whole_item", _("Do not remind of a disputed item")

    class Interest(models.TextChoices):
        OFF = "off", _("No interest")
        SHOW = "show", _("Show it in the letter")
        PROPOSE_INVOICE = "propose_invoice", _("Show it and propose an invoice")

    name = models.CharField(_("Name"), max_length=80)
    is_default = models.BooleanField(_("Default"), default=False)
    for_classes = ArrayField(
        models.CharField(max_length=12, choices=Customer.EnterpriseClass.choices), verbose_name=_("For customers of these classes"),
        default=list, blank=True,
    )  # fmt: skip
    min_interval_days = models.PositiveSmallIntegerField(_("Least days between two reminders"), default=3)
    min_amount = AmountField(_("Smallest amount reminded of"), default=100, help_text=_("In base currency."))
    consolidate = models.BooleanField(_("One letter for all items of a customer"), default=True)
    business_days_only = models.BooleanField(_("On business days only"), default=True)
    calendar = TenantForeignKey(
        "calendars.BusinessCalendar", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Calendar")
    )
    windows = models.JSONField(
        _("Sending hours"), default=list, blank=True, help_text=_("Pairs of local times."), validators=[validate_windows]
    )
    blackouts = models.JSONField(_("Days without reminders"), default=list, blank=True, validators=[validate_ranges])
    import_mode = models.CharField(_("Imported invoices"), max_length=8, choices=ImportMode, default=ImportMode.BASELINE)
    dispute_mode = models.CharField(_("Disputed items"), max_length=15, choices=DisputeMode, default=DisputeMode.UNDISPUTED_PART)
    unapplied_cash_guard = models.BooleanField(_("Wait while unallocated money may have paid it"), default=True)
    interest = models.CharField(_("Interest"), max_length=15, choices=Interest, default=Interest.OFF)

    class Meta:
        verbose_name = _("Reminder policy")
        verbose_name_plural = _("Reminder policies")
        ordering = ["-is_default", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=Q(is_default=True), name="one_default_dunning_policy"),
            models.CheckConstraint(condition=Q(min_amount__gte=0), name="dunning_min_amount_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class Channel(models.TextChoices):
    """A way to a customer. A call and a letter are tasks for our own people."""

    EMAIL = "email", _("E-mail")
    WECOM = "wecom", _("WeCom message")
    SMS = "sms", _("Text message")
    CALL_TASK = "call_task", _("Call")
    LETTER_TASK = "letter_task", _("Letter")


class DunningStep(Visible, TenantModel):
    """One level of a policy: so many days after the due date, in which tone, on which ways."""

    permission_area = "reminders"
    own_fields = ()

    class Mode(models.TextChoices):
        FIRST_REACHABLE = "first_reachable", _("The first that reaches")
        ALL = "all", _("All that reach")

    class Copy(models.TextChoices):
        OWNER = "owner", _("Owner")
        MANAGER = "manager", _("Sales manager")

    class Action(models.TextChoices):
        TASK = "task", _("Task for finance")
        CREDIT_HOLD = "credit_hold_proposal", _("Propose a credit hold")
        ESCALATE = "escalate", _("Escalate")
        LEGAL_BUNDLE = "legal_bundle", _("Collect the documents for the lawyers")

    policy = TenantForeignKey(DunningPolicy, models.CASCADE, related_name="steps")
    level = models.PositiveSmallIntegerField(_("Level"))
    offset_days = models.SmallIntegerField(_("Days after the due date"))
    tone = models.CharField(_("Tone"), max_length=10)
    channels = ArrayField(models.CharField(max_length=12, choices=Channel.choices), verbose_name=_("Ways"), default=list)
    channel_mode = models.CharField(_("Which of them"), max_length=15, choices=Mode, default=Mode.FIRST_REACHABLE)
    template_code = models.CharField(_("Text"), max_length=20, blank=True)
    from_base = AmountField(_("Smallest item"), default=0)
    requires_approval = models.BooleanField(_("Needs approval"), default=False)
    cc = ArrayField(models.CharField(max_length=7, choices=Copy.choices), verbose_name=_("Copies to"), default=list, blank=True)
    actions = ArrayField(
        models.CharField(max_length=20, choices=Action.choices), verbose_name=_("What else happens"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("Reminder level")
        ordering = ["level"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "policy", "level"], name="dunning_level_is_unique"),
            models.CheckConstraint(condition=Q(level__gte=1), name="dunning_levels_start_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.offset_days:+d}"

    @property
    def text(self) -> str:
        """The code of the letter that this level sends."""
        return self.template_code or f"L{min(self.level, 7)}"


class CustomerDunningSetting(Visible, TenantRecord):
    """What is different for one customer: its policy, its language, a pause, or no reminders at all."""

    permission_area = "reminders"
    visible_through = "customer__"

    customer = TenantForeignKey(Customer, models.PROTECT, related_name="dunning_settings", verbose_name=_("Customer"))
    policy = TenantForeignKey(DunningPolicy, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Reminder policy"))
    language = models.CharField(_("Language"), max_length=10, blank=True, choices=[("en", "English"), ("zh-hans", "简体中文")])
    excluded = models.BooleanField(_("Never remind"), default=False)
    paused_from = models.DateField(_("Paused on"), null=True, blank=True, editable=False)
    paused_until = models.DateField(_("Paused until"), null=True, blank=True)
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    courtesy = models.BooleanField(_("Remind before the due date, whatever the amount"), default=False)
    opt_outs = ArrayField(
        models.CharField(max_length=12, choices=Channel.choices), verbose_name=_("Not on these ways"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("Reminders of a customer")
        verbose_name_plural = _("Reminders of customers")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "customer"], name="one_dunning_setting_per_customer"),
            models.CheckConstraint(
                condition=Q(excluded=False, paused_until__isnull=True) | ~Q(reason=""), name="a_stop_of_reminders_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return str(self.customer)

    @classmethod
    def join_into(cls, *, customer: Any, survivor: Any) -> None:
        """Two customers become one: the survivor's settings stay, and are taken over if it has none."""
        if not cls.objects.filter(customer=survivor).exists():
            cls.objects.filter(customer=customer).update(customer=survivor)


class ItemStop(Visible, TenantRecord):
    """One item is not reminded of up to and including a day."""

    permission_area = "reminders"
    visible_through = "item__customer__"

    item = TenantForeignKey("collections.ReceivableItem", models.CASCADE, related_name="reminder_stops", verbose_name=_("Receivable"))
    since = models.DateField(_("Paused on"))
    until = models.DateField(_("Paused until"))
    reason = models.CharField(_("Reason"), max_length=300)

    class Meta:
        verbose_name = _("Item not reminded of")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "item"], name="one_stop_per_item"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_stop_of_an_item_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.until}"


class DunningTemplate(Visible, TenantRecord):
    """A tenant's own text of a letter in one language, in place of the one that comes with the product."""

    permission_area = "reminders"
    own_fields = ()

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        CHINESE = "zh-hans", "简体中文"

    code = models.CharField(_("Letter"), max_length=20)
    language = models.CharField(_("Language"), max_length=10, choices=Language)
    subject = models.CharField(_("Subject"), max_length=300)
    body = models.TextField(_("Text"), max_length=20_000)

    class Meta:
        verbose_name = _("Reminder text")
        verbose_name_plural = _("Reminder texts")
        ordering = ["code", "language"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code", "language"], name="one_text_per_letter_and_language"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.language}"
