from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.imports.attributes import NEW
from leads.imports.meaning import FIELDS, OWN, TARGET_STATES
from leads.imports.sentences import FIELD_LABELS
from leads.models import Campaign, Channel, ImportBatch, Lead
from leads.models.choices import LeadState
from leads.transition_inputs import sellers
from ltc.automation.selectors import fields_of
from ltc.users.models import Membership

WHO = ("contact_name", "company_name", "phone", "email", "wecom")
WHERE_FROM = ("channel", "campaign")
WHAT = ("title", "product_interest", "est_amount", "currency", "need")
FIT = ("industry", "industry_match", "size_employees", "region", "seniority")
BANT = ("budget", "authority", "need_level", "timeline")


class LeadForm(forms.ModelForm):
    """What is known of a lead."""

    wants_actor = True

    class Meta:
        model = Lead
        fields = (*WHO, *WHERE_FROM, *WHAT, *FIT, *BANT)
        widgets = {"need": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = Channel.objects.filter(active=True)
        if self.instance.channel_id:
            channels = channels | Channel.objects.filter(pk=self.instance.channel_id)
        for name, records in (("channel", channels.order_by("name")), ("campaign", Campaign.objects.filter(active=True))):
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)
            choice.queryset = records

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class NewLeadForm(LeadForm):
    """A new lead, and who works on it."""

    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Membership.objects.none(), required=False, help_text=_("Without an owner it waits in the pool.")
    )
    despite_duplicates = forms.BooleanField(label=_("It is another one than those in the books"), required=False)

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        choice = self.fields["owner"]
        assert isinstance(choice, forms.ModelChoiceField)
        people = sellers(Membership.objects.all(), None, actor)
        choice.queryset = people if actor.has_perm("leads.assign") else people.filter(pk=actor.pk)


class ChannelForm(forms.ModelForm):
    """A way on which leads come."""

    class Meta:
        model = Channel
        fields = ("name", "code", "kind", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False
        self.fields["code"].help_text = _("Short name in files and programs; made from the name if empty.")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class UploadForm(forms.Form):
    """A file of leads, and one that it refers to."""

    file = forms.FileField(
        label=_("File of leads"),
        help_text=_("CSV in any usual encoding, or an Excel workbook (XLSX); at most 150 MB and 300,000 rows."),
    )
    contacts = forms.FileField(
        label=_("Second file"), required=False, help_text=_("If the leads name their contacts by a number: the file of the contacts.")
    )
    source_system = forms.CharField(
        label=_("Where it comes from"),
        max_length=60,
        initial="import",
        help_text=_("Uploading a file of the same system again brings its leads up to date instead of adding them twice."),
    )


AS_THEY_ARE = ("on_duplicate", "date_order", "captured_on", "distribute", "nameless", "learn")


class MappingForm(forms.Form):
    """What the columns and words of a file mean. Field names are numbered: headings and words may hold any character."""

    channel = forms.ModelChoiceField(label=_("Source of rows without one"), queryset=Channel.objects.none())
    lead_owner = forms.ModelChoiceField(
        label=_("Owner of rows without one"),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=_("Nobody: they wait in the pool"),
    )
    on_duplicate = forms.ChoiceField(label=_("If a lead seems to be there already"), choices=ImportBatch.OnDuplicate.choices)
    date_order = forms.ChoiceField(
        label=_("Dates are written"),
        choices=[("ymd", _("year, month, day")), ("dmy", _("day, month, year")), ("mdy", _("month, day, year"))],
    )

    captured_on = forms.DateField(
        label=_("Rows without a date were captured on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Today, if you leave it empty."),
    )
    distribute = forms.BooleanField(label=_("Give rows without an owner out by the distribution rules"), required=False)
    nameless = forms.BooleanField(
        label=_("Bring in rows that name nobody, under their reference"),
        required=False,
        help_text=_("For a past to learn from: nobody can be reached by such a lead."),
    )
    others = forms.BooleanField(
        label=_("Make attributes of all columns that are kept as text"),
        required=False,
        help_text=_("Whether a new attribute is a number or a text is told by its values."),
    )
    learn = forms.BooleanField(label=_("Let the score learn from the new attributes"), required=False)

    def __init__(self, data: Any = None, *, batch: ImportBatch, actor: Any) -> None:
        initial = {name: getattr(batch, f"{name}_id", None) for name in ("channel", "lead_owner")}
        super().__init__(data, initial={**initial, **{name: getattr(batch, name) for name in AS_THEY_ARE}})
        if not actor.has_perm("attributes.add"):
            del self.fields["others"], self.fields["learn"]
        self.batch = batch
        channels = Channel.objects.filter(active=True).order_by("name")
        for name, records in (("channel", channels), ("lead_owner", sellers(Membership.objects.all(), None, actor))):
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)
            choice.queryset = records
        in_use = fields_of(Lead._meta.label_lower)
        own: list[tuple[str, Any]] = [(OWN + code, _("Attribute: %(name)s") % {"name": field.label}) for code, field in in_use.items()]
        if actor.has_perm("attributes.add"):
            known_codes = {name for name, _label in own}
            coming = {name: header for header, name in batch.columns.items() if name.startswith(OWN) and name not in known_codes}
            own += [(name, _("Attribute: %(name)s") % {"name": header}) for name, header in coming.items()]
            own.append((NEW, _("A new attribute")))
        fields = [("", _("Keep as text")), *((name, FIELD_LABELS[name]) for name in FIELDS), *own]
        states = [("", _("New, with a warning")), *((state, LeadState(state).label) for state in TARGET_STATES)]
        known = dict(channels.values_list("code", "name"))
        for number, header in enumerate(batch.headers):
            self._choice(f"column-{number}", header, fields, batch.columns.get(header, ""))
        for number, (word, state) in enumerate(batch.values.get("state", {}).items()):
            self._choice(f"state-{number}", word, states, state)
        for number, (word, code) in enumerate(batch.values.get("channel", {}).items()):
            new = [] if code in known or not code else [(code, _("New source: %(name)s") % {"name": word})]
            self._choice(f"channel-{number}", word, [("", _("The one for rows without a source")), *new, *known.items()], code)

    def _choice(self, name: str, label: str, choices: Any, initial: str) -> None:
        widget = forms.Select(attrs={"class": "field"})
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, initial=initial, required=False, widget=widget)

    def settings(self) -> dict[str, Any]:
        """The form as `map_import` takes it."""
        given = self.cleaned_data
        words = {kind: list(self.batch.values.get(kind, {})) for kind in ("state", "channel")}
        return {
            "columns": {header: given[f"column-{number}"] for number, header in enumerate(self.batch.headers)},
            "states": {word: given[f"state-{number}"] for number, word in enumerate(words["state"])},
            "channels": {word: given[f"channel-{number}"] for number, word in enumerate(words["channel"])},
            **{name: given[name] for name in ("channel", "lead_owner", *AS_THEY_ARE) if name in given},
            "others": "attributes" if given.get("others") else "text",
        }
