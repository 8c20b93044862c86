"""The pages of forecasts: what each person said, newest first."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ltc.users.models import Membership
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage
from opportunities.forecasting import lock_forecast, submit_forecast
from opportunities.models import ForecastSubmission

FORECASTS = RecordPage(
    model=ForecastSubmission,
    plural="forecasts",
    icon="trending-up",
    label=gettext_lazy("Forecast"),
    label_plural=gettext_lazy("Forecasts"),
    hue="violet",
    group="insight",
    order=78,
    search=("user__name__icontains", "period__istartswith", "note__icontains"),
    joins=("user", "team"),
    subtitle=lambda forecast: forecast.period,
)


class ForecastForm(forms.ModelForm):
    """What a person will win."""

    class Meta:
        model = ForecastSubmission
        fields = ("user", "period", "commit_amount", "best_case_amount", "note")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class LockForm(forms.ModelForm):
    """Whether a forecast is the one that is measured."""

    class Meta:
        model = ForecastSubmission
        fields = ("is_locked",)

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class ForecastList(RecordListView):
    select = ("user", "team", "tenant")
    default_sort = "-submitted_at"
    columns = (
        Column("user", gettext_lazy("Person")),
        Column("period", gettext_lazy("Period"), sort="starts_on"),
        Column("commit_amount", gettext_lazy("Committed"), "money", currency="tenant.base_currency"),
        Column("best_case_amount", gettext_lazy("Best case"), "money", currency="tenant.base_currency", hide_small=True),
        Column("submitted_at", gettext_lazy("Handed in"), "moment", sort="submitted_at"),
        Column("is_locked", gettext_lazy("Locked"), "flag", hide_small=True),
    )
    empty_text = gettext_lazy("What each person says that they will win in a month, quarter or year. A manager locks what is measured.")


class ForecastRecord(RecordView):
    select = ("user", "team", "tenant")
    props = (
        Column("user", gettext_lazy("Person"), icon="user-round"),
        Column("period", gettext_lazy("Period"), icon="calendar"),
        Column("commit_amount", gettext_lazy("Committed"), "money", currency="tenant.base_currency", icon="target"),
        Column("best_case_amount", gettext_lazy("Best case"), "money", currency="tenant.base_currency", icon="target"),
        Column("submitted_at", gettext_lazy("Handed in"), "moment", icon="clock"),
        Column("is_locked", gettext_lazy("Locked"), "flag", icon="lock"),
        Column("note", gettext_lazy("Note"), icon="sticky-note"),
    )


class ForecastCreate(CreateView):
    form_class = ForecastForm

    def initial(self, record: Any) -> dict[str, Any]:
        return {"user": self.actor.pk} if isinstance(self.actor, Membership) else {}

    def save(self, form: ForecastForm, record: Any) -> ForecastSubmission:
        return submit_forecast(actor=self.actor, **form.cleaned_data)


class ForecastEdit(EditView):
    form_class = LockForm

    def save(self, form: LockForm, record: Any) -> ForecastSubmission:
        return lock_forecast(record, actor=self.actor, version=self.wanted_version(), **form.cleaned_data)
