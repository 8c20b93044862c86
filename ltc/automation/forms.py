from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ltc.automation.models import CustomField


class CustomFieldForm(forms.ModelForm):
    """An attribute of a tenant's own."""

    choices = forms.CharField(label=_("Options, one a line"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}))

    class Meta:
        model = CustomField
        fields = ("label", "kind", "is_feature", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choices"].initial = "\n".join(self.instance.options or [])

    def clean(self) -> Any:
        super().clean()
        lines = self.cleaned_data.pop("choices", "").splitlines()
        self.cleaned_data["options"] = [line.strip() for line in lines if line.strip()]
        return self.cleaned_data

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""
