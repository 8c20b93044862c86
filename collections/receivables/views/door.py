"""The customer's side of a link to one invoice: the document, what is open of it, its PDF. Only the signed address is asked for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from receivables.documents import in_words
from receivables.models import InvoiceLink
from receivables.services.documents import pdf_of
from receivables.services.online import account_for
from receivables.services.sending import note_view, open_link, read_token
from receivables.views.documents import answer

GONE = 410
SHUT = (Tenant.State.SUSPENDED, Tenant.State.CLOSED)
Page = Callable[[Any, Tenant, InvoiceLink], HttpResponse]


def behind_link(page: Page) -> Callable[..., HttpResponse]:
    """Open the tenant and the link of an address; one that is shut says so, whatever the reason, and shows nothing."""

    @never_cache
    @wraps(page)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            tenant_id, link_id, generation = read_token(token)
            tenant = Tenant.objects.filter(pk=tenant_id).exclude(state__in=SHUT).first()
            if tenant is None:
                raise Refusal(_("This link does not work any more. Ask us for a new one."), code="link_revoked")
            with acting_for(tenant):
                link = open_link(link_id, generation)
                with translation.override(link.language), timezone.override(tenant.time_zone):
                    return page(request, tenant, link)
        except Refusal as refusal:
            return render(request, "portal/closed.html", {"refusal": refusal}, status=GONE)

    return opened


@require_safe
@behind_link
def invoice_page(request: Any, tenant: Tenant, link: InvoiceLink) -> HttpResponse:
    """The invoice as its customer sees it. Looking at it does not count as viewed: programs that preview links do that too."""
    return show(request, tenant, link)


def show(request: Any, tenant: Tenant, link: InvoiceLink, *, status: int = 200, **more: Any) -> HttpResponse:
    invoice = link.invoice
    items = list(invoice.items.order_by("due_date", "seq"))
    context = {
        "workspace": tenant, "link": link, "invoice": invoice, "lines": list(invoice.lines.order_by("line_no")), "items": items,
        "left": invoice.open_amount, "words": in_words(invoice.gross, invoice.currency, link.language),
        "counts": not request.user.is_authenticated, "payable": account_for(invoice) is not None, "done": request.GET.get("done", ""),
        **more,
    }  # fmt: skip
    return render(request, "portal/invoice.html", context, status=status)


@require_safe
@behind_link
def invoice_pdf(request: Any, tenant: Tenant, link: InvoiceLink) -> HttpResponse:
    """The invoice as a file."""
    return answer(pdf_of(link.invoice, language=link.language))


@require_POST
@behind_link
def invoice_viewed(request: Any, tenant: Tenant, link: InvoiceLink) -> HttpResponse:
    """The page tells that a person has it open. Our own people, who are signed in, do not count."""
    if not request.user.is_authenticated:
        note_view(link, at=timezone.now())
    return HttpResponse(status=204)
