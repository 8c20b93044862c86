"""Paying online: the button's way out, the provider's way in, and the page of the stand-in where nobody pays anything."""

from typing import Any
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.web.answers import is_htmx
from receivables.models import InvoiceLink, OnlineAccount, OnlinePayment, Payment
from receivables.online import SALT, BadNotice, Notice, TestTill, may_pretend
from receivables.services.online import begin_payment, hear
from receivables.views.door import GONE, SHUT, behind_link, show

LONGEST_NOTICE = 65_536


@require_POST
@behind_link
def pay_invoice(request: Any, tenant: Tenant, link: InvoiceLink) -> HttpResponse:
    """The customer wants to pay what is open: on to the provider.

    The provider is another site, and our policy lets no form lead there, not even by a redirect: a script or a link does.
    """
    try:
        url = begin_payment(link.invoice, at=timezone.now(), link=link)
    except Refusal as refusal:
        return show(request, tenant, link, status=409, refusal=refusal)
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return render(request, "portal/onward.html", {"url": url, "workspace": tenant})


@csrf_exempt
@require_POST
def notices(request: HttpRequest, code: str, pk: UUID) -> HttpResponse:
    """What a provider tells us. 400: not from it, or too old; 404: no such account; 409: no such payment. Anything else was heard."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_NOTICE:
        return JsonResponse({"code": "too_large"}, status=413)
    tenant = Tenant.objects.filter(code=code).exclude(state__in=SHUT).first()
    if tenant is None:
        return JsonResponse({"code": "not_found"}, status=404)
    with acting_for(tenant):
        account = OnlineAccount.objects.filter(pk=pk).first()
        if account is None:
            return JsonResponse({"code": "not_found"}, status=404)
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            return JsonResponse({"outcome": hear(account, headers, request.body, at=timezone.now())})
        except BadNotice as bad:
            return JsonResponse({"code": bad.code, "detail": str(bad)}, status=400)
        except Refusal as refusal:
            return JsonResponse({"code": refusal.code, "detail": str(refusal)}, status=409)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def till(request: HttpRequest, token: str) -> HttpResponse:
    """The stand-in's own page. Whatever is pressed, it tells us by a signed notice, as a provider would."""
    gone = {"refusal": _("This link does not work any more. Ask us for a new one.")}
    try:
        tenant_id, pk = signing.loads(token, salt=SALT, max_age=3600)
    except signing.BadSignature:
        return render(request, "portal/closed.html", gone, status=GONE)
    tenant = Tenant.objects.filter(pk=tenant_id).exclude(state__in=SHUT).first()
    if tenant is None or not may_pretend(tenant):
        return render(request, "portal/closed.html", gone, status=GONE)
    with acting_for(tenant):
        asked = OnlinePayment.objects.select_related("account", "invoice", "link", "customer").get(pk=pk)
        with translation.override(asked.link.language if asked.link else None), timezone.override(tenant.time_zone):
            if request.method != "POST":
                return render(request, "portal/till.html", {"asked": asked, "workspace": tenant})
            paid, now = request.POST.get("do") == "pay", timezone.now()
            notice = Notice(
                f"till-{asked.pk}-{'paid' if paid else 'declined'}", asked.pk, f"TILL-{asked.pk.hex[-12:].upper()}", paid, asked.amount,
                asked.currency, Payment.Method.CARD, now, "" if paid else "declined",
            )  # fmt: skip
            headers, body = TestTill.tell(asked.account, notice, now=now)
            hear(asked.account, headers, body, at=now)
            back = f"/portal/invoice/{asked.link.token}/" if asked.link else "/"
            return HttpResponseRedirect(f"{back}?done={'paid' if paid else 'declined'}")
