"""The pages of nurturing: sequences with their steps and figures, and who is on them."""

import uuid
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from leads.filters import EnrolmentFilters, SequenceFilters
from leads.models import Enrolment, Lead, NurtureSequence, NurtureStep
from leads.models.choices import Grade
from leads.nurturing.consent import consent_rule, set_consent_rule
from leads.nurturing.figures import figures
from leads.nurturing.sequences import add_step, change_step, create_sequence, previews, update_sequence
from leads.nurturing.texts import VARIABLES
from ltc.calendars.selectors import today
from ltc.refusals import Refusal
from ltc.web import cells
from ltc.web.additions import adds_related
from ltc.web.answers import onward
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage
from ltc.web.workspace import RecordWorkspaceView, WorkspaceView

SEQUENCES = RecordPage(
    model=NurtureSequence,
    plural="nurture-sequences",
    icon="mails",
    label=gettext_lazy("Sequence"),
    label_plural=gettext_lazy("Sequences"),
    hue="teal",
    search=("name__icontains",),
    subtitle=lambda sequence: str(sequence.get_enrols_on_display()),
)
ENROLMENTS = RecordPage(
    model=Enrolment,
    plural="enrolments",
    icon="mails",
    label=gettext_lazy("Lead on a sequence"),
    label_plural=gettext_lazy("Leads on sequences"),
    hue="teal",
    search=("lead__sort_key__startswith", "sequence__name__icontains"),
    joins=("lead", "sequence"),
    title=lambda enrolment: str(enrolment.lead),
    subtitle=lambda enrolment: str(enrolment.sequence),
)
HUES = {"active": "blue", "finished": "green", "stopped": "slate"}
STATUS_HUES = {"sent": "green", "simulated": "green", "queued": "blue", "sending": "blue", "uncertain": "rose", "failed": "rose"}
ICONS = {"email": "mail", "task": "circle-check-big"}
SHOWN = 50


def wait_in_words(step: NurtureStep) -> str:
    """How long after the one before a step comes."""
    if not step.wait:
        return _("at once")
    if step.unit == NurtureStep.Unit.HOURS:
        return ngettext("%(n)d hour", "%(n)d hours", step.wait) % {"n": step.wait}
    return ngettext("%(n)d business day", "%(n)d business days", step.wait) % {"n": step.wait}


class SequenceForm(forms.ModelForm):
    """A sequence: its name, and who comes on it by themselves."""

    grades = forms.MultipleChoiceField(
        label=gettext_lazy("Only of these grades"), choices=Grade.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = NurtureSequence
        fields = ("name", "enrols_on", "channels", "grades", "reply_to", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = self.fields["channels"]
        assert isinstance(channels, SimpleArrayField)
        channels.delimiter = ","
        channels.help_text = _("Codes of sources, with commas between them; empty: any.")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class StepForm(forms.ModelForm):
    """A step: when it comes, and what it says in which language."""

    class Meta:
        model = NurtureStep
        fields = ("kind", "wait", "unit", "position", "subject_en", "body_en", "subject_zh", "body_zh", "active")
        widgets = {name: forms.Textarea(attrs={"rows": 5}) for name in ("body_en", "body_zh")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wait"].help_text = _("After the step before it; 0: at once.")
        self.fields["position"].required = False
        self.fields["position"].help_text = _("Empty: at the end.")
        if self.instance._state.adding:
            self.initial["position"] = None
        names = ", ".join(f"{{{{ {name} }}}}" for name in VARIABLES)
        self.fields["body_en"].help_text = _("Known: %(names)s. A way to unsubscribe is added where it is missing.") % {"names": names}

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class SequenceList(RecordListView):
    filterset_class = SequenceFilters
    filter_names = ("active", "enrols_on")
    default_sort = "name"
    columns = (
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("channels", gettext_lazy("Sources"), cell=lambda sequence: cells.text(", ".join(sequence.channels))),
        Column("grades", gettext_lazy("Grades"), cell=lambda sequence: cells.text(", ".join(sequence.grades))),
        Column("active", gettext_lazy("Active"), "flag"),
    )
    empty_text = gettext_lazy("A sequence keeps in touch with leads that are not ready to buy yet.")

    def extra_actions(self) -> list[dict[str, Any]]:
        found = []
        if self.actor.has_perm("leads.view"):
            found.append({"label": ENROLMENTS.label_plural, "icon": ENROLMENTS.icon, "url": ENROLMENTS.url("list")})
        if self.actor.has_perm("settings.change"):
            found.append({"label": _("Consent"), "icon": "shield-check", "url": reverse("nurture-sequences:consent")})
        return found


class SequenceRecord(RecordView):
    props = (
        Column("enrols_on", gettext_lazy("Leads come on it"), icon="split", cell=lambda found: cells.text(found.get_enrols_on_display())),
        Column("channels", gettext_lazy("Sources"), icon="megaphone", cell=lambda found: cells.text(", ".join(found.channels))),
        Column("grades", gettext_lazy("Grades"), icon="gauge", cell=lambda found: cells.text(", ".join(found.grades))),
        Column("reply_to", gettext_lazy("Answers go to"), "email", icon="reply"),
        Column("active", gettext_lazy("Active"), "flag", icon="circle-check-big"),
    )

    def menu(self, record: Any) -> list[dict[str, Any]]:
        if not self.actor.has_perm("leads.view"):
            return []
        return [{"label": ENROLMENTS.label_plural, "icon": ENROLMENTS.icon, "url": f"{ENROLMENTS.url('list')}?sequence={record.pk}"}]

    def sections(self, record: Any) -> list[dict[str, Any]]:
        may = self.actor.has_perm("nurturing.change", record)
        tenant: Any = self.request.tenant  # type: ignore[attr-defined]
        day = today(tenant, at=timezone.now()).isoformat()
        rows = []
        for each in figures(record):
            step = each.step
            url = SEQUENCES.url("step", record.pk, step.pk) if may else ""
            rows.append(
                {
                    **{"figures": each, "wait": wait_in_words(step), "icon": ICONS[step.kind], "edit_url": url},
                    "previews": previews(step, our_company=tenant.name, today=day),
                }
            )
        new_url = SEQUENCES.url("step-new", record.pk) if may else ""
        return [{"title": _("Steps"), "template": "leads/nurture_steps.html", "place": "main", "rows": rows, "new_url": new_url}]


class SequenceCreate(CreateView):
    form_class = SequenceForm

    def save(self, form: SequenceForm, record: Any) -> NurtureSequence:
        return create_sequence(actor=self.actor, **form.cleaned_data)


class SequenceEdit(EditView):
    form_class = SequenceForm

    def save(self, form: SequenceForm, record: Any) -> NurtureSequence:
        return update_sequence(record, actor=self.actor, **form.cleaned_data)


class StepNew(RecordWorkspaceView):
    """Another step of a sequence."""

    permission = "nurturing.change"

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return self._ask(self.record_or_404(pk), None, StepForm())

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return self._save(self.record_or_404(pk), None, StepForm(request.POST))

    def _save(self, sequence: NurtureSequence, step: NurtureStep | None, form: StepForm) -> HttpResponse:
        if form.is_valid():
            values = {name: value for name, value in form.cleaned_data.items() if name != "position" or value}
            try:
                if step is None:
                    add_step(actor=self.actor, sequence=sequence, **values)
                else:
                    change_step(step, actor=self.actor, **values)
                return onward(self.request, SEQUENCES.url("record", sequence.pk), _("Saved."))
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return self._ask(sequence, step, form, status=422)

    def _ask(self, sequence: NurtureSequence, step: NurtureStep | None, form: StepForm, *, status: int = 200) -> HttpResponse:
        url = SEQUENCES.url("step", sequence.pk, step.pk) if step is not None else SEQUENCES.url("step-new", sequence.pk)
        action = {
            **{"title": _("Step") if step is not None else _("New step"), "label": _("Save"), "url": url, "wide": True},
            "back_url": SEQUENCES.url("record", sequence.pk),
        }
        return self.show_dialog({"action": action, "form": form}, status=status)


class StepEdit(StepNew):
    """One step of a sequence."""

    def get(self, request: HttpRequest, pk: uuid.UUID, step: uuid.UUID) -> HttpResponse:  # type: ignore[override]
        sequence = self.record_or_404(pk)
        found = self._step(sequence, step)
        return self._ask(sequence, found, StepForm(instance=found))

    def post(self, request: HttpRequest, pk: uuid.UUID, step: uuid.UUID) -> HttpResponse:  # type: ignore[override]
        sequence = self.record_or_404(pk)
        found = self._step(sequence, step)
        return self._save(sequence, found, StepForm(request.POST, instance=found))

    def _step(self, sequence: NurtureSequence, step: uuid.UUID) -> NurtureStep:
        found = sequence.steps.filter(pk=step).first()
        if found is None:
            raise Http404
        return found


class ConsentForm(forms.Form):
    """What must be known before the company writes to somebody."""

    rule = forms.ChoiceField(
        label=gettext_lazy("Mail may go to"),
        choices=[
            ("given", gettext_lazy("those who have agreed")),
            ("not_withdrawn", gettext_lazy("all who have not objected")),
        ],
    )


class ConsentRuleView(WorkspaceView):
    """Whose consent the company needs."""

    permission = "settings.change"
    active = "leads"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask(ConsentForm(initial={"rule": consent_rule(request.tenant)}))  # type: ignore[attr-defined]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ConsentForm(request.POST)
        if not form.is_valid():
            return self._ask(form, status=422)
        set_consent_rule(actor=self.actor, rule=form.cleaned_data["rule"])
        return onward(request, SEQUENCES.url("list"), _("Saved."))

    def _ask(self, form: ConsentForm, *, status: int = 200) -> HttpResponse:
        action = {
            "title": _("Consent to mail"), "label": _("Save"),
            "url": reverse("nurture-sequences:consent"), "back_url": SEQUENCES.url("list"),
            "text": _("Who has objected, or has followed the link in a mail, is never written to."),
        }  # fmt: skip
        return self.show_dialog({"action": action, "form": form}, status=status)


class EnrolmentList(RecordListView):
    select = ("lead", "sequence")
    filterset_class = EnrolmentFilters
    filter_names = ("state", "stop_reason", "how")
    default_sort = "-started_at"
    columns = (
        Column("lead", gettext_lazy("Lead")),
        Column("state", gettext_lazy("State"), "tag", hues=HUES),
        Column("stop_reason", gettext_lazy("Why it stopped"), cell=lambda found: cells.text(found.get_stop_reason_display())),
        Column("how", gettext_lazy("How they came on it"), hide_small=True, cell=lambda found: cells.text(found.get_how_display())),
        Column("started", gettext_lazy("Since"), "ago", path="started_at", sort="started_at"),
    )
    bulk = ("stop",)
    empty_text = gettext_lazy("Put leads on a sequence from their own pages, or many at once from the list of leads.")


class EnrolmentRecord(RecordView):
    select = ("lead", "sequence")
    state_hues = HUES
    props = (
        Column("lead", gettext_lazy("Lead"), icon="user-round-plus"),
        Column("sequence", gettext_lazy("Sequence"), icon="mails"),
        Column("how", gettext_lazy("How they came on it"), icon="split", cell=lambda found: cells.text(found.get_how_display())),
        Column("stop_reason", gettext_lazy("Why it stopped"), icon="ban", cell=lambda found: cells.text(found.get_stop_reason_display())),
        Column("started", gettext_lazy("Since"), "moment", path="started_at", icon="calendar"),
        Column("ended", gettext_lazy("Ended"), "moment", path="ended_at", icon="calendar"),
    )

    def sections(self, record: Any) -> list[dict[str, Any]]:
        messages = record.messages.select_related("step").order_by("pk")[:SHOWN]
        rows = [{"message": each, "icon": ICONS[each.step.kind], "hue": STATUS_HUES.get(each.status, "slate")} for each in messages]
        return [{"title": _("What they got"), "template": "leads/nurture_messages.html", "place": "main", "rows": rows}]

    def related(self, record: Any) -> list[dict[str, Any]]:
        lead = {"icon": "user-round-plus", "label": str(record.lead), "url": reverse("leads:record", args=[record.lead_id])}
        sequence = {"icon": "mails", "label": str(record.sequence), "url": SEQUENCES.url("record", record.sequence_id)}
        rows = [lead, sequence] if self.actor.has_perm("nurturing.view") else [lead]
        return [{"title": _("Belongs to"), "rows": rows}]


@adds_related(Lead)
def sequences_of_lead(lead: Any, actor: Any) -> Iterator[dict[str, Any]]:
    """The sequences that a lead is or was on, with why they stopped."""
    found = list(Enrolment.objects.filter(lead=lead.pk).select_related("sequence").order_by("-started_at")[:10])
    if found:
        yield {
            "title": _("Sequences"),
            "rows": [
                {
                    **{"icon": "mails", "label": str(each.sequence), "url": ENROLMENTS.url("record", each.pk)},
                    "tag": {"label": each.get_stop_reason_display() or each.get_state_display(), "hue": HUES[each.state]},
                }
                for each in found
            ],
        }
