"""The import wizard: upload, map and check, run, result."""

import uuid
from typing import Any

from django.db.models import Case, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.forms import AS_THEY_ARE, MappingForm, UploadForm
from leads.imports.checking import map_import, run
from leads.imports.correcting import correct_row, may_be_undone, undo_import
from leads.imports.files import table_from
from leads.imports.meaning import samples
from leads.imports.running import failed_rows
from leads.imports.selectors import counts
from leads.imports.sentences import sentences
from leads.imports.taking import start_import
from leads.models import ImportBatch, ImportRow
from leads.views import LEADS
from ltc.refusals import Refusal
from ltc.web.answers import is_htmx, onward
from ltc.web.workspace import WorkspaceView

SHOWN, LOOKED_AT, RECENT = 50, 200, 10
OVER = (ImportBatch.State.DONE, ImportBatch.State.UNDONE)


class ImportPage(WorkspaceView):
    """What the pages of the wizard have in common."""

    permission = "imports.view"
    active = "leads"

    def batch_or_404(self, pk: uuid.UUID) -> ImportBatch:
        batch = ImportBatch.objects.visible_to(self.actor).select_related("channel", "lead_owner").filter(pk=pk).first()
        if batch is None:
            raise Http404
        return batch

    def crumbs(self) -> list[dict[str, Any]]:
        return [{"label": LEADS.label_plural, "url": LEADS.url("list")}, {"label": _("Import"), "url": reverse("leads:imports")}]


class UploadView(ImportPage):
    """Choose a file; below, the imports of before."""

    permission = "imports.add"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask(UploadForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            given = form.cleaned_data
            try:
                table = table_from(given["file"], given["contacts"])
                batch = start_import(actor=self.actor, table=table, file_name=given["file"].name, source_system=given["source_system"])
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                return HttpResponseRedirect(reverse("leads:import", args=[batch.pk]))
        return self._ask(form, status=422)

    def _ask(self, form: UploadForm, *, status: int = 200) -> HttpResponse:
        recent = ImportBatch.objects.visible_to(self.actor).select_related("owner").order_by("-created_at", "-id")[:RECENT]
        page = {
            "title": _("Import leads"),
            "breadcrumb": self.crumbs()[:1],
            "submit_label": _("Upload and check"),
            "cancel_url": LEADS.url("list"),
            "text": _("Nothing is made of the file before you have seen what it would become."),
        }
        return self.show("leads/import_upload.html", {"page": page, "form": form, "recent": recent}, status=status)


class ImportView(ImportPage):
    """One import: its mapping and dry run while it waits, its progress while it runs, its result when it is done."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        batch = self.batch_or_404(pk)
        if batch.state not in (ImportBatch.State.MAPPING, ImportBatch.State.CHECKED):
            return self._result(batch)
        return self._mapping(batch, MappingForm(batch=batch, actor=self.actor))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        batch = self.batch_or_404(pk)
        if request.POST.get("step") == "run":
            run(batch, actor=self.actor)
            return onward(request, reverse("leads:import", args=[pk]), _("The import has started."))
        if request.POST.get("step") == "undo":
            undo_import(batch, actor=self.actor)
            return onward(request, reverse("leads:import", args=[pk]), _("The import is being taken back."))
        form = MappingForm(request.POST, batch=batch, actor=self.actor)
        if form.is_valid():
            try:
                map_import(batch, actor=self.actor, **form.settings())
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                return onward(request, reverse("leads:import", args=[pk]), _("Checked again."))
        return self._mapping(batch, form, status=422)

    def _page(self, batch: ImportBatch) -> dict[str, Any]:
        return {"title": batch.file_name or _("Import"), "breadcrumb": self.crumbs()}

    def _mapping(self, batch: ImportBatch, form: MappingForm, *, status: int = 200) -> HttpResponse:
        cells = list(batch.rows.order_by("line").values_list("raw", flat=True)[:LOOKED_AT])
        columns = [{"field": form[f"column-{number}"], "samples": samples(cells, header)} for number, header in enumerate(batch.headers)]
        found = counts(batch)
        context = {
            "page": {**self._page(batch), "ready": batch.total - found["with_errors"]},
            "batch": batch,
            "form": form,
            "columns": columns,
            "words": [
                {"title": title, "fields": [form[f"{kind}-{number}"] for number in range(len(batch.values.get(kind, {})))]}
                for kind, title in (("state", _("Their states")), ("channel", _("Their sources")))
            ],
            "settings": [form[name] for name in ("channel", "lead_owner", *AS_THEY_ARE, "others") if name in form.fields],
            "counts": found,
            "problems": self._problems(batch.rows.exclude(errors=[], warnings=[]), batch),
        }
        return self.show("leads/import_map.html", context, status=status)

    def _problems(self, rows: Any, batch: ImportBatch | None = None) -> list[dict[str, Any]]:
        """Rows with something wrong, those that will not come in first; with their cells if they can still be corrected."""
        worst_first = rows.select_related("lead").order_by(Case(When(errors=[], then=1), default=0), "line")
        return [problem_of(row, batch) for row in worst_first[:SHOWN]]

    def _result(self, batch: ImportBatch) -> HttpResponse:
        found = counts(batch)
        done = batch.total - found["waiting"]
        context = {
            "page": self._page(batch),
            "batch": batch,
            "counts": found,
            "done": done,
            "may_undo": may_be_undone(batch, at=timezone.now()) and self.actor.has_perm("imports.change", batch),
            "percent": done * 100 // batch.total if batch.total else 100,
            "problems": self._problems(batch.rows.exclude(errors=[], warnings=[]))
            if batch.state in (ImportBatch.State.DONE, ImportBatch.State.UNDONE)
            else [],
        }
        fragment = "#progress" if self.request.GET.get("part") == "progress" else ""
        return self.show("leads/import_result.html" + fragment, context)


class RowView(ImportPage):
    """One row of an import that is checked: its cells, corrected in place."""

    def post(self, request: HttpRequest, pk: uuid.UUID, line: int) -> HttpResponse:
        batch = self.batch_or_404(pk)
        cells = {header: request.POST[f"cell-{number}"] for number, header in enumerate(batch.headers) if f"cell-{number}" in request.POST}
        row = correct_row(batch, actor=self.actor, line=line, cells=cells)
        if not is_htmx(request):
            return HttpResponseRedirect(reverse("leads:import", args=[pk]))
        return self.show("leads/import_row.html", {"row": problem_of(row, batch), "batch": batch})


def problem_of(row: ImportRow, batch: ImportBatch | None) -> dict[str, Any]:
    """A row as the page shows it; the cells are those that are mapped to a field."""
    cells = []
    if batch is not None:
        cells = [
            {"name": f"cell-{number}", "label": header, "value": row.raw.get(header, "")}
            for number, header in enumerate(batch.headers)
            if batch.columns.get(header)
        ]
    return {"line": row.line, "errors": sentences(row.errors), "warnings": sentences(row.warnings), "lead": row.lead, "cells": cells}


class FailedRowsView(ImportPage):
    """The rows that failed, as a file to correct and upload again."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        batch = self.batch_or_404(pk)
        headers = {"Content-Disposition": f'attachment; filename="failed-{batch.pk}.csv"'}
        return HttpResponse(failed_rows(batch), content_type="text/csv; charset=utf-8", headers=headers)
