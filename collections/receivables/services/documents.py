"""The PDF of an invoice, a credit note or a statement: made on demand while it is a draft, kept for ever once it is issued."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone, translation
from django.utils.text import slugify

from ltc.documents.typesetting import typeset
from receivables.company import own_company
from receivables.documents import credit_note_data, invoice_data, statement_data
from receivables.letters import language_of
from receivables.models import CreditNote, Invoice, IssuedDocument, Statement

LANGUAGES: Final = ("en", "zh-hans")
Kind = IssuedDocument.Kind


@dataclass(frozen=True)
class Pdf:
    """A document as a file."""

    name: str
    content: bytes


def language_for(record: Any, wish: str = "") -> str:
    """The language of a document: the wished one, else the customer's, else the tenant's."""
    return language_of(wish, record.customer.language, own_company().locale)


def pdf_of(record: Invoice | CreditNote | Statement, *, language: str = "") -> Pdf:
    """The PDF of a document in a language. What is issued is typeset once; from then on it is the same bytes, whatever changes."""
    language = language_for(record, language)
    kind, final = _standing(record)
    name = f"{slugify(_name_of(record))}-{language}.pdf"
    if not final:
        return Pdf(name, _typeset(record, kind, language, at=timezone.now()))
    known = IssuedDocument.objects.filter(kind=kind, record=record.pk, language=language)
    kept = known.first()
    if kept is None:
        content = _typeset(record, kind, language, at=final)
        made = IssuedDocument(kind=kind, record=record.pk, language=language, content=content, sha256=hashlib.sha256(content).hexdigest())
        IssuedDocument.objects.bulk_create([made], ignore_conflicts=True)
        kept = known.get()  # whoever was first
    return Pdf(name, bytes(kept.content))


def _name_of(record: Invoice | CreditNote | Statement) -> str:
    if isinstance(record, Statement):
        return f"statement-{record.first}-{record.last}"
    return record.number or str(record.pk)


def _standing(record: Invoice | CreditNote | Statement) -> tuple[str, datetime | None]:
    """Which kind of document it is, and since when it is final."""
    match record:
        case Invoice():
            return Kind.INVOICE, record.issued_at if record.state in Invoice.POSTED else None
        case CreditNote():
            return Kind.CREDIT_NOTE, record.issued_at if record.state in CreditNote.POSTED else None
    return Kind.STATEMENT, record.created_at


def _typeset(record: Any, kind: str, language: str, *, at: datetime) -> bytes:
    tenant = own_company()
    with translation.override(language), timezone.override(tenant.time_zone):
        if kind == Kind.STATEMENT:
            return typeset("statement", statement_data(record, tenant, language), at=at)
        data = invoice_data if kind == Kind.INVOICE else credit_note_data
        return typeset("billing", data(record, tenant, language), at=at)
