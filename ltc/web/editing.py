"""Making and changing a record through a form; the service that the form calls writes, the page does not."""

import uuid
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ltc.refusals import Refusal
from ltc.web.answers import is_htmx, onward, refresh
from ltc.web.choices import FirstRecords, RecordSelect, choosable, without_idle_zeros
from ltc.web.workspace import RecordWorkspaceView


def add_errors(form: Any, error: ValidationError) -> None:
    """What a record's own check found, beside its fields; what concerns a field that the form does not have stands above them."""
    found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for field, sentences in found.items():
        form.add_error(field if field in form.fields else None, sentences)


def fit_to(form: forms.BaseForm, actor: Any) -> None:
    """Let a form's choices of records hold only what the actor may see, and its menus only the first of them."""
    for field in form.fields.values():
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
            field.queryset = choosable(field.queryset, actor)
            if type(field.widget) is forms.Select:
                field.widget = RecordSelect(attrs=field.widget.attrs)
            field.iterator = FirstRecords
            field.choices = FirstRecords(field)
        if isinstance(field, forms.DecimalField):
            field.prepare_value = without_idle_zeros  # type: ignore[method-assign]
        if isinstance(field, forms.DateField) and type(field.widget) is forms.DateInput:
            field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FormView(RecordWorkspaceView):
    """A form about a record of this kind. `save` calls the service and returns the record."""

    form_class: ClassVar[type[forms.BaseForm]]
    template_name: ClassVar[str] = "records/form.html"
    title: ClassVar[Any] = ""
    submit_label: ClassVar[Any] = ""

    def form(self, record: Any = None, data: Any = None) -> Any:
        given: dict[str, Any] = {"data": data, "files": self.request.FILES if data is not None else None, "initial": self.initial(record)}
        if issubclass(self.form_class, forms.BaseModelForm):
            given["instance"] = record
        if getattr(self.form_class, "wants_actor", False):
            given["actor"] = self.actor
        made = self.form_class(**given)
        fit_to(made, self.actor)
        return made

    def initial(self, record: Any) -> dict[str, Any]:
        """The values that the form starts with, beside those of the record."""
        return {}

    def save(self, form: Any, record: Any) -> Any:
        """Carry the form out and return the record."""
        return form.save()

    def attempt(self, form: Any, record: Any) -> Any | None:
        """Save a bound form; None, with the reasons in the form, if it or the service refuses."""
        if not form.is_valid():
            return None
        try:
            with transaction.atomic():
                return self.save(form, record)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        except ValidationError as error:
            add_errors(form, error)
        return None


class CreateView(FormView):
    """A new record of this kind; needs the area's `add`."""

    def required_permission(self) -> str:
        return self.permission or f"{self.page.area}.add"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(data=request.POST)
        record = self.attempt(form, None)
        if record is None:
            return self._ask(form, status=422)
        return onward(request, self.next_url(record), _("%(record)s was created.") % {"record": self.page.title(record)})

    def next_url(self, record: Any) -> str:
        return self.page.url("record", record.pk)

    def _ask(self, form: Any, *, status: int = 200) -> HttpResponse:
        title = self.title or _("New %(kind)s") % {"kind": str(self.page.label).lower()}
        if is_htmx(self.request):
            action = {"label": self.submit_label or _("Create"), "title": title, "url": self.request.get_full_path()}
            return self.show("records/action_dialog.html", {"action": action, "form": form}, status=status)
        page = {
            "title": title,
            "icon": self.page.icon,
            "breadcrumb": [{"label": self.page.label_plural, "url": self.page.url("list")}],
            "submit_label": self.submit_label or _("Create"),
            "cancel_url": self.page.url("list"),
        }
        return self.show(self.template_name, {"page": page, "form": form}, status=status)


class EditView(FormView):
    """Changes to a record; needs the area's `change` on it. `?field=` narrows the form to one field, for editing in place."""

    def required_permission(self) -> str:
        return self.permission or f"{self.page.area}.view"

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        record = self._open(pk)
        return self._ask(record, self._narrowed(self.form(record)))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        record = self._open(pk)
        self.require_version(record)
        form = self._narrowed(self.form(record, data=request.POST))
        if self.attempt(form, record) is None:
            return self._ask(record, form, status=422)
        return refresh(request, self.page.url("record", pk), _("Saved."))

    def _open(self, pk: uuid.UUID) -> Any:
        record = self.record_or_404(pk)
        self.require(f"{self.page.area}.change", record)
        return record

    def _narrowed(self, form: Any) -> Any:
        wanted = self.request.GET.get("field")
        if wanted:
            if wanted not in form.fields:
                raise Http404
            for name in [name for name in form.fields if name != wanted]:
                del form.fields[name]
        return form

    def _ask(self, record: Any, form: Any, *, status: int = 200) -> HttpResponse:
        title = self.title or _("Edit %(record)s") % {"record": self.page.title(record)}
        field = self.request.GET.get("field")
        version = self.wanted_version() or record.version
        url = f"{self.page.url('edit', record.pk)}?version={version}" + (f"&field={field}" if field else "")
        action = {
            "label": self.submit_label or _("Save"),
            "title": title,
            "url": url,
            "back_url": self.page.url("record", record.pk),
            "wide": len(form.fields) > 6,
        }
        return self.show_dialog({"action": action, "form": form, "record": record}, status=status)
