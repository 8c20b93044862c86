from leads.api.learning import ScoreModelViewSet
from leads.api.mail import InboundMailViewSet, MailboxViewSet
from leads.api.nurturing import EnrolmentViewSet, NurtureMessageViewSet, SequenceViewSet, StepViewSet
from leads.api.pools import PoolViewSet
from leads.api.requests import RequestViewSet
from leads.api.rules import RuleViewSet
from leads.api.scoring import EventViewSet, ScorecardViewSet, TrackingView
from leads.api.views import CampaignViewSet, ChannelViewSet, CloseReasonViewSet, ImportViewSet, LeadViewSet, SpendViewSet
from leads.api.web_forms import SubmissionViewSet, WebFormViewSet
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
router.register("web-forms", WebFormViewSet)
router.register("form-submissions", SubmissionViewSet)
router.register("nurture-sequences", SequenceViewSet)
router.register("nurture-steps", StepViewSet)
router.register("enrolments", EnrolmentViewSet)
router.register("nurture-messages", NurtureMessageViewSet)
router.register("mailboxes", MailboxViewSet)
router.register("inbound-mails", InboundMailViewSet)
router.add("tracking", TrackingView)
