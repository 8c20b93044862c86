"""The pages on which two who met at one customer come to terms, and two leads become one."""

import uuid
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.collisions import request_access
from leads.filters import RequestFilters
from leads.merging import differences
from leads.models import AccessRequest, Lead
from ltc.web import cells
from ltc.web.answers import onward
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage, url_for
from ltc.web.workspace import RecordWorkspaceView
from ltc.workflow.engine import perform

State = AccessRequest.State
HUES = {State.OPEN: "amber", State.APPROVED: "green", State.REFUSED: "rose", State.WITHDRAWN: "slate"}
REQUESTS = RecordPage(
    model=AccessRequest,
    plural="requests",
    icon="hand",
    label=gettext_lazy("Request"),
    label_plural=gettext_lazy("Requests"),
    hue="amber",
    joins=("requester",),
    search=("requester__name__icontains", "reason__icontains"),
    subtitle=lambda asked: asked.reason,
    tag=lambda asked: {"label": asked.get_state_display(), "hue": HUES.get(asked.state, "slate")},
)


def about(asked: Any) -> Cell:
    """The record, for who sees it; the others read with whom it is."""
    url = url_for(asked.subject)
    return cells.link(str(asked.subject), url) if url else cells.text(_("With %(team)s") % {"team": asked.holder.team or asked.holder})


class RequestForm(forms.Form):
    """What somebody asks for, and why."""

    kind = forms.ChoiceField(label=gettext_lazy("You want to"), choices=AccessRequest.Kind.choices, initial=AccessRequest.Kind.TRANSFER)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    ticket = forms.CharField(widget=forms.HiddenInput)


class RequestList(RecordListView):
    select = ("requester", "holder__team", "lead", "customer", "approver")
    filterset_class = RequestFilters
    filter_names = ("state", "kind")
    default_sort = "-created_at"
    columns = (
        Column("requester", gettext_lazy("Asked by")),
        Column("state", gettext_lazy("State"), "tag", hues=HUES),
        Column("about", gettext_lazy("About"), cell=about),
        Column("approver", gettext_lazy("Decided by"), "person"),
        Column("created", gettext_lazy("Asked"), "ago", path="created_at", sort="created_at"),
    )
    views = (
        NamedView("open", gettext_lazy("Waiting for an answer"), lambda requests, actor: requests.filter(state=State.OPEN), counted=True),
        NamedView("all", gettext_lazy("All"), lambda requests, actor: requests),
    )
    empty_text = gettext_lazy("Where a new lead meets another one's record, its finder can ask for it.")

    def described(self) -> dict[str, Any]:
        return {**super().described(), "new_url": None}


class RequestRecord(RecordView):
    select = ("requester", "holder__team", "lead__owner", "lead__team", "customer__owner", "customer__team", "approver")
    state_hues = HUES
    props = (
        Column("kind", gettext_lazy("Wants to"), icon="hand", cell=lambda asked: cells.text(asked.get_kind_display())),
        Column("about", gettext_lazy("About"), icon="user-round-plus", cell=about),
        Column("requester", gettext_lazy("Asked by"), "person", icon="user-round"),
        Column("holder", gettext_lazy("Owner"), "person", icon="user-check"),
        Column("approver", gettext_lazy("Decided by"), "person", icon="gavel"),
        Column("reason", gettext_lazy("Reason"), icon="text"),
        Column("answer", gettext_lazy("Answer"), icon="message-circle"),
    )


class RequestCreate(CreateView):
    form_class = RequestForm
    title = gettext_lazy("Ask for another one's record")
    submit_label = gettext_lazy("Ask")

    def initial(self, record: Any) -> dict[str, Any]:
        return {"ticket": self.request.GET.get("ticket", "")}

    def save(self, form: RequestForm, record: Any) -> AccessRequest:
        return request_access(actor=self.actor, **form.cleaned_data)


class CompareView(RecordWorkspaceView):
    """Two leads side by side: what is kept of which, and then they are one."""

    permission = "leads.merge"

    def get(self, request: HttpRequest, pk: uuid.UUID, other: uuid.UUID) -> HttpResponse:
        lead, survivor = self._both(pk, other)
        page = {
            "title": _("Merge into %(lead)s") % {"lead": survivor},
            "breadcrumb": [{"label": self.page.label_plural, "url": self.page.url("list")}, {"label": str(lead), "url": url_for(lead)}],
        }
        rows = differences(lead, survivor)
        swap = self.page.url("compare", survivor.pk, lead.pk)
        return self.show("leads/compare.html", {"page": page, "lead": lead, "survivor": survivor, "rows": rows, "swap": swap})

    def post(self, request: HttpRequest, pk: uuid.UUID, other: uuid.UUID) -> HttpResponse:
        lead, survivor = self._both(pk, other)
        take = [{"field": row["name"]} for row in differences(lead, survivor) if request.POST.get(row["name"]) == "theirs"]
        perform(lead, "merge", actor=self.actor, survivor=survivor, take=take)
        return onward(request, self.page.url("record", survivor.pk), _("The leads are one now."))

    def _both(self, pk: uuid.UUID, other: uuid.UUID) -> tuple[Lead, Lead]:
        if pk == other:
            raise Http404
        lead, survivor = self.record_or_404(pk), self.record_or_404(other)
        for each in (lead, survivor):
            self.require("leads.merge", each)
        return lead, survivor
