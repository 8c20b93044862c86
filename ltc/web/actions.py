"""Taking a transition from a page: the dialog that asks for what is missing, then perform(). One record, or many."""

import uuid
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ltc.refusals import Refusal
from ltc.web.answers import is_htmx, onward, refresh, refused
from ltc.web.bulk import start
from ltc.web.inputs import ActionForm, form_for
from ltc.web.lists import chosen_by
from ltc.web.workspace import RecordWorkspaceView
from ltc.workflow.declare import Declared, transitions_of
from ltc.workflow.engine import offered, perform

MOST_AT_ONCE = 500


def declared_or_404(model: Any, name: str) -> Declared:
    """The transition of that name that people may ask for."""
    found = transitions_of(model).get(name)
    if found is None or found.declaration.automatic:
        raise Http404
    return found


class ActionView(RecordWorkspaceView):
    """One transition of one record. GET shows its dialog; POST takes it."""

    def get(self, request: HttpRequest, pk: uuid.UUID, name: str) -> HttpResponse:
        record, found = self.record_or_404(pk), declared_or_404(self.page.model, name)
        return self._ask(record, found, form_for(found.declaration.inputs, record, self.actor))

    def post(self, request: HttpRequest, pk: uuid.UUID, name: str) -> HttpResponse:
        record, found = self.record_or_404(pk), declared_or_404(self.page.model, name)
        form = form_for(found.declaration.inputs, record, self.actor, request.POST)
        if not form.is_valid():
            return self._ask(record, found, form, status=422)
        try:
            perform(record, name, actor=self.actor, version=self.wanted_version(), **form.values())
        except Refusal as refusal:
            if refusal.field and refusal.field in form.fields:
                form.add_error(refusal.field, str(refusal))
                return self._ask(record, found, form, status=422)
            return refused(request, refusal)
        return self.done(record, found)

    def done(self, record: Any, found: Declared) -> HttpResponse:
        """Where a person is taken after the transition: the record as it is now, or the list if it is no longer theirs to see."""
        text = _("%(record)s: %(action)s.") % {"record": self.page.title(record), "action": found.declaration.label}
        if self.queryset().filter(pk=record.pk).exists():
            return refresh(self.request, self.page.url("record", record.pk), text)
        return onward(self.request, self.page.url("list"), text)

    def _ask(self, record: Any, found: Declared, form: ActionForm, *, status: int = 200) -> HttpResponse:
        offer = next((offer for offer in offered(record, self.actor) if offer.name == found.name), None)
        version = self.wanted_version() or record.version
        action = {
            "name": found.name,
            "label": found.declaration.label,
            "title": f"{found.declaration.label}: {self.page.title(record)}",
            "text": found.declaration.confirm,
            "reasons": offer.reasons if offer else (),
            "danger": found.declaration.danger,
            "url": f"{self.page.url('action', record.pk, found.name)}?version={version}",
            "back_url": self.page.url("record", record.pk),
            "wide": bool(form.rows),
        }
        return self.show_dialog({"action": action, "form": form, "record": record}, status=status)


class BulkActionView(RecordWorkspaceView):
    """One transition of many records: each by itself through perform(), so that one refusal does not stop the others.

    `all` means every record that the list shows under the address in `query`; more than MOST_AT_ONCE are done in the background.
    """

    list_view: Any = None

    def post(self, request: HttpRequest) -> HttpResponse:
        found = declared_or_404(self.page.model, request.POST.get("action", ""))
        matching = self._matching()
        records = list(matching[: MOST_AT_ONCE + 1])
        in_background = len(records) > MOST_AT_ONCE
        if not records:
            return refused(request, Refusal(_("Select at least one record first.")))
        inputs = found.declaration.inputs
        form = form_for(inputs, records[0], self.actor, request.POST if request.POST.get("asked") else None)
        if inputs and not (form.is_bound and form.is_valid()):
            return self._ask(found, records, form, status=422 if form.is_bound else 200)
        if in_background:
            return self._start(found, matching)
        done, report = 0, []
        for record in records:
            try:
                with transaction.atomic():
                    perform(record, found.name, actor=self.actor, **(form.values() if inputs else {}))
                done += 1
            except Refusal as refusal:
                report.append({"title": self.page.title(record), "url": self.page.url("record", record.pk), "reason": str(refusal)})
        return self._report(found, done, report)

    def _matching(self) -> Any:
        """The records that are meant: those marked, or all that the list shows."""
        if self.request.POST.get("all"):
            return chosen_by(self.list_view, self.page, self.request, self.request.POST.get("query", "")).order_by("pk")
        return self.queryset().filter(pk__in=_uuids(self.request.POST.getlist("id"))[:MOST_AT_ONCE]).order_by("pk")

    def _start(self, found: Declared, matching: Any) -> HttpResponse:
        """So many that nobody should wait: they are done as jobs, and the member is told when they are through."""
        query, total = self.request.POST.get("query", ""), matching.count()
        last = matching.order_by("-pk").values_list("pk", flat=True).first()
        start(
            actor=self.actor, plural=self.page.plural, action=found.name, query=query, post=self.request.POST.urlencode(), upto=last,
            total=total,
        )  # fmt: skip
        said = _("%(n)d records are being worked on. You are told when it is done.") % {"n": total}
        return refresh(self.request, self.page.url("list"), said)

    def _ask(self, found: Declared, records: list[Any], form: ActionForm, *, status: int) -> HttpResponse:
        action = {
            "label": found.declaration.label,
            "title": self._title(found, len(records)),
            "text": found.declaration.confirm,
            "danger": found.declaration.danger,
            "url": self.page.url("bulk"),
            "back_url": self.page.url("list"),
            "template": "records/bulk_hidden.html",
            "name": found.name,
            "ids": [] if self.request.POST.get("all") else [str(record.pk) for record in records],
            "all": bool(self.request.POST.get("all")),
            "query": self.request.POST.get("query", ""),
        }
        return self.show_dialog({"action": action, "form": form}, status=status)

    def _title(self, found: Declared, count: int) -> str:
        words = {"action": found.declaration.label, "n": min(count, MOST_AT_ONCE)}
        if count > MOST_AT_ONCE:
            return _("%(action)s: more than %(n)d records") % words
        return ngettext("%(action)s: %(n)d record", "%(action)s: %(n)d records", count) % words

    def _report(self, found: Declared, done: int, report: list[dict[str, Any]]) -> HttpResponse:
        words = {"action": found.declaration.label, "n": done}
        said = ngettext("%(action)s done for %(n)d record.", "%(action)s done for %(n)d records.", done) % words
        if not report:
            return refresh(self.request, self.page.url("list"), said)
        context = {"title": said, "done": done, "refused": report, "action": words["action"], "list_url": self.page.url("list")}
        template = "records/bulk_report.html" if is_htmx(self.request) else "records/bulk_report_page.html"
        return self.show(template, context)


def _uuids(texts: list[str]) -> list[uuid.UUID]:
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError as error:
            raise Http404 from error
    return found
