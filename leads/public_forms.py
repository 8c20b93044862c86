"""Web forms as visitors see them: no login, in the visitor's language, on a page of ours or inside a website of the company's."""

import contextlib
import hashlib
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from leads.asking import Question, asked_by
from leads.models import WebForm
from leads.web_forms import confirm, receive
from ltc.api.limits import Bucket, address_of, take
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant

LONGEST = 24 * 3600
QUICKEST = 3
PER_ADDRESS, PER_FORM, PER_RECIPIENT = (5, 60.0), (300, 60.0), (5, 3600.0)
CLICKS = ("gclid", "wbraid", "gbraid", "msclkid", "fbclid", "bd_vid", "qz_gdt", "clickid")
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
HONEYPOT = "homepage"


class VisitorForm(forms.Form):
    """What a web form asks for; the honeypot is a field that no person sees."""

    homepage = forms.CharField(required=False)

    def __init__(self, *args: Any, form: WebForm, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in asked_by(form.asked):
            self.fields[question.name] = field_of(question, needed=question.name in form.required)
        if form.consent_text:
            self.fields["consent"] = forms.BooleanField(label=form.consent_text, required=False)

    def visible(self) -> list[Any]:
        return [self[name] for name in self.fields if name != HONEYPOT]


def field_of(question: Question, *, needed: bool) -> forms.Field:
    """The field in which a visitor answers."""
    label = question.label
    match question.kind:
        case "email":
            return forms.EmailField(label=label, required=needed, max_length=254)
        case "need":
            return forms.CharField(label=label, required=needed, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
        case "number":
            return forms.DecimalField(label=label, required=needed, max_digits=18, decimal_places=6)
        case "date":
            return forms.DateField(label=label, required=needed, widget=forms.DateInput(attrs={"type": "date"}))
        case "flag":
            return forms.BooleanField(label=label, required=needed)
        case "choice":
            return forms.ChoiceField(label=label, required=needed, choices=[("", "–"), *((each, each) for each in question.options)])
    return forms.CharField(label=label, required=needed, max_length=40 if question.kind == "phone" else 80)


def answer_of(value: Any) -> str:
    """An answer as it is kept: text."""
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value).strip()


@contextlib.contextmanager
def opened(code: str, token: str) -> Iterator[WebForm]:
    """The form of that token, inside its tenant. What is wrong in either, or not active, does not exist."""
    tenant = Tenant.objects.filter(code=code, state__in=[Tenant.State.TRIAL, Tenant.State.ACTIVE]).first()
    if tenant is None:
        raise Http404
    with acting_for(tenant):
        form = WebForm.objects.select_related("channel", "tenant").filter(token=token, active=True).first()
        if form is None:
            raise Http404
        yield form


@method_decorator(csrf_exempt, name="dispatch")  # it has no session to ride on; websites of the company's send it too
class PublicFormView(View):
    """The form itself: a page, or JSON for the script that builds it into a website."""

    def get(self, request: HttpRequest, code: str, token: str) -> HttpResponse:
        with opened(code, token) as form:
            if request.GET.get("as") == "json":
                return self._allowed(request, form, JsonResponse(_described(form)))
            return _page(request, form, VisitorForm(form=form), trail=_trail(request, request.GET))

    def post(self, request: HttpRequest, code: str, token: str) -> HttpResponse:
        with opened(code, token) as form:
            if not _may_come_from(request, form):
                return HttpResponseForbidden(_("This form may not be sent from there."))
            verdict = take(_buckets(request, form), is_read=False)
            if verdict.wait > 0:
                return self._answer(request, form, 429, _("Too many requests. Wait a minute and try again."))
            given = VisitorForm(request.POST, form=form)
            stamp = request.POST.get("stamp", "")
            nonce, age = _stamped(form, stamp)
            stamp = stamp if nonce else stamp_of(form)  # one that was filled in wrongly is still the same one
            if nonce == "":
                given.add_error(None, _("The page has stood open for too long. Send it once more."))
            if not given.is_valid():
                if self._wants_json(request):
                    errors = {name: [str(each) for each in listed] for name, listed in given.errors.items()}
                    return self._allowed(request, form, JsonResponse({"errors": errors, "stamp": stamp}, status=422))
                return _page(request, form, given, trail=_trail(request, request.POST), stamp=stamp, status=422)
            values = {name: answer_of(given.cleaned_data.get(name)) for name in form.asked}
            if form.double_opt_in and take([_recipient(form, values["email"])], is_read=False).wait > 0:
                return self._answer(request, form, 429, _("Too many requests. Wait a minute and try again."))
            receive(
                form,
                values=values,
                trail=_trail(request, request.POST),
                nonce=nonce,
                consented=bool(given.cleaned_data.get("consent")),
                confirm_url=lambda secret: request.build_absolute_uri(reverse("web-form-confirm", args=[code, token, secret])),
                is_spam=bool(given.cleaned_data[HONEYPOT]) or age < QUICKEST,
            )
            return self._answer(request, form, 200, "")

    def _answer(self, request: HttpRequest, form: WebForm, status: int, problem: str) -> HttpResponse:
        thanks = form.thanks or _("Thank you. We will be in touch.")
        if form.double_opt_in:
            thanks = _("Thank you. We have sent you an e-mail: please follow the link in it.")
        if self._wants_json(request):
            said = {"errors": {"": [problem]}} if problem else {"thanks": thanks, "url": form.thanks_url}
            return self._allowed(request, form, JsonResponse(said, status=status))
        return _told(request, form, problem or thanks, url="" if problem else form.thanks_url, status=status)

    @staticmethod
    def _wants_json(request: HttpRequest) -> bool:
        return request.POST.get("as") == "json"

    @staticmethod
    def _allowed(request: HttpRequest, form: WebForm, response: HttpResponse) -> HttpResponse:
        """Let the websites that the form allows read the answer."""
        origin = request.headers.get("Origin", "")
        response["Vary"] = "Origin"
        response["Cache-Control"] = "no-store"
        if origin in form.origins:
            response["Access-Control-Allow-Origin"] = origin
        return response


@method_decorator(csrf_exempt, name="dispatch")
class ConfirmView(View):
    """The link of the e-mail. It asks once more, because programs that look at e-mails follow links too."""

    def get(self, request: HttpRequest, code: str, token: str, secret: str) -> HttpResponse:
        with opened(code, token) as form:
            return render(request, "leads/public_confirm.html", {"title": form.heading or form.name, "company": form.tenant.name})

    def post(self, request: HttpRequest, code: str, token: str, secret: str) -> HttpResponse:
        with opened(code, token) as form:
            if not confirm(form, secret):
                raise Http404
            return _told(request, form, form.thanks or _("Thank you. We will be in touch."), url=form.thanks_url)


def _page(request: HttpRequest, form: WebForm, given: VisitorForm, *, trail: Any, stamp: str = "", status: int = 200) -> HttpResponse:
    hidden = {**trail["utm"], **trail["clicks"], "stamp": stamp or stamp_of(form)}
    hidden |= {name: trail[name] for name in ("referrer", "landing")}
    context = {"title": form.heading or form.name, "company": form.tenant.name, "web_form": form, "form": given, "hidden": hidden}
    return render(request, "leads/public_form.html", context, status=status)


def _told(request: HttpRequest, form: WebForm, text: str, *, url: str = "", status: int = 200) -> HttpResponse:
    context = {"title": form.heading or form.name, "company": form.tenant.name, "text": text, "url": url}
    return render(request, "leads/public_thanks.html", context, status=status)


def _described(form: WebForm) -> dict[str, Any]:
    """The form for the script."""
    asked = [
        {"name": each.name, "label": str(each.label), "required": each.name in form.required, "kind": each.kind, "options": each.options}
        for each in asked_by(form.asked)
    ]
    texts = {"heading": form.heading, "intro": form.intro, "button": form.button or _("Send"), "consent": form.consent_text}
    return {**texts, "fields": asked, "honeypot": HONEYPOT, "stamp": stamp_of(form)}


def stamp_of(form: WebForm) -> str:
    """A signed instant with something that is used once: it tells how long the page was open, and that it was ours."""
    return signing.TimestampSigner(salt=f"leads.form:{form.token}").sign(secrets.token_urlsafe(12))


def _stamped(form: WebForm, stamp: str) -> tuple[str, float]:
    """What is used once, and the seconds since the page was made; ("", 0) if the stamp is none of ours or too old."""
    signer = signing.TimestampSigner(salt=f"leads.form:{form.token}")
    try:
        nonce = signer.unsign(stamp, max_age=LONGEST)
        try:
            signer.unsign(stamp, max_age=QUICKEST)
        except signing.SignatureExpired:
            return nonce, QUICKEST
    except signing.BadSignature:
        return "", 0
    return nonce, 0


def _may_come_from(request: HttpRequest, form: WebForm) -> bool:
    """Browsers name the website that sends; ours always may."""
    origin = request.headers.get("Origin", "")
    return not origin or origin in form.origins or urlsplit(origin).netloc == request.get_host()


def _buckets(request: HttpRequest, form: WebForm) -> list[Bucket]:
    prefix = f"form:{{{form.tenant_id}}}:{form.pk}"
    return [Bucket(f"{prefix}:{address_of(request)}", *PER_ADDRESS), Bucket(prefix, *PER_FORM)]


def _recipient(form: WebForm, email: str) -> Bucket:
    """Nobody has us write to somebody else again and again."""
    known = hashlib.sha256(email.lower().encode()).hexdigest()[:32]
    return Bucket(f"form:{{{form.tenant_id}}}:{form.pk}:to:{known}", *PER_RECIPIENT)


def _trail(request: HttpRequest, given: Any) -> dict[str, Any]:
    """Where the visitor came from: campaign words, click ids, the page before, the page on which they landed."""
    said = {name: text for name, each in given.items() if (text := each.replace("\0", ""))}
    utm = {name: said[name][:200] for name in UTM if name in said}
    clicks = {name: said[name][:500] for name in CLICKS if name in said}
    landing = said.get("landing") or request.build_absolute_uri()
    referrer = said.get("referrer") or request.headers.get("Referer", "")
    return {"utm": utm, "clicks": clicks, "referrer": referrer[:2000], "landing": landing[:2000]}
