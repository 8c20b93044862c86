import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.channels import Campaign, Channel
from leads.models.leads import Lead
from ltc.automation.selectors import fields_of
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.models import Membership
from ltc.users.visibility import Visible

ASKED = {
    "contact_name": _("Name"),
    "company_name": _("Company"),
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "wecom": _("WeCom"),
    "title": _("Subject"),
    "product_interest": _("Interested in"),
    "region": _("Region"),
    "industry": _("Industry"),
    "need": _("Message"),
}
REACHABLE = frozenset({"email", "phone", "wecom"})


def new_token() -> str:
    """What cannot be guessed, for the address of a form or of a confirmation."""
    return secrets.token_urlsafe(24)


class WebForm(Visible, TenantRecord):
    """A form on a public page, whose answers become leads. Its address carries a token that nobody can guess."""

    permission_area = "forms"

    name = models.CharField(_("name"), max_length=120)
    token = models.CharField(max_length=40, default=new_token, editable=False)
    heading = models.CharField(_("heading"), max_length=160, blank=True)
    intro = models.TextField(_("text above"), blank=True, max_length=2000)
    asked = models.JSONField(_("asks for"), default=list)
    required = models.JSONField(_("must be filled in"), default=list, blank=True)
    button = models.CharField(_("button"), max_length=60, blank=True)
    consent_text = models.TextField(
        _("consent"),
        blank=True,
        max_length=2000,
        help_text=_("What the visitor agrees to by a tick. Empty: nothing is asked."),
    )
    consent_version = models.PositiveIntegerField(default=1, editable=False)
    channel = TenantForeignKey(Channel, models.PROTECT, related_name="web_forms", verbose_name=_("source"))
    campaign = TenantForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="web_forms", verbose_name=_("campaign"))
    owner = TenantForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner of the leads"),
        help_text=_("Empty: the rules of distribution find one."),
    )  # fmt: skip
    thanks = models.TextField(_("thank-you text"), blank=True, max_length=2000)
    thanks_url = models.URLField(_("thank-you page"), max_length=500, blank=True)
    double_opt_in = models.BooleanField(
        _("confirm the address by e-mail"), default=False, help_text=_("The lead is made when the visitor follows the link that is sent.")
    )
    origins = models.JSONField(_("allowed websites"), default=list, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("web form")
        verbose_name_plural = _("web forms")
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(fields=["tenant", "token"], name="web_form_token_is_unique")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A form asks for a name and for a way to answer."""
        own = {f"attributes.{code}" for code in fields_of(Lead._meta.label_lower)}
        if not set(self.asked) <= ASKED.keys() | own or not set(self.required) <= set(self.asked):
            raise ValidationError({"required": _("Only what the form asks for can be required.")})
        if not REACHABLE & set(self.required):
            raise ValidationError({"required": _("Require an e-mail address, a telephone number or a WeCom name, so that you can answer.")})
        if self.double_opt_in and "email" not in self.required:
            raise ValidationError({"double_opt_in": _("Require the e-mail address first: the link is sent there.")})
        if self.campaign is not None and self.campaign.channel_id != self.channel_id:
            raise ValidationError({"campaign": _("This campaign belongs to another source.")})


class FormSubmission(Visible, TenantRecord):
    """What a visitor has sent by a form, kept whatever becomes of it."""

    permission_area = "forms"

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        UNCONFIRMED = "unconfirmed", _("Not confirmed yet")
        DONE = "done", _("Lead made")
        FAILED = "failed", _("Failed")
        SPAM = "spam", _("Spam")

    form = TenantForeignKey(WebForm, models.PROTECT, related_name="submissions", verbose_name=_("form"))
    outcome = models.CharField(_("outcome"), max_length=11, choices=Outcome, default=Outcome.WAITING)
    values = models.JSONField(_("answers"), default=dict)
    trail = models.JSONField(default=dict)
    language = models.CharField(max_length=10, blank=True)
    consent_version = models.PositiveIntegerField(null=True)
    consent_text = models.TextField(blank=True)
    nonce = models.CharField(max_length=60)
    confirm_token = models.CharField(max_length=40, default=new_token, editable=False)
    confirmed_at = models.DateTimeField(null=True)
    lead = TenantForeignKey(Lead, models.PROTECT, null=True, related_name="form_submissions", verbose_name=_("lead"))
    error = models.TextField(_("why"), blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("form submission")
        verbose_name_plural = _("form submissions")
        constraints = [models.UniqueConstraint(fields=["tenant", "form", "nonce"], name="form_is_sent_once")]
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="submissions_newest_first"),
            models.Index(fields=["tenant", "outcome", "-created_at"], name="submissions_by_outcome"),
        ]

    def __str__(self) -> str:
        return str(self.values.get("contact_name") or self.values.get("company_name") or f"{self.created_at:%F %T}")

    @property
    def consented_at(self) -> datetime | None:
        """When the visitor agreed; with a confirmation by e-mail, when they followed its link."""
        if self.consent_version is None:
            return None
        return self.confirmed_at or self.created_at
