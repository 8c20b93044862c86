"""What the offices do beside the walk of the leads: finance reads the bank, credits, refunds and writes off; service answers; marketing spends."""

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from delivery.after_sales import open_case, record_answer, send_survey
from delivery.models import Case
from leads.channels import create_campaign
from leads.collisions import request_access
from leads.models import AccessRequest, FormSubmission, Lead
from leads.selectors import ticket_for
from leads.spending import record_spend
from leads.web_forms import create_form, receive, take_in
from ltc.automation.services import create_field
from ltc.automation.views_of_lists import save_view
from ltc.customers.models import Customer
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from opportunities.targets import record_sales_cost
from orders.models import Order
from receivables.demo.walk import Cast
from receivables.models import Invoice, Payment, ReceivableItem
from receivables.services.bank import import_statement, save_format
from receivables.services.credits import draft_credit_note
from receivables.services.differences import write_off
from receivables.services.periods import open_period
from receivables.services.receipts import record_payment
from receivables.services.refunds import request_refund
from receivables.services.tax import draft_tax_invoice

MONTHS = 6
SHARE_SPENT = Decimal("0.002")


def work(cast: Cast, today: date) -> None:
    """A bit of everything that the lists of a company in business hold."""
    _market(cast, today)
    _ask_by_form(cast)
    _serve(cast)
    _bank(cast, today)
    _correct(cast)
    _close_last_but_one(cast, today)


def _months(today: date) -> Iterable[date]:
    index = today.year * 12 + today.month - 1
    return (date((index - back) // 12, (index - back) % 12 + 1, 1) for back in range(1, MONTHS + 1))


def _said(cast: Cast, english: str, chinese: str) -> str:
    return chinese if cast.company.locale.startswith("zh") else english


def _market(cast: Cast, today: date) -> None:
    largest = max(good.price for good in cast.company.goods)
    for month in _months(today):
        for source in cast.company.sources:
            spent = (largest * SHARE_SPENT * Decimal(str(source.share)) * 20).quantize(Decimal(1))
            record_spend(actor=SYSTEM, channel=cast.channels[source.code], spend_date=month, amount=spent)
        record_sales_cost(actor=SYSTEM, cost_date=month, amount=(largest / 4).quantize(Decimal(1)))
    channel = cast.channels[cast.company.sources[0].code]
    create_campaign(
        actor=SYSTEM, channel=channel, name=_said(cast, "Autumn campaign", "秋季推广"), start=today - timedelta(days=60),
        end=today + timedelta(days=30), budget=largest,
    )  # fmt: skip
    create_field(actor=SYSTEM, label=_said(cast, "Machines in use", "在用设备数"), code="machines", kind="number", is_feature=True)
    manager = cast.people["mgr"][-1]
    save_view(actor=manager, place="leads", name=_said(cast, "Hot and open", "高分待跟进"), query="min_score=60", shared=True)


def _ask_by_form(cast: Cast) -> None:
    """A form on the website; one visitor became a lead, one named a company that somebody works on, one was a robot."""
    domain, dice = cast.company.domain, cast.dice
    form = create_form(
        actor=SYSTEM, name=_said(cast, "Ask for a quote", "询价表单"), heading=_said(cast, "What may we quote?", "请告诉我们您的需求"),
        asked=["contact_name", "company_name", "email", "need"], required=["contact_name", "email"], origins=[f"https://www.{domain}"],
        consent_text=_said(cast, "You may write to me about your products.", "同意接收产品资讯。"),
        channel=next(iter(cast.channels.values())), thanks=_said(cast, "Thank you, we call you tomorrow.", "感谢您的询价，我们会尽快联系您。"),
    )  # fmt: skip
    known = Lead.objects.filter(state="working").order_by("created_at").first()
    asked = [(dice.choice(cast.company.contacts), _said(cast, "Fernhill Bakeries", "岭南蒸点食品"), f"visitor1@{domain}", False)]
    if known is not None:
        asked.append((known.contact_name, known.company_name, known.email, False))
    asked.append(("Casino", "Casino", f"robot@{domain}", True))
    for number, (person, company, email, is_spam) in enumerate(asked):
        kept = receive(
            form, values={"contact_name": person, "company_name": company, "email": email, "need": cast.company.goods[0].name},
            trail={"landing": f"https://www.{domain}/quote?utm_source=newsletter", "utm": {"source": "newsletter"}},
            nonce=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{domain}/{number}")), consented=not is_spam, confirm_url=str, is_spam=is_spam,
        )  # fmt: skip
        if kept.outcome == FormSubmission.Outcome.WAITING:
            take_in(kept.pk)
    rep = cast.people["rep"][-1]
    theirs = Lead.objects.exclude(owner=rep).filter(owner__isnull=False, state="working").order_by("-created_at").first()
    if theirs is not None:
        reason = _said(cast, "Their plant manager has asked me at the fair.", "客户厂长在展会上已与我约见。")
        request_access(actor=rep, kind=AccessRequest.Kind.TRANSFER, ticket=ticket_for("lead", theirs.pk, rep), reason=reason)


def _serve(cast: Cast) -> None:
    """Customers who were delivered to ask, complain, and say how content they are."""
    dice, keeper = cast.dice, cast.people["dm"][0]
    told = (
        (Case.Type.FAULT, "P2", "Sensor of station 2 shows no light", "2 号工位传感器无信号"),
        (Case.Type.QUESTION, "P4", "How do we change the cycle time?", "如何修改节拍时间？"),
        (Case.Type.COMPLAINT, "P3", "Two boxes came without labels", "两箱到货未贴标签"),
    )
    orders = Order.objects.filter(shipments__state="delivered").select_related("customer").distinct().order_by("created_at", "pk")
    for number, order in enumerate(orders[:9]):
        kind, priority, english, chinese = told[number % len(told)]
        at = cast.office(cast.anchor - timedelta(days=4 * number + 1))
        case = open_case(
            actor=SYSTEM, customer=order.customer, title=_said(cast, english, chinese), priority=priority, owner=keeper, at=at,
            type=kind, order=order,
        )  # fmt: skip
        survey = send_survey(actor=SYSTEM, kind="nps", customer=order.customer, order=order, sent_at=at)
        record_answer(survey, actor=SYSTEM, score=dice.choice([10, 9, 9, 8, 6]), at=at + timedelta(hours=5))
        if number == 0:
            continue
        perform(case, "assign", actor=SYSTEM, at=at + timedelta(minutes=20), owner=keeper)
        perform(case, "start", actor=keeper, at=at + timedelta(minutes=50))
        if number > 2:
            perform(case, "resolve", actor=keeper, at=at + timedelta(hours=7), resolution=_said(cast, "Replaced.", "已更换并复测。"))


def _bank(cast: Cast, today: date) -> None:
    """Yesterday's statement: one payer names the invoice, one is known by name, one is nobody we know. A bill was paid at its term."""
    own, currency, clerk = "DEMO", cast.company.currency, cast.people["fin"][0]
    columns = {"date": "date", "amount": "amount", "payer_name": "payer", "text": "memo", "ref": "ref"}
    form = save_format(
        actor=SYSTEM, name=_said(cast, "House bank", "基本户"), bank_account=own, currency=currency, delimiter=";", columns=columns
    )
    day = today - timedelta(days=1)
    wanted = ReceivableItem.objects.filter(open_amount__gt=0, released=True, currency=currency).order_by("-due_date", "pk")
    lines = ["date;amount;payer;memo;ref"]
    for number, item in enumerate(wanted.select_related("invoice", "customer")[:2]):
        memo = item.invoice.number if number == 0 else ""
        lines.append(f"{day};{item.open_amount:.2f};{item.customer.name};{memo};B{number}")
    lines.append(f"{day};12345.67;{_said(cast, 'Greyfield Trading', '广汇贸易商行')};;B8")
    import_statement(actor=clerk, format=form, content="\n".join(lines), file_name=f"{day}.csv")
    customer = Customer.objects.filter(receivable_items__isnull=False).order_by("created_at", "pk").first()
    for number, term in enumerate((-3, 80)):
        paid = record_payment(
            actor=clerk, amount=Decimal(86000) / 10 ** (currency != "CNY"), currency=currency, received_on=today - timedelta(days=20),
            customer=customer, method=Payment.Method.BANK_BILL, bank_account=own, bank_ref=f"BILL-{number}", bill_number=f"1102500{number:06d}",
            bill_due_on=today + timedelta(days=term), bill_acceptor=_said(cast, "Harbor Bank", "示例银行佛山分行"),
        )  # fmt: skip
        perform(paid, "post", actor=clerk, at=cast.anchor)
        if term < 0:
            perform(paid.bills.get(), "honour", actor=clerk, at=cast.anchor, on=today - timedelta(days=2))


def _correct(cast: Cast) -> None:
    """A credit note, a refund and a write-off that wait for finance, and a tax invoice."""
    clerk = cast.people["fin"][0]
    owed = ReceivableItem.objects.filter(open_amount__gt=0, released=True).select_related("invoice", "customer").order_by("due_date", "pk")
    item = owed.last()
    if item is not None:
        note = _said(cast, "One box was short.", "少发一箱。")
        credit = draft_credit_note(actor=clerk, invoice=item.invoice, reason="quantity", amount=_part(item.open_amount, 10), note=note)
        perform(credit, "submit", actor=clerk, at=cast.anchor)
    if (oldest := owed.first()) is not None:
        reason = _said(cast, "Not worth a claim.", "金额过小，不再追索。")
        write_off(actor=clerk, item=oldest, amount=_part(oldest.open_amount, 20), kind="settlement", reason=reason)
    spare = Payment.objects.filter(state="posted", unallocated__gt=0).exclude(customer=None).order_by("created_at", "pk").first()
    if spare is not None:
        request_refund(actor=clerk, payment=spare, amount=_part(spare.unallocated, 4), reason=_said(cast, "Paid twice.", "客户重复付款。"))
    billed = Invoice.objects.filter(state__in=Invoice.POSTED, kind="standard", lines__isnull=False).order_by("invoice_date", "pk").last()
    if billed is not None:
        draft_tax_invoice(actor=clerk, invoice=billed, kind="general")


def _part(amount: Any, parts: int) -> Decimal:
    return (Decimal(amount) / parts).quantize(Decimal(1)) or Decimal(amount)


def _close_last_but_one(cast: Cast, today: date) -> None:
    months = list(_months(today))
    for month in months[:3]:
        period = open_period(month=month, actor=SYSTEM)
        if month == months[2]:
            perform(period, "close", actor=cast.people["fin"][-1], at=cast.anchor, reviewed=True)
