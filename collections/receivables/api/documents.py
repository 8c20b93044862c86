"""`GET /{records}/{id}/pdf/`: the document as a file."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action

from ltc.api.problems import Problem
from receivables.services.documents import LANGUAGES, pdf_of


class WithPdf:
    """A kind of record that is a document. Goes before RecordViewSet."""

    def known_parameters(self: Any) -> frozenset[str]:
        return frozenset({"language"}) if self.action == "pdf" else super().known_parameters()  # type: ignore[misc]

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], url_path="pdf", url_name="pdf")
    def pdf(self: Any, request: Any, pk: str) -> HttpResponse:
        """The document as PDF, in the customer's language unless `language` (`en`, `zh-hans`) says another.

        Of an issued document it is always the same bytes.
        """
        language = self.parameters.get("language", "")
        if language and language not in LANGUAGES:
            detail = f"Documents are written in {' and '.join(LANGUAGES)}."
            raise Problem("invalid", errors=[{"pointer": "?language", "code": "invalid", "detail": detail}])
        pdf = pdf_of(self.record(), language=language)
        return HttpResponse(
            pdf.content, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{pdf.name}"'}
        )
