from leads.models.channels import Campaign, Channel, MarketingSpend
from leads.models.imports import ImportBatch, ImportRow
from leads.models.leads import Lead
from leads.models.mailboxes import InboundMail, Mailbox
from leads.models.nurturing import Enrolment, MailOptOut, NurtureMessage, NurtureSequence, NurtureStep
from leads.models.pools import CustomerAssignment, PoolMember, PoolWarning, PublicPool
from leads.models.reasons import CloseReason
from leads.models.requests import AccessRequest, LeadMerge
from leads.models.rules import DistributionRule, DistributionTurn
from leads.models.scoring import ScoreCheck, ScoreModel, ScoreSwitch, ScoringConfig, ScoringState
from leads.models.trail import LeadAssignment, LeadEvent, LeadScoreSnapshot, LeadTouch
from leads.models.web_forms import FormSubmission, WebForm

__all__ = [
    "AccessRequest",
    "Campaign",
    "Channel",
    "CloseReason",
    "CustomerAssignment",
    "DistributionRule",
    "DistributionTurn",
    "Enrolment",
    "FormSubmission",
    "ImportBatch",
    "ImportRow",
    "InboundMail",
    "Lead",
    "LeadAssignment",
    "LeadEvent",
    "LeadMerge",
    "LeadScoreSnapshot",
    "LeadTouch",
    "MailOptOut",
    "Mailbox",
    "MarketingSpend",
    "NurtureMessage",
    "NurtureSequence",
    "NurtureStep",
    "PoolMember",
    "PoolWarning",
    "PublicPool",
    "ScoreCheck",
    "ScoreModel",
    "ScoreSwitch",
    "ScoringConfig",
    "ScoringState",
    "WebForm",
]
