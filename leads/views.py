"""The pages of leads and of the channels on which they come."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from leads.channels import create_channel, update_channel
from leads.filters import ChannelFilters, LeadFilters
from leads.forms import ChannelForm, LeadForm, NewLeadForm
from leads.masking import contact_data, may_reveal, may_unmask
from leads.models import Channel, Lead
from leads.models.choices import LeadState, ScoreMode
from leads.reasons import ANSWERS, for_and_against, missing, reasons
from leads.selectors import Likeness, possible_duplicates, refuse_if_claimed, search_leads, source_trail
from leads.services import DuplicateLead, capture_lead, unmask, update_lead
from ltc.automation.selectors import fields_of
from ltc.customers.duplicates import DuplicateRule
from ltc.customers.pages import source_columns
from ltc.tenancy.models import Tenant
from ltc.web import cells
from ltc.web.actions import ActionView
from ltc.web.answers import is_htmx
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import NamedView, RecordListView, everything, mine
from ltc.web.records import RecordPage, url_of
from ltc.web.workspace import RecordWorkspaceView

HUES = {
    LeadState.NEW: "slate",
    LeadState.ASSIGNED: "blue",
    LeadState.WORKING: "blue",
    LeadState.NURTURING: "amber",
    LeadState.QUALIFIED: "violet",
    LeadState.CONVERTED: "green",
    LeadState.DISQUALIFIED: "rose",
    LeadState.MERGED: "slate",
}
GRADE_HUES = {"A": "green", "B": "blue", "C": "amber", "D": "slate"}
SILENT_FOR = timedelta(days=14)
ALIKE = {
    DuplicateRule.SAME_USCC: gettext_lazy("same credit code"),
    DuplicateRule.SAME_NAME: gettext_lazy("same company"),
    DuplicateRule.SAME_CONTACT: gettext_lazy("same contact"),
    DuplicateRule.SIMILAR_NAME: gettext_lazy("similar name"),
}


def about(lead: Lead) -> str:
    """Who at the company, and what about."""
    return " · ".join(filter(None, [lead.contact_name if lead.company_name else "", lead.title]))


def last_touch(lead: Lead) -> cells.Cell:
    """When somebody was last in touch; late where a lead in work has been left alone for two weeks."""
    at = lead.last_activity_at
    silent = lead.state in (LeadState.ASSIGNED, LeadState.WORKING) and (at or lead.captured_at) < timezone.now() - SILENT_FOR
    return cells.ago(at, late=silent) if at else cells.text("", tone="late" if silent else "")


LEADS = RecordPage(
    model=Lead,
    plural="leads",
    icon="user-round-plus",
    label=gettext_lazy("Lead"),
    label_plural=gettext_lazy("Leads"),
    hue="violet",
    group="sell",
    order=10,
    go="l",
    match=search_leads,
    subtitle=about,
    tag=lambda lead: {"label": lead.get_state_display(), "hue": HUES.get(lead.state, "slate")},
)
CHANNELS = RecordPage(
    model=Channel,
    plural="channels",
    icon="megaphone",
    label=gettext_lazy("Source"),
    label_plural=gettext_lazy("Sources"),
    hue="violet",
    search=("name__icontains", "code__istartswith"),
    subtitle=lambda channel: str(channel.get_kind_display()),
)


class LeadList(RecordListView):
    select = ("owner", "channel")
    filterset_class = LeadFilters
    filter_names = ("state", "channel", "owner", "grade")
    default_sort = "-captured_at"
    saves_views = True
    columns = (
        Column("company", gettext_lazy("Company"), sort="sort_key"),
        Column("state", gettext_lazy("State"), "tag", hues=HUES),
        Column("score", gettext_lazy("Score"), "score", sort="score"),
        Column("channel", gettext_lazy("Source"), hide_small=True),
        Column("est_amount", gettext_lazy("Value"), "money", sort="est_amount", edit="est_amount"),
        Column("owner", gettext_lazy("Owner"), "person"),
        Column("last_touch", gettext_lazy("Last touch"), cell=last_touch, sort="last_activity_at"),
        Column("captured", gettext_lazy("Captured"), "ago", path="captured_at", sort="captured_at", hide_small=True),
        Column("grade", gettext_lazy("Grade"), optional=True),
        Column("contact_name", gettext_lazy("Contact"), edit="contact_name", optional=True),
        Column("region", gettext_lazy("Region"), edit="region", optional=True),
        Column("industry", gettext_lazy("Industry"), edit="industry", optional=True),
        Column("product_interest", gettext_lazy("Interested in"), edit="product_interest", optional=True),
        Column(
            "need_level",
            gettext_lazy("Need is"),
            edit="need_level",
            cell=lambda lead: cells.text(lead.get_need_level_display()),
            optional=True,
        ),
        Column(
            "timeline",
            gettext_lazy("Wants to buy"),
            edit="timeline",
            cell=lambda lead: cells.text(lead.get_timeline_display()),
            optional=True,
        ),
        Column("campaign", gettext_lazy("Campaign"), optional=True),
        *source_columns(optional=True),
        Column("team", gettext_lazy("Team"), optional=True),
        Column("pool", gettext_lazy("Pool"), optional=True),
        Column("number", gettext_lazy("Number"), optional=True),
        Column("first_response_due", gettext_lazy("First response due"), "moment", path="first_response_due_at", optional=True),
    )
    views = (
        NamedView("open", gettext_lazy("All open"), lambda leads, actor: leads.filter(state__in=LeadState.open())),
        NamedView("mine", gettext_lazy("Mine"), lambda leads, actor: mine(leads, actor).filter(state__in=LeadState.open()), counted=True),
        NamedView(
            "pool",
            gettext_lazy("New, unassigned"),
            lambda leads, actor: leads.filter(state=LeadState.NEW, owner__isnull=True),
            sort="-score,id",
            counted=True,
        ),
        NamedView(
            "hot",
            gettext_lazy("Hot, untouched"),
            lambda leads, actor: leads.filter(state=LeadState.ASSIGNED, grade__in=["A", "B"], first_response_at__isnull=True),
            sort="-score",
            counted=True,
        ),
        NamedView("disqualified", gettext_lazy("Disqualified"), lambda leads, actor: leads.filter(state=LeadState.DISQUALIFIED)),
        NamedView("all", gettext_lazy("All"), everything),
    )
    bulk = ("assign", "claim", "return_to_pool", "nurture", "enrol", "disqualify", "merge")
    empty_text = gettext_lazy("Leads come from forms, programs and files. Add one by hand, or import a file.")
    search_placeholder = gettext_lazy("Company, person, e-mail or number")

    def queryset(self) -> Any:
        shown = {column.name for column in self.shown}
        return super().queryset().select_related(*(name for name in ("team", "campaign", "pool") if name in shown), *self.select)

    def extra_actions(self) -> list[dict[str, Any]]:
        export = f"{LEADS.url('export')}?{self.request.GET.urlencode()}"
        found = [{"label": _("Export"), "icon": "download", "url": export}]
        if self.actor.has_perm("imports.add"):
            found.append({"label": _("Import"), "icon": "upload", "url": reverse("leads:imports")})
        if self.actor.has_perm("requests.view"):
            found.append({"label": _("Requests"), "icon": "hand", "url": reverse("requests:list")})
        if self.actor.has_perm("forms.view"):
            found.append({"label": _("Web forms"), "icon": "file-text", "url": reverse("web-forms:list")})
        if self.actor.has_perm("mailboxes.view"):
            found.append({"label": _("E-mail"), "icon": "mailbox", "url": reverse("mailboxes:list")})
        if self.actor.has_perm("nurturing.view"):
            found.append({"label": _("Nurturing"), "icon": "mails", "url": reverse("nurture-sequences:list")})
        if self.actor.has_perm("channels.change"):
            found.append({"label": CHANNELS.label_plural, "icon": CHANNELS.icon, "url": CHANNELS.url("list")})
        if self.actor.has_perm("pools.simulate"):
            found.append({"label": _("Pools"), "icon": "waves", "url": reverse("pools:list")})
            found.append({"label": _("Distribution"), "icon": "split", "url": reverse("distribution:list")})
        if self.actor.has_perm("settings.view"):
            found.append({"label": _("Scoring"), "icon": "gauge", "url": reverse("scoring")})
        if self.actor.has_perm("attributes.change"):
            found.append({"label": _("Attributes"), "icon": "shapes", "url": reverse("attributes:list")})
        return found


def own_attributes(lead: Any) -> list[dict[str, Any]]:
    """The tenant's own attributes that a lead has; like the cells of a file they may hold contact data, so they are masked with it."""
    if not (lead.attributes and lead.shown.whole):
        return []
    told = {True: ANSWERS["yes"], False: ANSWERS[""]}
    fields = fields_of(lead._meta.label_lower).items()
    return [
        {"label": field.label, "value": told.get(value, value) if isinstance(value, bool) else value}
        for code, field in fields
        if (value := lead.attributes.get(code)) is not None
    ]


def score_in_words(lead: Lead) -> dict[str, Any]:
    """Why a lead scores what it scores: of a learned score the weightiest reasons and the chance, of the rules all of them."""
    if lead.score_mode != ScoreMode.MODEL:
        return {"reasons": reasons(lead), "missing": missing(lead), "chance": None}
    own = {f"attributes.{code}": field.label for code, field in fields_of(lead._meta.label_lower).items()}
    return {"reasons": for_and_against(lead, own), "missing": [], "chance": lead.win_probability}


class LeadAction(ActionView):
    """Who claims a lead that has just got an owner reads that it has."""

    def record_or_404(self, pk: Any) -> Any:
        try:
            return super().record_or_404(pk)
        except Http404:
            if self.kwargs.get("name") == "claim":
                refuse_if_claimed(pk, self.actor)
            raise


class RevealView(RecordWorkspaceView):
    """The contact data of a lead in the pool, in a dialog, for who may see it."""

    permission = "leads.reveal"

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        lead = self.record_or_404(pk)
        template = "leads/revealed.html" if is_htmx(request) else "leads/revealed_page.html"
        return self.show(template, {"record": lead, "shown": unmask(lead, actor=self.actor)})


def described(like: Any) -> dict[str, Any]:
    """A likeness as pages show it: of what the member may not see only with whom it is."""
    hidden = _("With %(team)s") % {"team": like.with_whom} if like.with_whom else _("In the pool") if like.in_pool else _("In the books")
    return {
        "icon": "building-2" if like.kind == "customer" else "user-round-plus",
        "text": like.label or hidden,
        "why": ALIKE[like.rule],
        "url": url_of("customers.customer" if like.kind == "customer" else "leads.lead", like.id) if like.id else "",
        "ask_url": f"{reverse('requests:new')}?{urlencode({'ticket': like.ticket})}" if like.ticket else "",
    }


def contact_cell(name: str, kind: str) -> Any:
    """The cell of a way to reach someone; a mask is no link."""

    def cell(lead: Any) -> cells.Cell:
        value = getattr(lead.shown, name)
        return cells.MAKERS[kind](value) if lead.shown.whole else cells.text(value)

    return cell


class LeadRecord(RecordView):
    template_name = "leads/record.html"
    select = ("owner", "team", "channel", "campaign", "close_reason", "customer", "merged_into")
    state_hues = HUES
    path_states = (LeadState.NEW, LeadState.ASSIGNED, LeadState.WORKING, LeadState.QUALIFIED, LeadState.CONVERTED)
    path_lost = (LeadState.DISQUALIFIED, LeadState.MERGED)
    props = (
        Column("contact_name", gettext_lazy("Contact"), icon="user-round"),
        Column("phone", gettext_lazy("Telephone"), icon="phone", cell=contact_cell("phone", "phone")),
        Column("email", gettext_lazy("E-mail"), icon="mail", cell=contact_cell("email", "email")),
        Column("wecom", gettext_lazy("WeCom"), icon="message-circle", cell=contact_cell("wecom", "text")),
        Column("channel", gettext_lazy("Source"), icon="megaphone"),
        Column("campaign", gettext_lazy("Campaign"), icon="flag"),
        Column("owner", gettext_lazy("Owner"), "person", icon="user-check"),
        Column("team", gettext_lazy("Team"), icon="network"),
        Column("est_amount", gettext_lazy("Expected value"), "money", icon="banknote"),
        Column("product_interest", gettext_lazy("Interested in"), icon="package"),
        Column("region", gettext_lazy("Region"), icon="map-pin"),
        Column("industry", gettext_lazy("Industry"), icon="factory"),
        Column("size_employees", gettext_lazy("Employees"), "number", icon="users"),
        Column("seniority", gettext_lazy("Seniority"), icon="briefcase", cell=lambda lead: cells.text(lead.get_seniority_display())),
        Column("budget", gettext_lazy("Budget"), icon="wallet", cell=lambda lead: cells.text(lead.get_budget_display())),
        Column("authority", pgettext_lazy("lead", "Authority"), icon="gavel", cell=lambda lead: cells.text(lead.get_authority_display())),
        Column("need_level", gettext_lazy("Need is"), icon="target", cell=lambda lead: cells.text(lead.get_need_level_display())),
        Column("timeline", gettext_lazy("Wants to buy"), icon="calendar-clock", cell=lambda lead: cells.text(lead.get_timeline_display())),
        Column("need", gettext_lazy("Need"), icon="text"),
        Column("captured", gettext_lazy("Captured"), "moment", path="captured_at", icon="calendar"),
        Column("first_response", gettext_lazy("First response"), "moment", path="first_response_at", icon="timer"),
    )

    def record_or_404(self, pk: Any) -> Any:
        lead = super().record_or_404(pk)
        lead.shown = SimpleNamespace(**contact_data(lead, self.actor), whole=may_reveal(lead, self.actor))
        return lead

    def more_context(self, record: Any) -> dict[str, Any]:
        return {"reveal_url": LEADS.url("reveal", record.pk) if may_unmask(record, self.actor) else ""}

    def tags(self, record: Any) -> list[dict[str, Any]]:
        grade = {"label": _("Grade %(grade)s") % {"grade": record.grade}, "hue": GRADE_HUES[record.grade]}
        return [*super().tags(record), *([grade] if record.scored_at else [])]

    def actions(self, record: Any) -> list[dict[str, Any]]:
        direct = self.request.tenant.sales_motion == Tenant.SalesMotion.B2C_DIRECT  # type: ignore[attr-defined]
        return [button for button in super().actions(record) if direct or button["name"] != "convert_to_order"]

    def sections(self, record: Any) -> list[dict[str, Any]]:
        score = {"title": _("Score"), "template": "leads/score.html", **score_in_words(record)}
        trail = {"title": _("Where it came from"), "template": "leads/trail.html", "touches": source_trail(record)[:20]}
        own = {"title": _("Attributes"), "template": "leads/attributes.html", "rows": own_attributes(record), "place": "left"}
        return [{**score, "place": "right"}, *([own] if own["rows"] else []), {**trail, "place": "left"}]

    def related(self, record: Any) -> list[dict[str, Any]]:
        blocks = []
        if record.customer is not None:
            url = url_of("customers.customer", record.customer.pk)
            customer = {"icon": "building-2", "label": record.customer.name, "url": url}
            blocks.append({"title": _("Customer"), "rows": [customer]})
        if record.is_open:
            found = possible_duplicates(
                self.actor, company_name=record.company_name, phone=record.phone, email=record.email, exclude=record.pk
            )
            if found:
                blocks.append({"title": _("Possible duplicates"), "rows": [self._duplicate(record, like) for like in found]})
        return blocks

    def _duplicate(self, record: Any, like: Any) -> dict[str, Any]:
        shown = described(like)
        url = shown["url"] or shown["ask_url"]
        if like.kind == "lead" and like.id and self.actor.has_perm("leads.merge", record):
            url = LEADS.url("compare", record.pk, like.id)
        return {"icon": shown["icon"], "label": shown["text"], "tag": {"label": shown["why"], "hue": "amber"}, "url": url}

    def notices(self, record: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        due = record.first_response_due_at
        if record.state == LeadState.ASSIGNED and due and record.first_response_at is None and due < timezone.now():
            found.append({"tone": "warn", "text": _("The first answer is overdue. Call or write now.")})
        if record.merged_into is not None:
            url = self.page.url("record", record.merged_into.pk)
            found.append({"tone": "info", "text": _("This lead was merged."), "url": url, "action": str(record.merged_into)})
        if record.is_protected():
            found.append({"tone": "info", "text": _("Protected from the pool until %(day)s.") % {"day": record.protected_until}})
        if record.state == LeadState.NURTURING and record.nurture_until:
            found.append({"tone": "info", "text": _("Left alone until %(day)s.") % {"day": record.nurture_until}})
        if record.close_reason is not None:
            found.append({"tone": "info", "text": _("Disqualified: %(reason)s") % {"reason": record.close_reason}})
        return found


class LeadCreate(CreateView):
    """What is in the books already is told of beside the form, with a way to ask for it."""

    form_class = NewLeadForm
    found: Sequence[Likeness] = ()

    def initial(self, record: Any) -> dict[str, Any]:
        tenant = self.request.tenant  # type: ignore[attr-defined]
        return {"owner": self.actor.pk, "currency": tenant.base_currency}

    def show(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        likenesses = [described(like) for like in self.found]
        if likenesses and "action" in context:
            context["action"]["template"] = "leads/collisions.html"
        template = "leads/new.html" if "page" in context else template
        return super().show(template, {**context, "likenesses": likenesses}, status=status)

    def save(self, form: NewLeadForm, record: Any) -> Lead:
        try:
            return capture_lead(actor=self.actor, **form.cleaned_data)
        except DuplicateLead as refusal:
            self.found = refusal.found
            raise

    def next_url(self, record: Any) -> str:
        seen = self.queryset().filter(pk=record.pk).exists()
        return self.page.url("record", record.pk) if seen else self.page.url("list")


class LeadEdit(EditView):
    form_class = LeadForm

    def initial(self, record: Any) -> dict[str, Any]:
        return contact_data(record, self.actor)

    def save(self, form: LeadForm, record: Any) -> Lead:
        return update_lead(record, actor=self.actor, version=self.wanted_version(), **form.cleaned_data)


class ChannelList(RecordListView):
    filterset_class = ChannelFilters
    filter_names = ("kind", "active")
    default_sort = "name"
    columns = (
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("code", gettext_lazy("Code")),
        Column("active", gettext_lazy("Active"), "flag"),
    )


class ChannelRecord(RecordView):
    props = (
        Column("code", gettext_lazy("Code"), icon="hash"),
        Column("kind", gettext_lazy("Kind"), icon="shapes", cell=lambda channel: cells.text(channel.get_kind_display())),
        Column("active", gettext_lazy("Active"), "flag", icon="circle-check-big"),
    )


class ChannelCreate(CreateView):
    form_class = ChannelForm

    def save(self, form: ChannelForm, record: Any) -> Channel:
        return create_channel(actor=self.actor, **form.cleaned_data)


class ChannelEdit(EditView):
    form_class = ChannelForm

    def save(self, form: ChannelForm, record: Any) -> Channel:
        changes = {name: value for name, value in form.cleaned_data.items() if name != "code" or value}
        return update_channel(record, actor=self.actor, **changes)
