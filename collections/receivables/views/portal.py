"""What a customer sees and says through its link: open items, promise, dispute, payment notice, and the answer to a statement."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from ltc.api.limits import Bucket, take
from ltc.customers.models import Customer
from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.forms import PortalDisputeForm, PortalPaymentForm, PortalPromiseForm
from receivables.letters import language_of
from receivables.models import Dispute, Invoice, InvoiceLink, PromiseToPay, ReceivableItem, Statement
from receivables.services.disputes import open_dispute
from receivables.services.portal import note_payment, read_link
from receivables.services.promises import make_promise
from receivables.services.sending import make_link

PER_CUSTOMER = (60, 3600.0)  # what a customer says: at once, and in how many seconds as much again
FORMS: dict[str, type[forms.Form]] = {"promise": PortalPromiseForm, "dispute": PortalDisputeForm, "payment": PortalPaymentForm}


@never_cache
def portal(request: HttpRequest, token: str) -> HttpResponse:
    """The customer's account behind its link."""
    try:
        link = read_link(token)
    except Refusal as refusal:
        return render(request, "portal/closed.html", {"refusal": refusal}, status=410)
    bucket = Bucket(f"portal:{{{link['tenant']}}}:{link['customer']}", *PER_CUSTOMER)
    if request.method == "POST" and take([bucket], is_read=False).wait > 0:
        sentence = _("Too many requests. Wait a minute and try again.")
        return HttpResponse(sentence, status=429, content_type="text/plain; charset=utf-8", headers={"Retry-After": "60"})
    with acting_for(link["tenant"]):
        tenant = Tenant.objects.get(pk=link["tenant"])
        customer = Customer.objects.filter(pk=link["customer"]).first()
        if customer is None or customer.state == Customer.State.MERGED or tenant.state in (Tenant.State.SUSPENDED, Tenant.State.CLOSED):
            sentence = _("This link does not work any more. Ask us for a new one.")
            return render(request, "portal/closed.html", {"refusal": sentence}, status=410)
        with translation.override(language_of(customer.language, tenant.locale)), timezone.override(tenant.time_zone):
            return answer(request, tenant, customer)


def answer(request: HttpRequest, tenant: Tenant, customer: Customer) -> HttpResponse:
    """The page, or what the customer has said on it."""
    items = open_items(customer)
    shown = {name: form_of(name, items, None) for name in FORMS}
    if request.method == "POST":
        name = request.POST.get("what", "")
        if name == "open" and (link := link_to(request.POST.get("invoice", ""), items)) is not None:
            return HttpResponseRedirect(f"/portal/invoice/{link.token}/")
        if name in ("confirm", "object"):
            answer_statement(request, customer, name)
            return HttpResponseRedirect(f"{request.path}?done=statement")
        if name in FORMS:
            form = shown[name] = form_of(name, items, request.POST)
            if form.is_valid() and carry_out(name, form, customer):
                return HttpResponseRedirect(f"{request.path}?done={name}")
    context = {
        "workspace": tenant, "customer": customer, "items": items, "forms": shown, "done": request.GET.get("done", ""),
        "promises": PromiseToPay.objects.filter(customer=customer, state=PromiseToPay.State.OPEN).order_by("promised_on"),
        "disputes": Dispute.objects.filter(item__customer=customer, state__in=Dispute.UNSOLVED).select_related("item__invoice"),
        "statements": Statement.objects.filter(customer=customer).exclude(state=Statement.State.GENERATED).order_by("-last")[:6],
    }  # fmt: skip
    wrong = any(form.errors for form in shown.values())
    return render(request, "portal/account.html", context, status=422 if wrong else 200)


def link_to(invoice: str, items: Any) -> InvoiceLink | None:
    """The address of one of the customer's open invoices: its document, its PDF, and paying it. One that is open already serves again."""
    item = next((item for item in items if str(item.invoice_id) == invoice), None)
    if item is None:
        return None
    known = InvoiceLink.objects.filter(
        invoice=item.invoice, state=InvoiceLink.State.ACTIVE, recipient="", expires_at__gt=timezone.now(), mailed_at=None
    )
    return known.first() or make_link(actor=SYSTEM, invoice=item.invoice, language=translation.get_language())


def open_items(customer: Customer) -> Any:
    """What the customer owes: issued invoices only."""
    items = ReceivableItem.objects.filter(customer=customer, open_amount__gt=0, released=True, invoice__state=Invoice.State.ISSUED)
    return items.select_related("invoice__customer").order_by("due_date", "pk")


def form_of(name: str, items: Any, data: Any) -> Any:
    form = FORMS[name](data, prefix=name)
    if (chosen := form.fields.get("item") or form.fields.get("items")) is not None:
        chosen.queryset = items  # type: ignore[attr-defined]
    return form


def carry_out(name: str, form: Any, customer: Customer) -> bool:
    """Do what the customer says; False, with the reason in the form, if a rule stands against it."""
    values, now = dict(form.cleaned_data), timezone.now()
    try:
        match name:
            case "promise":
                rows = [{"item": item} for item in values.pop("items")]
                make_promise(actor=SYSTEM, items=rows, channel=PromiseToPay.Channel.PORTAL, at=now, **values)
            case "dispute":
                open_dispute(actor=SYSTEM, at=now, **values)
            case _:
                first = open_items(customer).first()
                currency = first.currency if first else Tenant.objects.get(pk=customer.tenant_id).base_currency
                note_payment(customer, currency=currency, at=now, **values)
    except (Refusal, ValidationError) as refusal:
        field = getattr(refusal, "field", None)
        form.add_error(field if field in form.fields else None, str(refusal) if isinstance(refusal, Refusal) else refusal)
        return False
    return True


def answer_statement(request: HttpRequest, customer: Customer, name: str) -> None:
    """The customer confirms a statement or says what is different."""
    try:
        pk = uuid.UUID(request.POST.get("statement", ""))
    except ValueError:
        return
    statement = Statement.objects.filter(pk=pk, customer=customer, state=Statement.State.SENT).first()
    if statement is None:
        return
    by, objection = (request.POST.get(field, "").replace("\0", "").strip() for field in ("by", "objection"))
    by = by[:120] or customer.name[:120]
    if name == "confirm":
        perform(statement, "confirm", actor=SYSTEM, by=by)
    else:
        perform(statement, "object", actor=SYSTEM, by=by, objection=objection[:1000] or "–")
