"""A form about one record in a dialog, answered by a service."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ltc.refusals import Refusal
from ltc.web.answers import refresh
from ltc.web.editing import fit_to
from ltc.web.inputs import form_for
from ltc.web.records import url_for
from ltc.web.workspace import RecordWorkspaceView
from ltc.workflow.inputs import Input


class DialogView(RecordWorkspaceView):
    """A form about one record in a dialog, whose service does the work: of a `form_class`, or of `inputs` as a transition has them."""

    form_class: Any = None
    inputs: tuple[Input, ...] = ()
    label: Any = ""
    submit_label: Any = ""

    def initial(self, record: Any) -> dict[str, Any]:
        return {}

    def narrow(self, form: Any, record: Any) -> None:
        """Limit the choices of a form to what fits the record."""

    def carry_out(self, record: Any, values: dict[str, Any]) -> Any:
        """Call the service; the record whose page comes next."""
        raise NotImplementedError

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        record = self.record_or_404(pk)
        return self._ask(record, self._form(record))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        record = self.record_or_404(pk)
        form = self._form(record, request.POST)
        if not form.is_valid():
            return self._ask(record, form, status=422)
        try:
            after = self.carry_out(record, dict(form.cleaned_data))
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._ask(record, form, status=422)
        return refresh(request, url_for(after), _("Saved."))

    def _form(self, record: Any, data: Any = None) -> Any:
        if self.inputs:
            form: Any = form_for(self.inputs, record, self.actor, data)
            form.initial.update(self.initial(record))
            return form
        form = self.form_class(data=data, initial=self.initial(record))
        self.narrow(form, record)
        fit_to(form, self.actor)
        return form

    def _ask(self, record: Any, form: Any, *, status: int = 200) -> HttpResponse:
        action = {
            "label": self.label, "submit_label": self.submit_label, "title": f"{self.label}: {record}",
            "url": self.request.get_full_path(), "back_url": url_for(record),
        }  # fmt: skip
        return self.show_dialog({"action": action, "form": form, "record": record}, status=status)
