"""A customer pays from its link: what a provider tells is booked once, if it is signed, fresh and about the right money."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ltc.activities.models import Activity
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.workflow.engine import perform
from receivables.integrity import assert_ledger_holds
from receivables.models import Invoice, OnlineAccount, OnlinePayment, Payment, ProviderNotice
from receivables.online import secrets_of, signature
from receivables.services.online import begin_payment, set_up_account
from receivables.services.sending import make_link
from tests import make
from tests.callers import caller_of
from tests.collections import make as cash
from tests.collections.test_customer_links import door
from tests.pages import Browser


@pytest.fixture(autouse=True)
def _a_server_that_may_pretend(settings: Any) -> None:
    settings.TEST_PAYMENT_PROVIDER = True


@pytest.fixture
def account(inside: Tenant) -> OnlineAccount:
    fin = make.member("fin")
    made = set_up_account(actor=fin, name="Card", provider="test", bank_account="6222 01")
    return perform(made, "switch_on", actor=fin)


@pytest.fixture
def invoice(inside: Tenant, rep: Any) -> Invoice:
    return cash.issued(Invoice.objects.get(order=cash.order(rep, term="prepaid")), sent=False)


@pytest.fixture
def wish(account: OnlineAccount, invoice: Invoice) -> Iterator[OnlinePayment]:
    begin_payment(invoice, at=timezone.now())
    yield OnlinePayment.objects.get()
    assert_ledger_holds()


def told(
    wish: OnlinePayment, *, notice: str = "evt-1", secret: str = "", at: datetime | None = None, stamp: datetime | None = None, **said: Any
) -> Any:
    """What the provider sends to our address, signed."""
    account, at = wish.account, at or timezone.now()
    body = {
        "reference": str(wish.pk), "charge": "ch-1", "paid": True, "amount": str(wish.amount), "currency": wish.currency, "method": "card",
        "at": at.isoformat(), **said,
    }  # fmt: skip
    text, moment = json.dumps(body).encode(), int((stamp or at).timestamp())
    headers = {
        "webhook-id": notice, "webhook-timestamp": str(moment),
        "webhook-signature": signature(secret or secrets_of(account)[0], notice, moment, text),
    }  # fmt: skip
    code = Tenant.objects.get(pk=wish.tenant_id).code
    return Client().post(f"/hooks/payments/{code}/{account.pk}/", text, content_type="application/json", headers=headers)


def test_a_customer_pays_from_its_link_and_the_invoice_is_settled(account: OnlineAccount, invoice: Invoice) -> None:
    link = make_link(actor=make.member("fin"), invoice=invoice, language="en")
    assert "Pay online" in Client().get(door(link)).content.decode()
    assert "/portal/till/" in Client().post(door(link) + "pay/").content.decode()
    begun = Client().post(door(link) + "pay/", headers={"HX-Request": "true"})
    till = "/portal/till/" + begun["HX-Redirect"].split("/portal/till/")[1]
    assert "10,000.00" in Client().get(till).content.decode()
    assert "done=paid" in Client().post(till, {"do": "pay"})["Location"]
    wish, payment = OnlinePayment.objects.get(), Payment.objects.get()
    invoice.refresh_from_db()
    assert (wish.state, wish.payment_id, wish.link_id) == ("paid", payment.pk, link.pk)
    assert (payment.state, payment.method, payment.unallocated, payment.bank_ref) == ("posted", "card", 0, wish.charge)
    assert invoice.state == "settled"
    assert "Pay online" not in Client().get(door(link)).content.decode()
    Client().post(till, {"do": "pay"})
    assert Payment.objects.count() == 1
    assert_ledger_holds()


def test_a_customer_who_declines_has_paid_nothing_and_may_try_again(account: OnlineAccount, invoice: Invoice) -> None:
    till = "/portal/till/" + begin_payment(invoice, at=timezone.now()).split("/portal/till/")[1]
    Client().post(till, {"do": "decline"})
    assert (OnlinePayment.objects.get().state, Payment.objects.count()) == ("failed", 0)
    Client().post(till, {"do": "pay"})
    assert (OnlinePayment.objects.get().state, Payment.objects.get().state) == ("paid", "posted")


def test_pressing_the_button_twice_is_one_wish(account: OnlineAccount, invoice: Invoice) -> None:
    now = timezone.now()
    assert begin_payment(invoice, at=now).split(":")[0] == begin_payment(invoice, at=now).split(":")[0]
    assert OnlinePayment.objects.count() == 1


def test_a_signed_notice_is_booked_and_the_same_notice_heard_once(wish: OnlinePayment) -> None:
    assert told(wish).json() == {"outcome": "paid"}
    assert told(wish).json() == {"outcome": "known"}
    assert told(wish, notice="evt-2").json() == {"outcome": "known"}  # another notice of the same charge
    assert (Payment.objects.count(), ProviderNotice.objects.count()) == (1, 2)


@pytest.mark.parametrize("how", ["secret", "body", "missing"])
def test_what_is_not_signed_by_the_account_is_not_heard(wish: OnlinePayment, how: str) -> None:
    if how == "secret":
        answer = told(wish, secret="somebody else's")
    else:
        address = f"/hooks/payments/{Tenant.objects.get(pk=wish.tenant_id).code}/{wish.account_id}/"
        headers = {"webhook-id": "e", "webhook-timestamp": str(int(timezone.now().timestamp())), "webhook-signature": "v1,AAAA"}
        answer = Client().post(address, b"{}", content_type="application/json", headers=headers if how == "body" else {})
    assert (answer.status_code, answer.json()["code"]) == (400, "unsigned" if how == "missing" else "bad_signature")
    wish.refresh_from_db()
    assert (wish.state, Payment.objects.count(), ProviderNotice.objects.count()) == ("begun", 0, 0)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_notice_sent_again_is_refused_by_its_time(wish: OnlinePayment, minutes: int) -> None:
    answer = told(wish, stamp=timezone.now() + timedelta(minutes=minutes))
    assert (answer.status_code, answer.json()["code"], Payment.objects.count()) == (400, "too_old", 0)


def test_a_late_notice_that_is_freshly_signed_is_money_all_the_same(wish: OnlinePayment) -> None:
    cash.paid(wish.customer, "10000.00", remittance_text=str(wish.invoice.number))
    OnlinePayment.objects.update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert told(wish, at=timezone.now() - timedelta(minutes=3)).json() == {"outcome": "paid"}
    assert Payment.objects.order_by("created_at").last().unallocated == Decimal(10_000)  # on account: the invoice was paid already


@pytest.mark.parametrize(("amount", "currency"), [("9000.00", "CNY"), ("10000.01", "CNY"), ("10000.00", "USD")])
def test_another_amount_than_asked_waits_for_a_person(wish: OnlinePayment, amount: str, currency: str) -> None:
    assert told(wish, amount=amount, currency=currency).json() == {"outcome": "in_question"}
    wish.refresh_from_db()
    payment = Payment.objects.get()
    assert (wish.state, wish.payment_id, payment.state, payment.amount) == ("in_question", payment.pk, "identified", Decimal(amount))
    assert wish.invoice.open_amount == 10_000
    assert "ch-1" in Activity.objects.get(kind="task").result


def test_paid_twice_is_recorded_twice_and_looked_at(wish: OnlinePayment) -> None:
    told(wish)
    assert told(wish, notice="evt-2", charge="ch-2").json() == {"outcome": "in_question"}
    assert sorted(Payment.objects.values_list("state", flat=True)) == ["identified", "posted"]


@pytest.mark.parametrize(
    "said",
    [
        {"amount": "NaN"},
        {"amount": "-1"},
        {"paid": "yes"},
        {"currency": "???"},
        {"charge": ""},
        {"reference": "x"},
        {"charge": None, "amount": []},
    ],
)
def test_a_notice_that_cannot_be_read_changes_nothing(wish: OnlinePayment, said: dict[str, Any]) -> None:
    answer = told(wish, **said)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")
    assert not Payment.objects.exists()


def test_a_notice_about_nothing_of_this_account_is_a_conflict(wish: OnlinePayment) -> None:
    answer = told(wish, reference="0190b0b0-0000-7000-8000-000000000000")
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_reference")


def test_the_secret_before_the_new_one_is_still_taken(wish: OnlinePayment) -> None:
    (old,) = secrets_of(wish.account)
    perform(wish.account, "new_secret", actor=make.member("fin"), secret="the new one")
    assert wish.account.sealed_secret != "the new one"
    assert told(wish, notice="evt-9", secret=old, charge="a").status_code == 200
    assert secrets_of(OnlineAccount.objects.get())[0] == "the new one"


def test_the_stand_in_is_only_where_somebody_says_so(account: OnlineAccount, invoice: Invoice, settings: Any) -> None:
    url = begin_payment(invoice, at=timezone.now())
    settings.TEST_PAYMENT_PROVIDER = False
    with pytest.raises(Refusal):
        begin_payment(invoice, at=timezone.now())
    with pytest.raises(Refusal):
        set_up_account(actor=make.member("fin"), name="Other", provider="test", bank_account="1")
    assert Client().post("/portal/till/" + url.split("/portal/till/")[1], {"do": "pay"}).status_code == 410
    assert not Payment.objects.exists()


def test_only_finance_sets_up_accounts(inside: Tenant, rep: Any) -> None:
    with pytest.raises(Forbidden):
        set_up_account(actor=rep, name="Card", provider="test", bank_account="1")
    assert not OnlineAccount.objects.exists()


def test_accounts_by_rest_never_show_their_secret(tenant: Tenant, other_tenant: Tenant) -> None:
    caller = caller_of(tenant)
    body = {"name": "Card", "provider": "test", "bank_account": "6222", "currencies": "cny", "secret": "s3cret"}
    made = caller.post("payment-accounts/", body, Idempotency_Key="a")
    assert (made.status_code, made.json()["state"], made.json()["currencies"]) == (201, "off", "CNY"), made.content
    assert "s3cret" not in made.content.decode() and f"/hooks/payments/{tenant.code}/" in made.json()["notice_url"]
    on = caller.post(f"payment-accounts/{made.json()['id']}/actions/switch_on/", {}, If_Match=made["ETag"], Idempotency_Key="b")
    assert on.json()["state"] == "on"
    assert Client().post(f"/hooks/payments/{other_tenant.code}/{made.json()['id']}/").status_code == 404
    assert caller.get("online-payments/").json()["data"] == []
    assert caller_of(tenant, "ledger:write", role="api").post("payment-accounts/", body, Idempotency_Key="c").status_code == 403


def test_accounts_and_payments_on_pages(tenant: Tenant) -> None:
    with acting_for(tenant):
        browser = Browser(make.member("fin"))
        made = browser.post("/payment-accounts/new/", name="Card", provider="test", bank_account="6222")
        assert made.status_code == 302, made.content[:500]
        account = perform(OnlineAccount.objects.get(), "switch_on", actor=make.member("fin"))
        assert "/hooks/payments/" in browser.get(f"/payment-accounts/{account.pk}/").content.decode()
        invoice = cash.issued(Invoice.objects.get(order=cash.order(make.member("rep"), term="prepaid")))
        begin_payment(invoice, at=timezone.now())
        wish = OnlinePayment.objects.get()
        assert browser.get("/online-payments/").status_code == 200
        assert browser.get(f"/online-payments/{wish.pk}/").status_code == 200
        assert "Online payments" in browser.get(f"/invoices/{invoice.pk}/").content.decode()
