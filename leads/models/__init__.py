from leads.models.channels import Campaign, Channel, MarketingSpend
from leads.models.imports import ImportBatch, ImportRow
from leads.models.leads import Lead
from leads.models.reasons import CloseReason
from leads.models.scoring import ScoreCheck, ScoreModel, ScoreSwitch, ScoringConfig, ScoringState
from leads.models.trail import LeadAssignment, LeadEvent, LeadScoreSnapshot, LeadTouch

__all__ = [
    "Campaign",
    "Channel",
    "CloseReason",
    "ImportBatch",
    "ImportRow",
    "Lead",
    "LeadAssignment",
    "LeadEvent",
    "LeadScoreSnapshot",
    "LeadTouch",
    "MarketingSpend",
    "ScoreCheck",
    "ScoreModel",
    "ScoreSwitch",
    "ScoringConfig",
    "ScoringState",
]
