"""The pages of the history import: a file is uploaded or tried out, and what came of it shown."""

import csv
import uuid
from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.refusals import Refusal
from ltc.web.navigation import NavItem, register_item
from ltc.web.workspace import WorkspaceView
from receivables.history.uploads import progress_of, upload_history
from receivables.models import HistoryFault, HistoryImport

SHOWN, RECENT = 100, 20
STEPS = {
    "reading": gettext_lazy("Reading the lines"),
    "rates": gettext_lazy("Exchange rates"),
    "figures": gettext_lazy("Costs and quotas"),
    "customers": gettext_lazy("Customers"),
    "leads": gettext_lazy("Leads"),
    "opportunities": gettext_lazy("Opportunities"),
    "orders": gettext_lazy("Orders"),
    "deliveries": gettext_lazy("Deliveries"),
    "money": gettext_lazy("Invoices and payments"),
    "aftercare": gettext_lazy("Service and surveys"),
}

register_item(
    NavItem(
        "history-imports",
        gettext_lazy("History import"),
        "history",
        "history-imports",
        group="insight",
        order=95,
        permission="history.view",
    )
)


class HistoryForm(forms.Form):
    """A file of facts, and whether to try it out only."""

    file = forms.FileField(
        label=gettext_lazy("File of facts"),
        help_text=gettext_lazy("JSON Lines in UTF-8, at most 64 MB. Larger files are brought in with the command import_history."),
    )
    dry_run = forms.BooleanField(
        label=gettext_lazy("Only try it out"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Everything is checked and nothing written."),
    )


class HistoryPage(WorkspaceView):
    """What the pages have in common."""

    permission = "history.view"
    active = "history-imports"

    def run_or_404(self, pk: uuid.UUID) -> HistoryImport:
        run = HistoryImport.objects.visible_to(self.actor).select_related("owner").filter(pk=pk).first()
        if run is None:
            raise Http404
        return run


class HistoryUploadView(HistoryPage):
    """Choose a file; below, what was brought in before."""

    permission = "history.add"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask(HistoryForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = HistoryForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                run = upload_history(actor=self.actor, file=file, file_name=file.name, dry_run=form.cleaned_data["dry_run"])
            except Refusal as refusal:
                form.add_error("file" if refusal.field == "file" else None, str(refusal))
            else:
                return HttpResponseRedirect(reverse("history-import", args=[run.pk]))
        return self._ask(form, status=422)

    def _ask(self, form: HistoryForm, *, status: int = 200) -> HttpResponse:
        recent = HistoryImport.objects.visible_to(self.actor).select_related("owner")[:RECENT]
        page = {
            "title": _("History import"),
            "breadcrumb": [],
            "icon": "history",
            "submit_label": _("Upload"),
            "cancel_url": reverse("home"),
            "text": _("The past of another system as facts: it is all or nothing, and the same file twice changes nothing."),
        }
        return self.show("collections/history_upload.html", {"page": page, "form": form, "recent": recent}, status=status)


class HistoryView(HistoryPage):
    """One import: its progress while it runs, then what came of it."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        run = self.run_or_404(pk)
        progress = progress_of(run)
        context = {
            "page": {
                "title": run.file_name or _("History import"),
                "breadcrumb": [{"label": _("History import"), "url": reverse("history-imports")}],
            },
            "run": run,
            "waits": run.state == HistoryImport.State.WAITING,
            "step": STEPS.get(progress.get("step", ""), ""),
            "lines": progress.get("lines", 0),
            "faults": run.faults.all()[:SHOWN] if run.fault_count else [],
            "counts": sorted(run.counts.items()),
        }
        fragment = "#progress" if request.GET.get("part") == "progress" else ""
        return self.show("collections/history_import.html" + fragment, context)


class HistoryFaultsView(HistoryPage):
    """All faults as a table for a spreadsheet."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
        run = self.run_or_404(pk)
        rows = list(HistoryFault.objects.filter(run=run).values_list("line", "object", "field", "message", "remedy"))
        headers = {"Content-Disposition": f'attachment; filename="faults-{run.pk}.csv"'}
        return StreamingHttpResponse(self._table(rows), content_type="text/csv; charset=utf-8", headers=headers)

    def _table(self, rows: list[Any]) -> Iterator[str]:
        writer = csv.writer(Echo())
        yield "\ufeff" + writer.writerow([_("Line"), _("Object"), _("Field"), _("What is wrong"), _("What to do")])
        for row in rows:
            yield writer.writerow([guarded(str(cell)) for cell in row])


class Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        return text


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
