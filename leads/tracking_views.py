"""The script that a website loads, and the address that it tells."""

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from leads.tracking import Site, site_of, take_in
from ltc.api.limits import Bucket, address_of, take
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant

PER_ADDRESS, PER_SITE = (60, 60.0), (3000, 60.0)
MOST_BYTES = 16_384


@cache
def script() -> bytes:
    return (Path(settings.BASE_DIR) / "static" / "t.js").read_bytes()


class ScriptView(View):
    """The script itself, the same for every company."""

    def get(self, request: HttpRequest) -> HttpResponse:
        headers = {"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"}
        return HttpResponse(script(), content_type="text/javascript; charset=utf-8", headers=headers)


@method_decorator(csrf_exempt, name="dispatch")  # it has no session to ride on; the company's own website sends it
class VisitView(View):
    """A website tells what a lead does there. The answer never says whether there is such a lead."""

    def post(self, request: HttpRequest, code: str, key: str) -> HttpResponse:
        tenant = Tenant.objects.filter(code=code, state__in=[Tenant.State.TRIAL, Tenant.State.ACTIVE]).first()
        site = site_of(tenant) if tenant is not None else Site()
        if tenant is None or not (site.active and site.key and constant_time_compare(site.key, key)):
            raise Http404
        origin = request.headers.get("Origin", "").lower()
        if origin not in site.origins:
            return HttpResponseForbidden(_("This website may not tell of leads here."))
        prefix = f"{settings.CACHES['default']['KEY_PREFIX']}:visit:{{{tenant.pk}}}"
        address = address_of(request)
        if take([Bucket(f"{prefix}:{address}", *PER_ADDRESS), Bucket(prefix, *PER_SITE)], is_read=False).wait > 0:
            return self._allowed(origin, HttpResponse(status=429, headers={"Retry-After": "60"}))
        if len(request.body) > MOST_BYTES:
            return self._allowed(origin, HttpResponse(status=413))
        try:
            said = json.loads(request.body)
            token, events = said["lead"], said["events"]
        except (ValueError, KeyError, TypeError):
            return self._allowed(origin, HttpResponse(status=400))
        if not isinstance(token, str) or not isinstance(events, list):
            return self._allowed(origin, HttpResponse(status=400))
        with acting_for(tenant):
            take_in(token, events)
        return self._allowed(origin, HttpResponse(status=204))

    @staticmethod
    def _allowed(origin: str, response: HttpResponse) -> HttpResponse:
        response["Access-Control-Allow-Origin"] = origin
        response["Vary"] = "Origin"
        return response
