from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.models import PublicPool
from leads.models.pools import RULES
from ltc.users.models import Membership, Team

NOT_AMONG = forms.ModelChoiceField.default_error_messages["invalid_choice"]
UNKNOWN = {"invalid_choice": NOT_AMONG, "invalid_pk_value": NOT_AMONG}  # the same words whether it does not exist or is not seen


class PoolForm(forms.ModelForm):
    """A pool: who may claim from it, by which rules."""

    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"),
        queryset=Team.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("With all teams below them."),
        error_messages=UNKNOWN,
    )
    people = forms.ModelMultipleChoiceField(
        label=_("People"), queryset=Membership.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, error_messages=UNKNOWN
    )

    class Meta:
        model = PublicPool
        fields = ("name", "active", "is_default", "open_to_all", *RULES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {"teams": Team.objects.order_by("name"), "people": Membership.objects.filter(state="active", role__in=["rep", "mgr"])}
        for name, records in choices.items():
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelMultipleChoiceField)
            choice.queryset = records
            if not self.instance._state.adding:
                self.initial[name] = [each.pk for each in getattr(self.instance, name)]

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class SimulationForm(forms.Form):
    """Rules to try out, and the day on which."""

    on = forms.DateField(label=_("On"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    idle_days = forms.IntegerField(label=_("Days without a touch"), min_value=1, max_value=3650)
    no_progress_days = forms.IntegerField(label=_("Days without progress"), min_value=1, max_value=3650)
    warn_before_days = forms.IntegerField(label=_("Days of warning"), min_value=0, max_value=3650)
