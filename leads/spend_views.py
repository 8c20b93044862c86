"""The pages of campaigns and of what was spent on bringing leads."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from leads.channels import create_campaign, update_campaign
from leads.filters import CampaignFilters, SpendFilters
from leads.imports.files import table_from
from leads.models import Campaign, MarketingSpend
from leads.spending import WrongRows, import_spend, record_spend, update_spend
from ltc.refusals import Refusal
from ltc.web.answers import onward
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage
from ltc.web.workspace import RecordWorkspaceView

SPEND = RecordPage(
    model=MarketingSpend,
    plural="marketing-spend",
    icon="banknote",
    label=gettext_lazy("Marketing spend"),
    label_plural=gettext_lazy("Marketing spend"),
    hue="amber",
    group="insight",
    order=86,
    search=("note__icontains", "channel__name__icontains", "campaign__name__icontains"),
    joins=("channel", "campaign"),
)
CAMPAIGNS = RecordPage(
    model=Campaign,
    plural="campaigns",
    icon="flag",
    label=gettext_lazy("Campaign"),
    label_plural=gettext_lazy("Campaigns"),
    hue="violet",
    search=("name__icontains", "channel__name__icontains"),
    joins=("channel",),
    subtitle=lambda campaign: campaign.channel.name,
)


class SpendForm(forms.ModelForm):
    """What was spent, where and when."""

    class Meta:
        model = MarketingSpend
        fields = ("channel", "campaign", "spend_date", "amount", "currency", "note")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class NewSpendForm(SpendForm):
    """The same, perhaps spread over days."""

    until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("If it was spent over several days: each gets its part."),
    )
    field_order = ("channel", "campaign", "spend_date", "until", "amount", "currency", "note")


class SpendList(RecordListView):
    select = ("channel", "campaign", "tenant")
    filterset_class = SpendFilters
    filter_names = ("channel", "campaign", "currency")
    default_sort = "-spend_date"
    columns = (
        Column("spend_date", gettext_lazy("Date"), "date", sort="spend_date"),
        Column("channel", gettext_lazy("Source")),
        Column("campaign", gettext_lazy("Campaign"), hide_small=True),
        Column("amount", gettext_lazy("Amount"), "money"),
        Column("base_amount", gettext_lazy("In base currency"), "money", currency="tenant.base_currency", hide_small=True),
        Column("note", gettext_lazy("Note"), hide_small=True),
    )
    empty_text = gettext_lazy("What your advertisements, fairs and mailings cost. The cost of a lead and of a customer follow from it.")

    def extra_actions(self) -> list[dict[str, Any]]:
        found = [{"label": CAMPAIGNS.label_plural, "icon": CAMPAIGNS.icon, "url": CAMPAIGNS.url("list")}]
        if self.actor.has_perm("channels.add"):
            found.append({"label": _("Import"), "icon": "upload", "url": SPEND.url("import")})
        return found


class SpendRecord(RecordView):
    select = ("channel", "campaign", "tenant")
    props = (
        Column("spend_date", gettext_lazy("Date"), "date", icon="calendar"),
        Column("channel", gettext_lazy("Source"), icon="megaphone"),
        Column("campaign", gettext_lazy("Campaign"), icon="flag"),
        Column("amount", gettext_lazy("Amount"), "money", icon="banknote"),
        Column("fx_rate", gettext_lazy("Exchange rate"), "number", icon="arrow-left-right"),
        Column("base_amount", gettext_lazy("In base currency"), "money", currency="tenant.base_currency", icon="coins"),
        Column("note", gettext_lazy("Note"), icon="sticky-note"),
    )


class SpendCreate(CreateView):
    form_class = NewSpendForm

    def initial(self, record: Any) -> dict[str, Any]:
        return {"currency": self.request.tenant.base_currency}  # type: ignore[attr-defined]

    def save(self, form: NewSpendForm, record: Any) -> MarketingSpend:
        return record_spend(actor=self.actor, **form.cleaned_data)


class SpendEdit(EditView):
    form_class = SpendForm

    def save(self, form: SpendForm, record: Any) -> MarketingSpend:
        return update_spend(record, actor=self.actor, version=self.wanted_version(), **form.cleaned_data)


class SpendFileForm(forms.Form):
    """A file of what was spent."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV or XLSX with the columns date, channel and amount, perhaps campaign, currency and note; at most 5,000 rows."
        ),
    )


class SpendImport(RecordWorkspaceView):
    """A file of what was spent: all its rows, or none."""

    permission = "channels.add"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask(SpendFileForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SpendFileForm(request.POST, request.FILES)
        wrong: Any = ()
        if form.is_valid():
            try:
                added, known = import_spend(actor=self.actor, table=table_from(form.cleaned_data["file"]))
            except WrongRows as refusal:
                wrong = refusal.wrong
                form.add_error("file", str(refusal))
            except Refusal as refusal:
                form.add_error("file", str(refusal))
            else:
                said = ngettext("%(count)d row was taken.", "%(count)d rows were taken.", added) % {"count": added}
                left = ngettext("%(count)d was there already.", "%(count)d were there already.", known) % {"count": known}
                return onward(request, SPEND.url("list"), f"{said} {left}" if known else said)
        return self._ask(form, wrong=wrong, status=422)

    def _ask(self, form: SpendFileForm, *, wrong: Any = (), status: int = 200) -> HttpResponse:
        page = {
            "title": _("Import marketing spend"),
            "breadcrumb": [{"label": SPEND.label_plural, "url": SPEND.url("list")}],
            "submit_label": _("Import"),
            "cancel_url": SPEND.url("list"),
            "text": _("A row that is in the books already is left out. If one cannot be read, none is taken."),
        }
        return self.show("leads/spend_import.html", {"page": page, "form": form, "wrong": wrong}, status=status)


class CampaignForm(forms.ModelForm):
    """A limited effort on a channel."""

    class Meta:
        model = Campaign
        fields = ("channel", "name", "start", "end", "budget", "active")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class CampaignList(RecordListView):
    select = ("channel", "tenant")
    filterset_class = CampaignFilters
    filter_names = ("channel", "active")
    default_sort = "name"
    columns = (
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("channel", gettext_lazy("Source")),
        Column("start", gettext_lazy("First day"), "date"),
        Column("end", gettext_lazy("Last day"), "date", hide_small=True),
        Column("budget", gettext_lazy("Budget"), "money", currency="tenant.base_currency"),
        Column("active", gettext_lazy("Active"), "flag"),
    )
    empty_text = gettext_lazy("A stand at a fair, an advertisement, a mailing: leads and money are counted for each.")


class CampaignRecord(RecordView):
    select = ("channel", "tenant")
    props = (
        Column("channel", gettext_lazy("Source"), icon="megaphone"),
        Column("start", gettext_lazy("First day"), "date", icon="calendar"),
        Column("end", gettext_lazy("Last day"), "date", icon="calendar"),
        Column("budget", gettext_lazy("Budget"), "money", currency="tenant.base_currency", icon="wallet"),
        Column("active", gettext_lazy("Active"), "flag", icon="circle-check-big"),
    )


class CampaignCreate(CreateView):
    form_class = CampaignForm

    def initial(self, record: Any) -> dict[str, Any]:
        return {"active": True}

    def save(self, form: CampaignForm, record: Any) -> Campaign:
        return create_campaign(actor=self.actor, **form.cleaned_data)


class CampaignEdit(EditView):
    form_class = CampaignForm

    def save(self, form: CampaignForm, record: Any) -> Campaign:
        return update_campaign(record, actor=self.actor, **form.cleaned_data)
