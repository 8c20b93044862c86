import django_filters as filters

from leads.models import (
    AccessRequest,
    Campaign,
    Channel,
    DistributionRule,
    Enrolment,
    FormSubmission,
    InboundMail,
    Lead,
    LeadEvent,
    Mailbox,
    MarketingSpend,
    NurtureMessage,
    NurtureSequence,
    NurtureStep,
    PublicPool,
    WebForm,
)
from ltc.customers.origin_filters import TouchFilters


class LeadFilters(TouchFilters):
    """What a list of leads can be narrowed to, on pages and by REST."""

    state__in = filters.BaseInFilter(field_name="state")
    grade__in = filters.BaseInFilter(field_name="grade")
    channel = filters.UUIDFilter(field_name="channel_id")
    campaign = filters.UUIDFilter(field_name="campaign_id")
    owner = filters.UUIDFilter(field_name="owner_id")
    owner__isnull = filters.BooleanFilter(field_name="owner", lookup_expr="isnull")
    team = filters.UUIDFilter(field_name="team_id")
    pool = filters.UUIDFilter(field_name="pool_id")
    customer = filters.UUIDFilter(field_name="customer_id")
    score__gte = filters.NumberFilter(field_name="score", lookup_expr="gte", min_value=0, max_value=100)
    captured_at__gte = filters.IsoDateTimeFilter(field_name="captured_at", lookup_expr="gte")
    captured_at__lt = filters.IsoDateTimeFilter(field_name="captured_at", lookup_expr="lt")
    updated_at__gte = filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Lead
        fields = {name: ["exact"] for name in ("state", "grade", "region", "industry_match", "source_system", "external_ref", "number")}


class FormFilters(filters.FilterSet):
    """What a list of web forms can be narrowed to."""

    class Meta:
        model = WebForm
        fields = {"active": ["exact"]}


class SubmissionFilters(filters.FilterSet):
    """What a list of submissions can be narrowed to."""

    form = filters.UUIDFilter(field_name="form_id")

    class Meta:
        model = FormSubmission
        fields = {"outcome": ["exact"]}


class ChannelFilters(filters.FilterSet):
    """What a list of channels can be narrowed to."""

    class Meta:
        model = Channel
        fields = {"kind": ["exact"], "active": ["exact"], "code": ["exact"]}


class CampaignFilters(filters.FilterSet):
    """What a list of campaigns can be narrowed to."""

    channel = filters.UUIDFilter(field_name="channel_id")

    class Meta:
        model = Campaign
        fields = {"active": ["exact"]}


class EventFilters(filters.FilterSet):
    """What a list of events can be narrowed to."""

    lead = filters.UUIDFilter(field_name="lead_id")
    occurred_at__gte = filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="gte")

    class Meta:
        model = LeadEvent
        fields = {"type": ["exact"], "source": ["exact"]}


class PoolFilters(filters.FilterSet):
    """What a list of pools can be narrowed to."""

    class Meta:
        model = PublicPool
        fields = {"active": ["exact"], "is_default": ["exact"]}


class RuleFilters(filters.FilterSet):
    """What a list of distribution rules can be narrowed to."""

    class Meta:
        model = DistributionRule
        fields = {"active": ["exact"]}


class RequestFilters(filters.FilterSet):
    """What a list of requests can be narrowed to."""

    class Meta:
        model = AccessRequest
        fields = {"state": ["exact"], "kind": ["exact"]}


class SpendFilters(filters.FilterSet):
    """What a list of marketing spend can be narrowed to."""

    channel = filters.UUIDFilter(field_name="channel_id")
    campaign = filters.UUIDFilter(field_name="campaign_id")
    spend_date__gte = filters.DateFilter(field_name="spend_date", lookup_expr="gte")
    spend_date__lt = filters.DateFilter(field_name="spend_date", lookup_expr="lt")

    class Meta:
        model = MarketingSpend
        fields = {"currency": ["exact"]}


class SequenceFilters(filters.FilterSet):
    """What a list of sequences can be narrowed to."""

    class Meta:
        model = NurtureSequence
        fields = {"active": ["exact"], "enrols_on": ["exact"]}


class StepFilters(filters.FilterSet):
    """What a list of steps can be narrowed to."""

    sequence = filters.UUIDFilter(field_name="sequence_id")

    class Meta:
        model = NurtureStep
        fields = {"active": ["exact"], "kind": ["exact"]}


class EnrolmentFilters(filters.FilterSet):
    """What a list of leads on sequences can be narrowed to."""

    lead = filters.UUIDFilter(field_name="lead_id")
    sequence = filters.UUIDFilter(field_name="sequence_id")

    class Meta:
        model = Enrolment
        fields = {"state": ["exact"], "stop_reason": ["exact"], "how": ["exact"]}


class NurtureMessageFilters(filters.FilterSet):
    """What a list of nurturing mails can be narrowed to."""

    enrolment = filters.UUIDFilter(field_name="enrolment_id")
    step = filters.UUIDFilter(field_name="step_id")
    lead = filters.UUIDFilter(field_name="enrolment__lead_id")

    class Meta:
        model = NurtureMessage
        fields = {"status": ["exact"], "outcome": ["exact"]}


class MailboxFilters(filters.FilterSet):
    """What a list of mailboxes can be narrowed to."""

    class Meta:
        model = Mailbox
        fields = {"active": ["exact"]}


class InboundMailFilters(filters.FilterSet):
    """What a list of received e-mails can be narrowed to."""

    mailbox = filters.UUIDFilter(field_name="mailbox_id")
    lead = filters.UUIDFilter(field_name="lead_id")

    class Meta:
        model = InboundMail
        fields = {"outcome": ["exact"], "why": ["exact"]}
