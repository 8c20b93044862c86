"""Keeping web forms, and making leads of what visitors send: stored first, made a lead afterwards, never lost between."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from leads.asking import taken_apart
from leads.models import FormSubmission, Lead, LeadEvent, LeadTouch, WebForm
from leads.services import capture_lead, record_event, update_lead
from leads.touches import record_touch
from ltc.customers.models import Contact
from ltc.events.outbox import enqueue
from ltc.notifications.services import send_mail
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor

EDITABLE = frozenset(
    {
        *("name", "heading", "intro", "asked", "required", "button", "consent_text", "channel", "campaign", "owner"),
        *("thanks", "thanks_url", "double_opt_in", "origins", "active"),
    }
)
Outcome = FormSubmission.Outcome


@transaction.atomic
def create_form(*, actor: Actor, **fields: Any) -> WebForm:
    """A new web form. Raises Forbidden, Refusal."""
    if not actor.has_perm("forms.add"):
        raise Forbidden(_("You may not add web forms. Ask your administrator."))
    return _saved(WebForm(), fields)


@transaction.atomic
def update_form(form: WebForm, *, actor: Actor, **changes: Any) -> WebForm:
    """Change a form; another text of consent is another version of it. Raises Forbidden, Refusal."""
    locked = WebForm.objects.select_for_update(of=("self",)).get(pk=form.pk)
    if not actor.has_perm("forms.change", locked):
        raise Forbidden(_("You may not change web forms. Ask your administrator."))
    if changes.get("consent_text", locked.consent_text) != locked.consent_text:
        locked.consent_version += 1
    return _saved(locked, changes)


def _saved(form: WebForm, fields: Mapping[str, Any]) -> WebForm:
    for name, value in fields.items():
        if name not in EDITABLE:
            raise TypeError(f"A web form has no {name} to be set.")
        setattr(form, name, value)
    if wrong := [origin for origin in form.origins if not is_origin(origin)]:
        sentence = _("“%(origin)s” is no website. Write it like https://www.example.com, without a path.")
        raise Refusal(sentence % {"origin": wrong[0]}, code="invalid_input", field="origins")
    try:
        form.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refusal(messages[0], code="invalid_input", field="" if field == "__all__" else field) from error
    form.save()
    return form


def is_origin(text: Any) -> bool:
    """Whether a text is what a browser calls an origin."""
    scheme, _between, host = str(text).partition("://")
    return scheme in ("https", "http") and bool(host) and not set(host) & set("/ ?#\\") and host == host.lower()


@transaction.atomic
def receive(
    form: WebForm,
    *,
    values: Mapping[str, str],
    trail: Mapping[str, Any],
    nonce: str,
    consented: bool,
    confirm_url: Callable[[str], str],
    is_spam: bool = False,
) -> FormSubmission:
    """Keep what a visitor has sent, and have it made a lead: at once, or when they have confirmed their address.

    The same page sent twice (`nonce`) counts once. `confirm_url` makes the address of the confirmation of its token.
    """
    fresh = FormSubmission(
        form=form,
        values={name: value for name, value in values.items() if name in form.asked and value},
        trail=dict(trail),
        language=translation.get_language() or "",
        consent_version=form.consent_version if consented and form.consent_text else None,
        consent_text=form.consent_text if consented else "",
        nonce=nonce,
        outcome=Outcome.SPAM if is_spam else Outcome.UNCONFIRMED if form.double_opt_in else Outcome.WAITING,
    )
    FormSubmission.objects.bulk_create([fresh], ignore_conflicts=True)
    kept = FormSubmission.objects.get(form=form, nonce=nonce)
    if kept.pk != fresh.pk or is_spam:
        return kept
    if form.double_opt_in:
        told = {"name": form.heading or form.name, "url": confirm_url(kept.confirm_token)}
        text = _("Please confirm your request “%(name)s” by following this link:\n\n%(url)s\n\nIf it was not you, do nothing.")
        send_mail(to=kept.values["email"], subject=_("Please confirm your request"), body=text % told)
        return kept
    _take_in_later(kept)
    return kept


@transaction.atomic
def confirm(form: WebForm, token: str) -> bool:
    """The visitor has followed the link of the e-mail; whether there is such a request."""
    found = FormSubmission.objects.select_for_update(of=("self",)).filter(form=form, confirm_token=token)
    kept = found.exclude(outcome=Outcome.SPAM).first()
    if kept is None:
        return False
    if kept.outcome == Outcome.UNCONFIRMED:
        kept.outcome, kept.confirmed_at = Outcome.WAITING, timezone.now()
        kept.save()
        _take_in_later(kept)
    return True


@transaction.atomic
def retry(submission: FormSubmission, *, actor: Actor, values: Mapping[str, str] | None = None) -> FormSubmission:
    """Make a lead of a submission that failed, or was taken for spam; with other answers if some are given. Raises Forbidden, Refusal."""
    kept = FormSubmission.objects.select_for_update(of=("self",)).select_related("form").get(pk=submission.pk)
    if not actor.has_perm("forms.change", kept):
        raise Forbidden(_("You may not change what was sent by forms. Ask your administrator."))
    if kept.outcome not in (Outcome.FAILED, Outcome.SPAM):
        raise Refusal(_("Only what has failed can be tried again."), code="invalid_transition")
    if values:
        kept.values = {**kept.values, **{name: value for name, value in values.items() if name in kept.form.asked}}
    kept.outcome = Outcome.WAITING
    kept.save()
    _take_in_later(kept)
    return kept


def _take_in_later(submission: FormSubmission) -> None:
    enqueue("leads.form", key=f"{submission.pk}:{submission.attempts}", payload={"submission": str(submission.pk)})


def take_in(submission_id: uuid.UUID) -> None:
    """Make a lead of a submission; if a rule stands against it, it waits in the list of those that failed, with the reason."""
    kept = FormSubmission.objects.select_for_update(of=("self",)).get(pk=submission_id)
    if kept.outcome != Outcome.WAITING:
        return
    form = WebForm.objects.select_related("channel", "campaign", "owner").get(pk=kept.form_id)
    kept.attempts += 1
    values = dict(kept.values)
    values.setdefault("contact_name", values.get("company_name") or values.get("email") or values.get("phone") or values.get("wecom", ""))
    detail = {"form": str(form.pk), "submission": str(kept.pk), **kept.trail}
    if kept.consented_at is not None:
        detail["consent"] = {"version": kept.consent_version, "at": kept.consented_at.isoformat(), "text": kept.consent_text}
        values["consent_marketing"] = Contact.Consent.GIVEN
    try:
        with transaction.atomic():
            fields = taken_apart(values)
            lead = _asks_again(form, fields, _touch(kept)) or capture_lead(
                actor=SYSTEM,
                channel=form.channel,
                campaign=form.campaign,
                owner=form.owner,
                at=kept.created_at,
                touch=_touch(kept),
                source_detail=detail,
                **fields,
            )
            type_ = LeadEvent.Type.FORM_SUBMIT
            record_event(lead, actor=SYSTEM, type=type_, source="web_form", dedupe_key=str(kept.pk), occurred_at=kept.created_at)
    except Refusal as refusal:
        kept.outcome, kept.error = Outcome.FAILED, str(refusal)
    else:
        kept.outcome, kept.error, kept.lead = Outcome.DONE, "", lead
    kept.save()


def _touch(kept: FormSubmission) -> dict[str, Any]:
    """A submission as the touch that it is."""
    trail = kept.trail
    clicks = [f"{kind}:{value}" for kind, value in (trail.get("clicks") or {}).items()]
    return {
        "kind": LeadTouch.Kind.FORM,
        "dedupe_key": f"form:{kept.pk}",
        "occurred_at": kept.created_at,
        "url": str(trail.get("landing", ""))[:2000],
        "referrer": str(trail.get("referrer", ""))[:2000],
        "utm": {name.removeprefix("utm_"): value for name, value in (trail.get("utm") or {}).items()},
        "click_id": clicks[0][:300] if clicks else "",
    }


def _asks_again(form: WebForm, fields: Mapping[str, Any], touch: Mapping[str, Any]) -> Lead | None:
    """The lead of the same person that was closed within the last 180 days and not for spam: it comes back instead of a second one."""
    same = Q()
    for name in ("email", "wecom"):
        if value := str(fields.get(name) or "").strip():
            same |= Q(**{f"{name}__iexact": value})
    if not same:
        return None
    closed = Lead.objects.filter(same, state=Lead.State.DISQUALIFIED, is_test=False, close_reason__counts_in_denominator=True)
    lead = closed.order_by("-closed_at", "-id").first()
    if lead is None or not lead.was_closed_lately():
        return None
    record_touch(lead, actor=SYSTEM, channel=form.channel, campaign=form.campaign, **touch)
    news = {name: value for name, value in fields.items() if value and not getattr(lead, name)}
    if "consent_marketing" in fields:
        news["consent_marketing"] = fields["consent_marketing"]
    if fields.get("need") and lead.need:
        body = str(fields["need"])
        record(lead, kind=Entry.Kind.NOTE, name="note", actor=SYSTEM, at=touch["occurred_at"], body=body)
    return update_lead(lead, actor=SYSTEM, **news)
