from itertools import groupby
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth import password_validation
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from ltc.calendars.models import CalendarDay
from ltc.money.currencies import CURRENCIES
from ltc.tenancy.models import Tenant
from ltc.tenancy.options import LONGEST, Option, declared, value_of
from ltc.users.models import Membership, Team, User
from ltc.users.roles import MATRIX, Capability, Role

AREAS = sorted({permission.partition(".")[0] for grants in MATRIX.values() for permission in grants})

ZONES = [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/"))]


class PasswordField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False, max_length=200, **kwargs)

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        password_validation.validate_password(value)
        return value


class SignUpForm(forms.Form):
    """A company and its first person."""

    company = forms.CharField(label=_("Company"), max_length=200)
    code = forms.SlugField(
        label=_("Workspace address"), max_length=40, help_text=_("Small letters, digits and hyphens: it becomes part of your links.")
    )
    person = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = PasswordField(label=_("Password"), help_text=_("At least 10 characters."))
    locale = forms.ChoiceField(label=_("Language"), choices=[("en", "English"), ("zh-hans", "简体中文")])
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=ZONES)
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in sorted(CURRENCIES)])


class InvitedForm(forms.Form):
    """An invited person without an account makes one."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = PasswordField(label=_("Password"), help_text=_("At least 10 characters."))


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(label=_("Role"), choices=[choice for choice in Role.choices if choice[0] != Role.API])
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.order_by("path")  # type: ignore[attr-defined]


class MemberForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=[choice for choice in Role.choices if choice[0] != Role.API])
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), required=False)
    manager = forms.ModelChoiceField(label=_("Reports to"), queryset=Membership.objects.none(), required=False)
    capabilities = forms.MultipleChoiceField(
        label=_("Additional rights"), choices=Capability.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    capacity = forms.IntegerField(label=_("Open leads at most"), min_value=0, max_value=10_000)
    on_leave_from = forms.DateField(label=_("On leave from"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    on_leave_to = forms.DateField(label=_("On leave until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    state = forms.ChoiceField(label=_("State"), choices=Membership.State.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.order_by("path")  # type: ignore[attr-defined]
        self.fields["manager"].queryset = Membership.objects.filter(state=Membership.State.ACTIVE).order_by("name")  # type: ignore[attr-defined]


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    parent = forms.ModelChoiceField(label=_("Part of"), queryset=Team.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Team.objects.order_by("path")  # type: ignore[attr-defined]


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("name", "language", "theme", "density")
        labels = {"name": _("Name"), "language": _("Language"), "theme": _("Theme"), "density": _("Density")}


class CompanyForm(forms.ModelForm):
    class Meta:
        model = Tenant
        fields = ("name", "locale", "time_zone", "fiscal_year_start_month")
        labels = {
            "name": _("Company"),
            "locale": _("Language"),
            "time_zone": _("Time zone"),
            "fiscal_year_start_month": _("Fiscal year starts in month"),
        }

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=ZONES)
    fiscal_year_start_month = forms.IntegerField(label=_("Fiscal year starts in month"), min_value=1, max_value=12)


class OptionsForm(forms.Form):
    """A field for each option of the tenant, named by its code; `panels` has them by their groups."""

    KINDS: ClassVar = {"amount": forms.DecimalField, "rate": forms.DecimalField, "days": forms.IntegerField}

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for option in declared():
            self.fields[option.code] = self._field(option, value_of(tenant, option))

    def _field(self, option: Option, value: Any) -> forms.Field:
        told = {"label": option.label, "help_text": option.hint, "required": False, "initial": value}
        if option.kind == "flag":
            return forms.BooleanField(**told)
        if option.kind == "choice":
            return forms.ChoiceField(choices=option.choices, **told)
        if option.kind in self.KINDS:
            return self.KINDS[option.kind](min_value=0, **told)
        return forms.CharField(max_length=LONGEST, **told)

    @property
    def panels(self) -> list[tuple[Any, list[Any]]]:
        """The fields under the names of their groups."""
        return [(group, [self[option.code] for option in options]) for group, options in groupby(declared(), key=lambda each: each.group)]


class CalendarDayForm(forms.Form):
    date = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label=_("Kind"), choices=CalendarDay.Kind.choices)
    name = forms.CharField(label=_("Name"), max_length=80, required=False)


class WorkHoursForm(forms.Form):
    """On which weekdays nobody works, and from when until when the others are worked."""

    weekend = forms.TypedMultipleChoiceField(
        label=_("Weekend"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(number, WEEKDAYS[number - 1]) for number in range(1, 8)],
    )  # fmt: skip
    work_start = forms.TimeField(label=_("Work starts"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    work_end = forms.TimeField(label=_("Work ends"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class KeyForm(forms.Form):
    """What a new API key may do: its role's rights, within the areas that it names."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Where it is used, for example: website form."))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.API)
    access = forms.MultipleChoiceField(
        label=_("Access"),
        choices=[("*", _("Everything")), *[(f"{area}:{act}", f"{area}:{act}") for area in AREAS for act in ("read", "write")]],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(label=_("Valid for (days)"), min_value=1, max_value=3650, initial=365)
