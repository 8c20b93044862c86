"""The pages of a tenant's own attributes."""

from typing import Any

from django.utils.translation import gettext_lazy

from ltc.automation.filters import CustomFieldFilters
from ltc.automation.forms import CustomFieldForm
from ltc.automation.models import CustomField
from ltc.automation.services import create_field, update_field
from ltc.web import cells
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage

ATTRIBUTES = RecordPage(
    model=CustomField,
    plural="attributes",
    icon="shapes",
    label=gettext_lazy("Attribute"),
    label_plural=gettext_lazy("Attributes"),
    hue="violet",
    search=("label__icontains", "code__icontains"),
    subtitle=lambda field: field.code,
)


def kind(field: Any) -> cells.Cell:
    return cells.text(field.get_kind_display())


class AttributeList(RecordListView):
    filterset_class = CustomFieldFilters
    filter_names = ("kind", "is_feature")
    default_sort = "-id"
    columns = (
        Column("label", gettext_lazy("Label")),
        Column("code", gettext_lazy("Code")),
        Column("kind", gettext_lazy("Kind"), cell=kind),
        Column("is_feature", gettext_lazy("Learned from"), "flag"),
        Column("active", gettext_lazy("Active"), "flag"),
    )
    empty_text = gettext_lazy("Attributes are what your company wants to know of leads beyond the usual. An import can add them by itself.")


class AttributeRecord(RecordView):
    props = (
        Column("code", gettext_lazy("Code"), icon="hash"),
        Column("kind", gettext_lazy("Kind"), icon="shapes", cell=kind),
        Column("is_feature", gettext_lazy("Learned from"), "flag", icon="target"),
        Column("active", gettext_lazy("Active"), "flag", icon="circle-check-big"),
    )


class AttributeCreate(CreateView):
    form_class = CustomFieldForm

    def save(self, form: CustomFieldForm, record: Any) -> CustomField:
        return create_field(actor=self.actor, **form.cleaned_data)


class AttributeEdit(EditView):
    form_class = CustomFieldForm

    def save(self, form: CustomFieldForm, record: Any) -> CustomField:
        return update_field(record, actor=self.actor, version=self.wanted_version(), **form.cleaned_data)
