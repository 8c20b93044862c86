"""What a reminder says: the facts of a notice brought into the form that letters are written from."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.calendars.business_days import add_business_days
from ltc.customers.models import Customer
from ltc.notifications.texts import UnknownVariable
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import Actor
from receivables.aging import days_overdue
from receivables.dunning import DEADLINE_BUSINESS_DAYS
from receivables.dunning_facts import CaseFacts
from receivables.letters import SME_DAILY_RATE, Letter, Occasion, Row, amount, built_in, check, interest_on, write
from receivables.models import Channel, DunningMessage, DunningNotice, DunningPolicy, DunningTemplate, ReceivableItem, Statement
from receivables.services.portal import portal_link
from receivables.texts import LETTERS

SHORT = (Channel.SMS, Channel.WECOM)
# Who has to pay small companies in time by regulation, and owes interest if not.
HELD_BY_REGULATION = (Customer.EnterpriseClass.LARGE, Customer.EnterpriseClass.GOVERNMENT)


def row_of(item: ReceivableItem, dunnable: Decimal, day: date) -> Row:
    """An item as a letter shows it on a day."""
    invoice = item.invoice
    assert invoice.invoice_date is not None and item.due_date is not None
    return Row(
        invoice.number or "", invoice.invoice_date, item.due_date, dunnable, days_overdue(item.due_date, day), invoice.po_ref, item.amount
    )


def daily_rate(tenant: Tenant, customer: Customer, policy: DunningPolicy) -> Decimal:
    """The interest for a day of delay that a letter shows: the tenant's own, else the regulation's where it applies, else none."""
    if policy.interest == DunningPolicy.Interest.OFF:
        return Decimal(0)
    if own := tenant.settings.get("late_interest_daily"):
        return Decimal(str(own))
    return SME_DAILY_RATE if tenant.base_currency == "CNY" and customer.enterprise_class in HELD_BY_REGULATION else Decimal(0)


def text_of(code: str, language: str) -> tuple[str, str]:
    """The text of a letter in a language: the tenant's own, else the one that comes with the product."""
    own = DunningTemplate.objects.filter(code=code, language=language).first()
    return (own.subject, own.body) if own else built_in(code, language)


def letter_for(message: DunningMessage, facts: CaseFacts, rows: Sequence[Row], tenant: Tenant, day: date) -> Letter:
    """The letter of a message, as of a day. Raises MissingValue, UnknownVariable."""
    notice, customer, policy = message.notice, facts.case.customer, facts.rules.policy
    code = code_of(notice, message, facts)
    rate = daily_rate(tenant, customer, policy)
    interest = sum((interest_on(row.open_amount, row.days_overdue, rate, notice.case.currency) for row in rows), Decimal(0))
    owner = customer.owner.name if customer.owner else tenant.name
    more: dict[str, Any] = {}
    if notice.promise is not None:
        promised = amount(notice.promise.promised_amount, notice.promise.currency)
        more["promise"] = {"amount": promised, "date": notice.promise.promised_on.isoformat()}
    if notice.kind == DunningNotice.Kind.STATEMENT:
        statement = Statement.objects.get(pk=notice.scope_key)
        more |= {"period": statement.period, "closing": amount(statement.closing, statement.currency)}
    occasion = Occasion(
        code=code, language=notice.language, currency=notice.case.currency, customer_name=customer.name,
        contact_name=message.contact_name or customer.name, company_name=tenant.name, sender_name=owner, owner_name=owner,
        deadline=add_business_days(facts.rules.calendar, day, DEADLINE_BUSINESS_DAYS), today=day, interest=interest,
        sender_phone=str(tenant.settings.get("reminder_phone", "")), pay_account=tenant.settings.get("pay_account") or {}, more=more,
        statement_link=portal_link(customer),
    )  # fmt: skip
    return write(occasion, rows, text_of(code, notice.language))


def code_of(notice: DunningNotice, message: DunningMessage, facts: CaseFacts) -> str:
    """Which letter a message is."""
    if notice.kind == DunningNotice.Kind.BROKEN_PROMISE:
        return "broken_promise"
    if notice.kind == DunningNotice.Kind.STATEMENT:
        return "statement"
    if message.channel in SHORT:
        return "short"
    step = facts.rules.steps.get(notice.level)
    return step.text if step else f"L{min(notice.level, 7)}"


@transaction.atomic
def save_text(*, actor: Actor, code: str, language: str, subject: str, body: str) -> DunningTemplate:
    """Write a letter's text in a language. Its variables are checked. Raises Forbidden, Refusal (`template_variable_unknown`)."""
    if not actor.has_perm("reminders.change_texts"):
        raise Forbidden(_("You may not change the texts of reminders."))
    if code not in LETTERS.get(language, {}):
        raise Refusal(_("There is no such letter."), code="unknown_letter", field="code")
    for name, text in (("subject", subject), ("body", body)):
        try:
            check(text)
        except UnknownVariable as error:
            sentence = _("This is not known in letters: %(names)s") % {"names": error}
            raise Refusal(sentence, code="template_variable_unknown", field=name) from error
    template = DunningTemplate.objects.filter(code=code, language=language).first() or DunningTemplate(code=code, language=language)
    template.subject, template.body = subject, body
    template.full_clean()
    template.save()
    record(template, kind=Entry.Kind.SYSTEM, name="written", actor=actor, at=timezone.now())
    return template


@transaction.atomic
def restore_text(template: DunningTemplate, *, actor: Actor) -> None:
    """Take back a text of one's own: the product's is used again. Raises Forbidden."""
    if not actor.has_perm("reminders.change_texts"):
        raise Forbidden(_("You may not change the texts of reminders."))
    template.delete()
