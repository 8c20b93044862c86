from leads.api.learning import ScoreModelViewSet
from leads.api.pools import PoolViewSet
from leads.api.requests import RequestViewSet
from leads.api.rules import RuleViewSet
from leads.api.scoring import EventViewSet, ScorecardViewSet, TrackingView
from leads.api.views import CampaignViewSet, ChannelViewSet, CloseReasonViewSet, ImportViewSet, LeadViewSet, SpendViewSet
from ltc.api.routers import router

router.register("leads", LeadViewSet)
router.register("channels", ChannelViewSet)
router.register("campaigns", CampaignViewSet)
router.register("marketing-spend", SpendViewSet)
router.register("close-reasons", CloseReasonViewSet)
router.register("lead-events", EventViewSet)
router.register("lead-imports", ImportViewSet)
router.register("pools", PoolViewSet)
router.register("distribution-rules", RuleViewSet)
router.register("scorecards", ScorecardViewSet)
router.register("score-models", ScoreModelViewSet)
router.register("access-requests", RequestViewSet)
router.add("tracking", TrackingView)
