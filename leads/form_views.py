"""The pages on which web forms are built, and what visitors have sent by them."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.asking import asked_by, questions
from leads.filters import SubmissionFilters
from leads.masking import mask_submission
from leads.models import FormSubmission, WebForm
from leads.transition_inputs import sellers
from leads.web_forms import create_form, retry, update_form
from ltc.users.models import Membership
from ltc.web import cells
from ltc.web.answers import onward
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage
from ltc.web.workspace import RecordWorkspaceView

FORMS = RecordPage(
    model=WebForm,
    plural="web-forms",
    icon="file-text",
    label=gettext_lazy("Web form"),
    label_plural=gettext_lazy("Web forms"),
    hue="teal",
    search=("name__icontains",),
)
SUBMISSIONS = RecordPage(
    model=FormSubmission,
    plural="form-submissions",
    icon="inbox",
    label=gettext_lazy("Form submission"),
    label_plural=gettext_lazy("Form submissions"),
    hue="teal",
    search=("form__name__icontains",),
    joins=("form",),
    subtitle=lambda submission: submission.form.name,
)
HUES = {"waiting": "blue", "unconfirmed": "amber", "done": "green", "failed": "rose", "spam": "slate"}


class Lines(forms.CharField):
    """A list of texts, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [line.strip().rstrip("/") for line in super().clean(value).splitlines() if line.strip()]


class WebFormForm(forms.ModelForm):
    """A web form: what it asks, what it says, and where its leads go."""

    wants_actor = True
    asked = forms.MultipleChoiceField(label=gettext_lazy("Asks for"), widget=forms.CheckboxSelectMultiple)
    required = forms.MultipleChoiceField(label=gettext_lazy("Must be filled in"), widget=forms.CheckboxSelectMultiple)
    origins = Lines(
        label=gettext_lazy("Allowed websites"),
        required=False,
        help_text=gettext_lazy("One a line, like https://www.example.com. The page of ours always works."),
    )

    thanks_url = forms.URLField(label=gettext_lazy("Thank-you page"), required=False, max_length=500, assume_scheme="https")

    class Meta:
        model = WebForm
        fields = (
            *("name", "heading", "intro", "asked", "required", "button", "consent_text", "channel", "campaign", "owner"),
            *("thanks", "thanks_url", "double_opt_in", "origins", "active"),
        )
        widgets = {name: forms.Textarea(attrs={"rows": 2}) for name in ("intro", "consent_text", "thanks")}

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(question.name, question.label) for question in questions().values()]
        for name in ("asked", "required"):
            ticks = self.fields[name]
            assert isinstance(ticks, forms.MultipleChoiceField)
            ticks.choices = choices
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = sellers(Membership.objects.all(), None, actor)

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class FormList(RecordListView):
    select = ("channel",)
    default_sort = "name"
    columns = (
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("channel", gettext_lazy("Source")),
        Column("double_opt_in", gettext_lazy("Confirmed by e-mail"), "flag"),
        Column("active", gettext_lazy("Active"), "flag"),
    )
    empty_text = gettext_lazy("A web form brings leads in from your website.")

    def extra_actions(self) -> list[dict[str, Any]]:
        return [{"label": _("What was sent"), "icon": "inbox", "url": SUBMISSIONS.url("list")}]


class FormRecord(RecordView):
    select = ("channel", "campaign", "owner")
    props = (
        Column("channel", gettext_lazy("Source"), icon="megaphone"),
        Column("campaign", gettext_lazy("Campaign"), icon="megaphone"),
        Column("asked", gettext_lazy("Asks for"), icon="list", cell=lambda form: cells.text(asked(form))),
        Column("consent_version", gettext_lazy("Version of the consent"), "number", icon="hash"),
        Column("origins", gettext_lazy("Allowed websites"), icon="globe", cell=lambda form: cells.text(", ".join(form.origins))),
        Column("double_opt_in", gettext_lazy("Confirmed by e-mail"), "flag", icon="mail"),
        Column("active", gettext_lazy("Active"), "flag", icon="circle-check-big"),
    )

    def sections(self, record: Any) -> list[dict[str, Any]]:
        request: Any = self.request
        path = f"/f/{request.tenant.code}/{record.token}/"
        url = request.build_absolute_uri(path)
        script = request.build_absolute_uri(static("embed/form.js"))
        snippet = f'<div data-ltc-form="{url}"></div>\n<script src="{script}" async></script>'
        section = {"title": _("How visitors get to it"), "template": "leads/form_embed.html", "url": url, "snippet": snippet}
        return [{**section, "place": "left"}]


class FormCreate(CreateView):
    form_class = WebFormForm

    def initial(self, record: Any) -> dict[str, Any]:
        return {"asked": ["contact_name", "company_name", "email", "need"], "required": ["contact_name", "email"]}

    def save(self, form: WebFormForm, record: Any) -> WebForm:
        return create_form(actor=self.actor, **form.cleaned_data)


class FormEdit(EditView):
    form_class = WebFormForm

    def save(self, form: WebFormForm, record: Any) -> WebForm:
        return update_form(record, actor=self.actor, **form.cleaned_data)


class SubmissionList(RecordListView):
    select = ("form", "lead")
    filterset_class = SubmissionFilters
    filter_names = ("outcome", "form")
    default_sort = "-created_at"
    columns = (
        Column("sender", gettext_lazy("Sender"), cell=lambda submission: cells.text(str(submission))),
        Column("form", gettext_lazy("Form")),
        Column("outcome", gettext_lazy("Outcome"), "tag", hues=HUES),
        Column("created_at", gettext_lazy("Sent"), "ago", sort="created_at"),
    )


class SubmissionRecord(RecordView):
    select = ("form", "lead")
    props = (
        Column("form", gettext_lazy("Form"), icon="file-text"),
        Column("outcome", gettext_lazy("Outcome"), "tag", icon="circle-dot", hues=HUES),
        Column("values", gettext_lazy("Answers"), icon="list", cell=lambda sent: cells.text(said(sent.values))),
        Column("trail", gettext_lazy("Where they came from"), icon="map-pin", cell=lambda sent: cells.text(campaign_words(sent))),
        Column("consent_text", gettext_lazy("Consent"), icon="circle-check-big"),
        Column("lead", gettext_lazy("Lead"), icon="user-round-plus"),
        Column("error", gettext_lazy("Why"), icon="triangle-alert"),
    )

    def record_or_404(self, pk: Any) -> Any:
        return mask_submission(super().record_or_404(pk), self.actor)

    def actions(self, record: Any) -> list[dict[str, Any]]:
        if record.outcome not in ("failed", "spam") or not self.actor.has_perm("forms.change", record):
            return super().actions(record)
        url = reverse("form-submissions:retry", args=[record.pk])
        button = {"name": "retry", "label": _("Try again"), "icon": "rotate-ccw", "url": url, "allowed": True, "primary": True}
        return [button, *super().actions(record)]


class RetryView(RecordWorkspaceView):
    """Make a lead of what has failed, with corrected answers."""

    permission = "forms.change"

    def _form(self, record: FormSubmission, data: Any = None) -> forms.Form:
        form = forms.Form(data)
        for each in asked_by(record.form.asked):
            initial = record.values.get(each.name, "")
            form.fields[each.name] = forms.CharField(label=each.label, required=False, initial=initial, max_length=4000)
        return form

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self._ask(self.record_or_404(pk))

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        record = self.record_or_404(pk)
        form = self._form(record, request.POST)
        if not form.is_valid():
            return self._ask(record, form, status=422)
        retry(record, actor=self.actor, values=form.cleaned_data)
        return onward(request, SUBMISSIONS.url("record", pk), _("It is tried again."))

    def _ask(self, record: FormSubmission, form: Any = None, *, status: int = 200) -> HttpResponse:
        action = {
            "title": _("Try again"),
            "label": _("Try again"),
            "text": record.error,
            "url": reverse("form-submissions:retry", args=[record.pk]),
            "back_url": SUBMISSIONS.url("record", record.pk),
        }
        return self.show_dialog({"action": action, "form": form or self._form(record)}, status=status)


def asked(form: WebForm) -> str:
    return ", ".join(str(question.label) for question in asked_by(form.asked))


def campaign_words(sent: FormSubmission) -> str:
    return said(sent.trail.get("utm", {}))


def said(values: dict[str, Any]) -> str:
    return " · ".join(str(value) for value in values.values() if value)
