"""PDFs on pages: their addresses, and the buttons that lead there."""

import uuid
from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ltc.web.additions import adds_actions
from ltc.web.workspace import RecordWorkspaceView
from receivables.models import CreditNote, Invoice, Statement
from receivables.services.documents import Pdf, language_for, pdf_of

ADDRESSES: Final[dict[type[Any], str]] = {Invoice: "invoices:pdf", CreditNote: "credit-notes:pdf", Statement: "account-statements:pdf"}


def answer(pdf: Pdf) -> HttpResponse:
    """A PDF that the browser shows, and keeps to itself."""
    headers = {"Content-Disposition": f'inline; filename="{pdf.name}"', "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
    return HttpResponse(pdf.content, content_type="application/pdf", headers=headers)


class PdfView(RecordWorkspaceView):
    """A document as PDF, in the customer's language or in the one that is asked for."""

    select = ("customer",)

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return answer(pdf_of(self.record_or_404(pk), language=request.GET.get("language", "")))


@adds_actions(Invoice)
@adds_actions(CreditNote)
@adds_actions(Statement)
def as_pdf(record: Any, actor: Any) -> Iterator[dict[str, Any]]:
    yield {"name": "pdf", "label": _("PDF"), "icon": "file-text", "url": file_url(record), "link": True}


def other_language(record: Any) -> list[dict[str, Any]]:
    """The same document in the other language, for the menu of its page."""
    other, label = ("en", _("PDF in English")) if language_for(record).startswith("zh") else ("zh-hans", _("PDF in Chinese"))
    return [{"label": label, "icon": "languages", "url": f"{file_url(record)}?language={other}", "dialog": False}]


def file_url(record: Any) -> str:
    return reverse(ADDRESSES[type(record)], args=[record.pk])
