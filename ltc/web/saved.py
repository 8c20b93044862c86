"""Keeping a list as one sees it under a name, exporting what it shows."""

import csv
import io
import tempfile
import uuid
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.automation.views_of_lists import forget_view, own_view, save_view
from ltc.refusals import Refusal
from ltc.users.roles import Capability
from ltc.web.answers import onward
from ltc.web.lists import RecordListView
from ltc.web.workspace import RecordWorkspaceView

CHUNK = 2000
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class SavedViewForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    shared = forms.BooleanField(label=gettext_lazy("For everyone"), required=False)


class SaveView(RecordWorkspaceView):
    """A name for the list as it is now: filters, search, order and columns."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask(SavedViewForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SavedViewForm(request.POST)
        if not form.is_valid():
            return self._ask(form, status=422)
        query = request.GET.urlencode()[:2000]
        try:
            with transaction.atomic():
                save_view(actor=self.actor, place=self.page.plural, query=query, **form.cleaned_data)
        except (IntegrityError, Refusal) as refusal:
            form.add_error("name", str(refusal) if isinstance(refusal, Refusal) else _("You have a view with this name."))
            return self._ask(form, status=422)
        return onward(request, f"{self.page.url('list')}?{query}", _("Saved."))

    def _ask(self, form: SavedViewForm, *, status: int = 200) -> HttpResponse:
        action = {
            "title": _("Save this view"),
            "label": _("Save"),
            "url": self.request.get_full_path(),
            "back_url": self.page.url("list"),
        }
        return self.show_dialog({"action": action, "form": form}, status=status)


class ForgetView(RecordWorkspaceView):
    """One's own saved view is no longer needed."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        if own_view(pk, actor=self.actor, place=self.page.plural) is None:
            raise Http404
        action = {
            "title": _("Delete this view?"),
            "label": _("Delete"),
            "danger": True,
            "url": request.get_full_path(),
            "back_url": self.page.url("list"),
        }
        return self.show_dialog({"action": action, "form": None})

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        if not forget_view(pk, actor=self.actor, place=self.page.plural):
            raise Http404
        return onward(request, self.page.url("list"), _("Deleted."))


class ExportView(RecordListView):
    """All records that a list shows under its address, as a CSV file for spreadsheets. `export_columns` says what stands in it."""

    def get(self, request: HttpRequest) -> Any:
        file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        writer = csv.writer(text)
        columns = self.export_columns()
        writer.writerow([str(label) for label, _value in columns])
        for record in self.order.apply(self.chosen()).iterator(chunk_size=CHUNK):
            writer.writerow([guarded(value(record)) for _label, value in columns])
        text.detach()
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=f"{self.page.plural}.csv", content_type="text/csv; charset=utf-8")

    def export_columns(self) -> list[tuple[Any, Any]]:
        """The heading and the value of each column."""
        return [(column.label, lambda record, made=column: plain(made.of(record))) for column in self.shown]

    @property
    def may_export_personal_data(self) -> bool:
        return Capability.EXPORT_PII in getattr(self.actor, "capabilities", ())


def plain(cell: dict[str, Any]) -> Any:
    """A cell without its dress."""
    return next((cell[name] for name in ("value", "label", "name") if name in cell), "")


def guarded(value: Any) -> str:
    """Text that a spreadsheet does not take for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
