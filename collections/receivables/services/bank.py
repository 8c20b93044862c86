"""Bank statements become payments: each line once, its payer known by account, by name, or by what the memo names."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.customers.models import Customer
from ltc.money.amounts import quantise
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from receivables.allocation import Method, numbers_in
from receivables.bank_files import COLUMNS, BankLine, Columns, UnreadableFile, read_camt053, read_csv, read_mt940, with_references
from receivables.company import day_of, own_company
from receivables.models import BankFormat, BankImport, KnownPayer, Payment, ReceivableItem
from receivables.models.bank import payer_keys
from receivables.models.sources import names_of
from receivables.ofx_files import read_ofx
from receivables.services.receipts import record_payment

MOST_CANDIDATES: Final = 5
ENCODINGS: Final = ("utf-8", "gb18030", "latin-1", "utf-16")


@transaction.atomic
def save_format(*, actor: Actor, **values: Any) -> BankFormat:
    """Keep how a bank writes its statements. Raises Forbidden, Refusal, ValidationError."""
    return change_format(BankFormat(), actor=actor, **values)


@transaction.atomic
def change_format(record: BankFormat, *, actor: Actor, **values: Any) -> BankFormat:
    """Change it; what was imported stays. Raises Forbidden, Refusal, ValidationError."""
    if not actor.has_perm("receivables.record_payment"):
        raise Forbidden(_("You may not record payments. Ask finance."))
    for name, value in values.items():
        setattr(record, name, value)
    if unknown := set(record.columns) - set(COLUMNS):
        raise Refusal(
            _("There is no such column: %(names)s. Known are %(known)s.") % {"names": ", ".join(unknown), "known": ", ".join(COLUMNS)},
            code="invalid", field="columns",
        )  # fmt: skip
    if record.encoding.lower() not in ENCODINGS:
        raise Refusal(_("Choose one of these encodings: %(known)s.") % {"known": ", ".join(ENCODINGS)}, code="invalid", field="encoding")
    record.full_clean()
    record.save()
    return record


def lines_of(form: BankFormat, text: str) -> list[BankLine]:
    """The lines of a statement in that format. Raises UnreadableFile."""
    if form.kind == BankFormat.Kind.CAMT053:
        return read_camt053(text)
    if form.kind == BankFormat.Kind.MT940:
        return read_mt940(text)
    if form.kind == BankFormat.Kind.OFX:
        return read_ofx(text)
    return read_csv(text, Columns(form.columns, form.delimiter, form.date_format, form.decimal_mark, form.skip_rows))


@transaction.atomic
def import_statement(
    *,
    actor: Actor,
    format: BankFormat,
    content: str | bytes,
    file_name: str = "",
    at: datetime | None = None,
) -> BankImport:
    """Read a statement: money that came in is recorded, its payer identified where that is certain. Nothing is posted.

    A file that was imported before is refused (`already_imported`); a line that is booked already is passed over, whichever file it came
    in. All or nothing: a line that cannot be read refuses the file (`unreadable`). Raises Forbidden, Refusal.
    """
    at = at or timezone.now()
    if not (actor.has_perm("receivables.record_payment") or actor.has_perm("receivables.import_payment")):
        raise Forbidden(_("You may not record payments. Ask finance."))
    raw = content.encode() if isinstance(content, str) else content
    digest = hashlib.sha256(raw).hexdigest()
    if BankImport.objects.filter(sha256=digest, format=format).exists():
        raise Refusal(_("This file was imported already."), code="already_imported", field="file")
    try:
        text = content if isinstance(content, str) else content.decode(format.encoding)
        lines = with_references(lines_of(format, text))
    except UnicodeDecodeError as error:
        raise Refusal(
            _("The file is not written in %(encoding)s.") % {"encoding": format.encoding}, code="unreadable", field="file"
        ) from error
    except UnreadableFile as error:
        raise Refusal(str(error), code="unreadable", field="file") from error
    run = BankImport.objects.create(format=format, file_name=file_name[:200], sha256=digest, lines=len(lines), recorded_by=actor.pk)
    booked = set(Payment.objects.filter(bank_account=format.bank_account).exclude(bank_ref="").values_list("bank_ref", flat=True))
    for line in lines:
        if line.amount <= 0:
            run.outgoing += 1
        elif line.ref in booked:
            run.known += 1
        else:
            booked.add(line.ref)
            _record(line, run, actor=actor, at=at)
            run.made += 1
    run.save()
    _note_day(day_of(at))
    return run


def _note_day(day: date) -> None:
    """The bank of this day is in: reminders that wait for it may go out."""
    tenant = Tenant.objects.select_for_update().get(pk=current_tenant_id())
    tenant.settings = {**tenant.settings, "bank_import_finished_on": day.isoformat()}
    tenant.save(update_fields=["settings"])


def _record(line: BankLine, run: BankImport, *, actor: Actor, at: datetime) -> None:
    currency = line.currency or run.format.currency or own_company().base_currency
    if quantise(line.amount, currency) != line.amount or line.on > day_of(at):
        told = {"line": line.place}
        raise Refusal(_("Line %(line)s: check amount and date.") % told, code="unreadable", field="file")
    payment = record_payment(
        actor=actor, amount=line.amount, currency=currency, received_on=line.on, value_date=line.value_date,
        bank_account=run.format.bank_account, bank_ref=line.ref, payer_name=line.payer_name, payer_account=line.payer_account,
        remittance_text=line.text, at=at,
    )  # fmt: skip
    Payment.objects.filter(pk=payment.pk).update(import_batch=run)
    if (customer := known_customer(payment)) is not None:
        perform(payment, "identify", actor=SYSTEM, at=at, customer=customer)


def known_customer(payment: Payment) -> Customer | None:
    """The customer that pays by this account or, failing that, under this name; nobody if two could be meant."""
    open_ones = Customer.objects.exclude(state=Customer.State.MERGED)
    for key in payer_keys(payment):
        known = KnownPayer.objects.filter(key=key).select_related("customer").first()
        if known is not None and known.customer.state != Customer.State.MERGED:
            return known.customer
    if not payment.payer_name.strip():
        return None
    name = payment.payer_name.strip()
    called = list(open_ones.filter(Q(name__iexact=name) | Q(name_en__iexact=name) | Q(invoice_title__iexact=name))[:2])
    return called[0] if len(called) == 1 else None


@dataclass(frozen=True)
class Candidate:
    """A customer that may have paid, and why."""

    customer: Customer
    method: Method
    items: tuple[ReceivableItem, ...]


def candidates(payment: Payment) -> list[Candidate]:
    """Who may have sent money whose payer nobody knows: whose invoice the memo names, else who owes exactly so much. Best first."""
    if payment.customer_id is not None:
        return []
    known = known_customer(payment)
    open_items = ReceivableItem.objects.filter(currency=payment.currency, released=True, open_amount__gt=0, in_ledger=True)
    named = _named(payment, open_items)
    exact = open_items.filter(open_amount=payment.amount).select_related("customer", "invoice__order").order_by("due_date", "pk")
    found = [Candidate(known, Method.RULE, ())] if known else []
    found += [Candidate(item.customer, Method.SPECIFIED, (item,)) for item in named]
    found += [Candidate(item.customer, Method.EXACT, (item,)) for item in exact[:MOST_CANDIDATES]]
    best: dict[Any, Candidate] = {}
    for each in found:
        best.setdefault(each.customer.pk, each)
    return list(best.values())[:MOST_CANDIDATES]


def _named(payment: Payment, open_items: Any) -> Iterable[ReceivableItem]:
    words = [word for word in payment.remittance_text.replace("/", " ").replace(",", " ").split() if any(map(str.isdigit, word))][:20]
    if not words:
        return []
    wanted = Q()
    for word in words:
        wanted |= Q(invoice__number__iexact=word.strip(".;:#()")) | Q(invoice__order__number__iexact=word.strip(".;:#()"))
    items = open_items.filter(wanted).select_related("customer", "invoice__order").order_by("due_date", "pk")[:MOST_CANDIDATES]
    return [item for item in items if numbers_in(payment.remittance_text, names_of(item))]
