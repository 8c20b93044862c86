"""The page behind the link in every nurturing mail: no login, and a POST does it, by a person or by their mail program (RFC 8058)."""

import contextlib
from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from leads.models import NurtureMessage
from leads.nurturing.consent import opt_out_by_link
from ltc.customers.masking import mask_email
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant


@contextlib.contextmanager
def opened(code: str, token: str) -> Iterator[NurtureMessage]:
    """The mail of that token, inside its tenant and in its language. A tenant that is closed writes to nobody."""
    tenant = Tenant.objects.filter(code=code).exclude(state=Tenant.State.CLOSED).first()
    if tenant is None:
        raise Http404
    with acting_for(tenant):
        found = NurtureMessage.objects.select_related("enrolment__lead", "tenant", "step").filter(token=token).first()
        if found is None:
            raise Http404
        with translation.override(found.step.text(found.enrolment.language)[0]):
            yield found


@method_decorator(csrf_exempt, name="dispatch")  # there is no session, and mail programs send it by themselves
class UnsubscribeView(View):
    """Asks first, because programs that look at mails follow links too; a POST says yes."""

    def get(self, request: HttpRequest, code: str, token: str) -> HttpResponse:
        with opened(code, token) as message:
            address = mask_email(message.recipient or message.enrolment.lead.email)
            context = {"title": _("No more mail"), "company": message.tenant.name, "address": address}
            return self._private(render(request, "leads/unsubscribe.html", context))

    def post(self, request: HttpRequest, code: str, token: str) -> HttpResponse:
        with opened(code, token) as message:
            opt_out_by_link(message, at=timezone.now())
            text = _("Done. You get no more mails of this kind from us.")
            context = {"title": _("No more mail"), "company": message.tenant.name, "text": text}
            return self._private(render(request, "leads/public_thanks.html", context))

    @staticmethod
    def _private(response: HttpResponse) -> HttpResponse:
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response
