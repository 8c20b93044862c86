from django.urls import path

from leads import pages
from leads.collision_views import REQUESTS, CompareView, RequestCreate, RequestList, RequestRecord
from leads.export_views import LeadExport
from leads.form_views import (
    FORMS,
    SUBMISSIONS,
    FormCreate,
    FormEdit,
    FormList,
    FormRecord,
    RetryView,
    SubmissionList,
    SubmissionRecord,
)
from leads.import_views import FailedRowsView, ImportView, RowView, UploadView
from leads.mail_views import (
    MAILBOXES,
    MAILS,
    MailboxCreate,
    MailboxEdit,
    MailboxList,
    MailboxRecord,
    MailList,
    MailRecord,
    MailRetryView,
    TryView,
)
from leads.nurture_views import (
    ENROLMENTS,
    SEQUENCES,
    ConsentRuleView,
    EnrolmentList,
    EnrolmentRecord,
    SequenceCreate,
    SequenceEdit,
    SequenceList,
    SequenceRecord,
    StepEdit,
    StepNew,
)
from leads.pool_views import POOLS, PoolCreate, PoolEdit, PoolList, PoolRecord, SimulationView
from leads.public_forms import ConfirmView, PublicFormView
from leads.rule_views import RULES, RuleCreate, RuleEdit, RuleList, RuleRecord, RunView
from leads.score_views import ModelView, ScorecardView, ThresholdView
from leads.spend_views import (
    CAMPAIGNS,
    SPEND,
    CampaignCreate,
    CampaignEdit,
    CampaignList,
    CampaignRecord,
    SpendCreate,
    SpendEdit,
    SpendImport,
    SpendList,
    SpendRecord,
)
from leads.tracking_views import ScriptView, VisitView
from leads.unsubscribing import UnsubscribeView
from leads.views import (
    CHANNELS,
    LEADS,
    ChannelCreate,
    ChannelEdit,
    ChannelList,
    ChannelRecord,
    LeadAction,
    LeadCreate,
    LeadEdit,
    LeadList,
    LeadRecord,
    RevealView,
)
from ltc.web.routes import record_routes

__all__ = ["pages"]

urlpatterns = [
    path("t.js", ScriptView.as_view(), name="tracking-script"),
    path("visit/<slug:code>/<slug:key>/", VisitView.as_view(), name="tracking"),
    path("scoring/", ScorecardView.as_view(), name="scoring"),
    path("scoring/model/", ModelView.as_view(), name="score-model"),
    path("scoring/threshold/", ThresholdView.as_view(), name="score-threshold"),
    record_routes(
        LEADS,
        list_view=LeadList,
        record_view=LeadRecord,
        create_view=LeadCreate,
        edit_view=LeadEdit,
        action_view=LeadAction,
        more=[
            path("<uuid:pk>/compare/<uuid:other>/", CompareView.as_view(page=LEADS), name="compare"),
            path("export.csv", LeadExport.as_view(page=LEADS), name="export"),
            path("<uuid:pk>/reveal/", RevealView.as_view(page=LEADS), name="reveal"),
            path("import/", UploadView.as_view(), name="imports"),
            path("import/<uuid:pk>/", ImportView.as_view(), name="import"),
            path("import/<uuid:pk>/rows/<int:line>/", RowView.as_view(), name="import-row"),
            path("import/<uuid:pk>/failed.csv", FailedRowsView.as_view(), name="import-failed"),
        ],
    ),
    record_routes(
        POOLS,
        list_view=PoolList,
        record_view=PoolRecord,
        create_view=PoolCreate,
        edit_view=PoolEdit,
        more=[path("<uuid:pk>/simulate/", SimulationView.as_view(page=POOLS), name="simulate")],
    ),
    record_routes(
        RULES,
        list_view=RuleList,
        record_view=RuleRecord,
        create_view=RuleCreate,
        edit_view=RuleEdit,
        more=[path("run/", RunView.as_view(), name="run")],
    ),
    record_routes(REQUESTS, list_view=RequestList, record_view=RequestRecord, create_view=RequestCreate),
    record_routes(CHANNELS, list_view=ChannelList, record_view=ChannelRecord, create_view=ChannelCreate, edit_view=ChannelEdit),
    record_routes(CAMPAIGNS, list_view=CampaignList, record_view=CampaignRecord, create_view=CampaignCreate, edit_view=CampaignEdit),
    record_routes(
        SPEND,
        list_view=SpendList,
        record_view=SpendRecord,
        create_view=SpendCreate,
        edit_view=SpendEdit,
        more=[path("import/", SpendImport.as_view(page=SPEND), name="import")],
    ),
    record_routes(FORMS, list_view=FormList, record_view=FormRecord, create_view=FormCreate, edit_view=FormEdit),
    record_routes(
        SUBMISSIONS,
        list_view=SubmissionList,
        record_view=SubmissionRecord,
        more=[path("<uuid:pk>/retry/", RetryView.as_view(page=SUBMISSIONS), name="retry")],
    ),
    record_routes(
        SEQUENCES,
        list_view=SequenceList,
        record_view=SequenceRecord,
        create_view=SequenceCreate,
        edit_view=SequenceEdit,
        more=[
            path("consent/", ConsentRuleView.as_view(), name="consent"),
            path("<uuid:pk>/steps/new/", StepNew.as_view(page=SEQUENCES), name="step-new"),
            path("<uuid:pk>/steps/<uuid:step>/", StepEdit.as_view(page=SEQUENCES), name="step"),
        ],
    ),
    record_routes(
        MAILBOXES,
        list_view=MailboxList,
        record_view=MailboxRecord,
        create_view=MailboxCreate,
        edit_view=MailboxEdit,
        more=[path("<uuid:pk>/try/", TryView.as_view(page=MAILBOXES), name="try")],
    ),
    record_routes(
        MAILS,
        list_view=MailList,
        record_view=MailRecord,
        more=[path("<uuid:pk>/retry/", MailRetryView.as_view(page=MAILS), name="retry")],
    ),
    record_routes(ENROLMENTS, list_view=EnrolmentList, record_view=EnrolmentRecord),
    path("u/<slug:code>/<slug:token>/", UnsubscribeView.as_view(), name="unsubscribe"),
    path("f/<slug:code>/<slug:token>/", PublicFormView.as_view(), name="web-form"),
    path("f/<slug:code>/<slug:token>/<slug:secret>/", ConfirmView.as_view(), name="web-form-confirm"),
]
