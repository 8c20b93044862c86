"""What is known of someone who may want to buy."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.channels import Campaign, Channel
from leads.models.choices import Authority, Budget, IndustryMatch, NeedLevel, Seniority, Timeline
from ltc.money.fields import AmountField, CurrencyField
from ltc.tenancy.fields import TenantForeignKey


class LeadDescription(models.Model):
    """Who they are, where they came from, what they want."""

    number = models.CharField(_("number"), max_length=40, editable=False)
    title = models.CharField(_("title"), max_length=200, blank=True)
    company_name = models.CharField(_("company"), max_length=200, blank=True)
    contact_name = models.CharField(_("contact"), max_length=120)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    wecom = models.CharField(_("WeCom"), max_length=80, blank=True)
    channel = TenantForeignKey(Channel, models.PROTECT, related_name="leads", verbose_name=_("source"))
    campaign = TenantForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("campaign"))
    source_detail = models.JSONField(_("source detail"), default=dict, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    industry_match = models.CharField(_("industry match"), max_length=8, choices=IndustryMatch, default=IndustryMatch.UNKNOWN)
    size_employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    seniority = models.CharField(_("seniority"), max_length=14, choices=Seniority, default=Seniority.UNKNOWN)
    budget = models.CharField(_("budget"), max_length=8, choices=Budget, default=Budget.UNKNOWN)
    authority = models.CharField(_("authority"), max_length=14, choices=Authority, default=Authority.UNKNOWN)
    need = models.TextField(_("need"), blank=True, max_length=4000)
    need_level = models.CharField(_("need is"), max_length=7, choices=NeedLevel, default=NeedLevel.UNKNOWN)
    timeline = models.CharField(_("wants to buy"), max_length=7, choices=Timeline, default=Timeline.UNKNOWN)
    product_interest = models.CharField(_("interested in"), max_length=200, blank=True)
    est_amount = AmountField(_("expected value"), null=True, blank=True)
    currency = CurrencyField(_("currency"), blank=True)

    class Meta:
        abstract = True


class LeadMoments(models.Model):
    """When what happened to them; set by the rules."""

    captured_at = models.DateTimeField(_("captured"))
    mql_at = models.DateTimeField(_("marketing-qualified"), null=True, editable=False)
    assigned_at = models.DateTimeField(_("assigned"), null=True, editable=False)
    first_response_due_at = models.DateTimeField(_("first response due"), null=True, editable=False)
    first_response_at = models.DateTimeField(_("first response"), null=True, editable=False)
    sla_breached_at = models.DateTimeField(null=True, editable=False)
    qualified_at = models.DateTimeField(_("qualified"), null=True, editable=False)
    converted_at = models.DateTimeField(_("converted"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    last_activity_at = models.DateTimeField(_("last touch"), null=True, editable=False)
    nurture_until = models.DateField(_("nurture until"), null=True, editable=False)
    protected_until = models.DateField(_("protected until"), null=True, editable=False)
    state_changed_at = models.DateTimeField(null=True, editable=False)
    taken_up_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True
