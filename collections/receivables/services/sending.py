"""Invoices on their way to the customer: by e-mail with the PDF and a link; and what is known of them there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from ltc.events.outbox import enqueue
from ltc.notifications.providers import Parcel, provider_for
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from receivables.company import own_company
from receivables.documents import exact, pay_to
from receivables.models import Invoice, InvoiceLink
from receivables.models.links import LINK_AGE, LINK_SALT
from receivables.services.documents import language_for, pdf_of

SEND = "collections.send_invoice"


@transaction.atomic
def make_link(
    *, actor: Actor, invoice: Invoice, recipient: str = "", language: str = "", message: str = "", at: datetime | None = None
) -> InvoiceLink:
    """Open an address of an issued invoice for its customer, for thirty days. Nothing is sent. Raises Forbidden, Refusal."""
    if not actor.has_perm("receivables.send", invoice):
        raise Forbidden(_("You may not give invoices to customers. Ask finance."))
    if invoice.state not in Invoice.POSTED:
        raise Refusal(_("Issue the invoice first."), code="not_issued", field="invoice")
    at = at or timezone.now()
    link = InvoiceLink.objects.create(
        invoice=invoice, customer_id=invoice.customer_id, recipient=recipient, language=language_for(invoice, language), message=message,
        expires_at=at + LINK_AGE,
    )  # fmt: skip
    record(link, kind=Entry.Kind.SYSTEM, name="created", to_state=link.state, actor=actor, at=at)
    return link


def send_invoice(invoice: Invoice, *, actor: Actor, at: datetime, recipient: str, language: str = "", message: str = "") -> dict[str, Any]:
    """The invoice leaves by e-mail after this transaction, with its PDF and a link of its own. Raises Refusal."""
    try:
        validate_email(recipient)
    except ValidationError:
        raise Refusal(_("Give a complete e-mail address."), code="invalid", field="recipient") from None
    link = make_link(actor=actor, invoice=invoice, recipient=recipient, language=language, message=message, at=at)
    enqueue(SEND, key=str(link.pk), payload={"link": str(link.pk)})
    return {}


def deliver(link_id: UUID, *, at: datetime) -> None:
    """Hand one invoice over to the mail server; an invoice that goes out the first time is marked as sent.

    What the server refuses is tried again by the job, under the same Message-ID. The invoice is locked too: two mails of one invoice do not
    both count as the first one, and none goes out once it is void.
    """
    links = InvoiceLink.objects.select_for_update(of=("self", "invoice"))
    link = links.select_related("invoice__order", "invoice__customer").get(pk=link_id)
    if link.mailed_at is not None or link.state != InvoiceLink.State.ACTIVE or link.invoice.state not in Invoice.POSTED:
        return
    invoice, tenant = link.invoice, own_company()
    pdf = pdf_of(invoice, language=link.language)
    with translation.override(link.language):
        subject, body = _letter(link)
    parcel = Parcel(str(link.pk), link.recipient, subject, body, attachments=((pdf.name, pdf.content, "application/pdf"),))
    provider_for("email", simulated=tenant.is_demo).send(parcel)
    link.mailed_at = at
    link.save(update_fields=["mailed_at"])
    if invoice.sent_at is None:
        perform(invoice, "mark_sent", actor=SYSTEM, at=at, channel=Invoice.Channel.EMAIL, recipient=link.recipient)
    else:
        record(invoice, kind=Entry.Kind.ACTIVITY, name="sent_again", actor=SYSTEM, at=at, body=link.recipient, data={"link": str(link.pk)})


def _letter(link: InvoiceLink) -> tuple[str, str]:
    """Subject and text of the e-mail, in the active language."""
    invoice, company = link.invoice, own_company()
    due = invoice.items.filter(due_date__isnull=False).order_by("due_date").values_list("due_date", flat=True).first()
    told = {
        "number": invoice.number, "company": company.name, "amount": f"{invoice.currency} {exact(invoice.gross, invoice.currency)}",
        "customer": invoice.customer.name, "link": link.url, "until": formats.date_format(timezone.localdate(link.expires_at)),
        "due": formats.date_format(due) if due else "",
    }  # fmt: skip
    parts = [
        _("Dear %(customer)s,") % told,
        _("our invoice %(number)s over %(amount)s is attached. It is due on %(due)s.") % told
        if due
        else _("our invoice %(number)s over %(amount)s is attached.") % told,
        link.message,
        _("See what is open of it, or pay it, here until %(until)s:\n%(link)s") % told,
        "\n".join(pay_to(company)),
        company.name,
    ]
    return _("Invoice %(number)s of %(company)s") % told, "\n\n".join(part for part in parts if part)


def read_token(token: str) -> tuple[int, UUID, int]:
    """Tenant, link and generation that an address names. Raises Refusal if it was tampered with."""
    try:
        tenant, link, generation = signing.loads(token, salt=LINK_SALT)
        return int(tenant), UUID(link), int(generation)
    except (signing.BadSignature, TypeError, ValueError):
        raise Refusal(_("This link is not complete. Copy it again from the e-mail."), code="link_invalid") from None


def open_link(link_id: UUID, generation: int) -> InvoiceLink:
    """The link of an address, in the active tenant. Raises Refusal if it is revoked or has expired."""
    links = InvoiceLink.objects.select_related("invoice__customer", "invoice__order", "customer")
    link = links.filter(pk=link_id, generation=generation, state=InvoiceLink.State.ACTIVE, invoice__state__in=Invoice.POSTED).first()
    if link is None:
        raise Refusal(_("This link does not work any more. Ask us for a new one."), code="link_revoked")
    if not link.is_open:
        raise Refusal(_("This link has expired. Ask us for a new one."), code="link_expired")
    return link


@transaction.atomic
def note_view(link: InvoiceLink, *, at: datetime) -> None:
    """The customer has the invoice before its eyes. The first time stands in the invoice's history."""
    link = InvoiceLink.objects.select_for_update(of=("self",)).select_related("invoice").get(pk=link.pk)
    first = link.viewed_at is None
    link.viewed_at, link.last_viewed_at, link.views = link.viewed_at or at, at, link.views + 1
    link.save(update_fields=["viewed_at", "last_viewed_at", "views"])
    if first:
        record(link.invoice, kind=Entry.Kind.ACTIVITY, name="viewed", actor=SYSTEM, at=at, body=link.recipient, data={"link": str(link.pk)})
