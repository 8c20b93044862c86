"""The list T1 to T10 of what makes a reminder go out once, and what it says. Killed processes: tests/faults/test_reminders.py."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.error import HTTPError

import pytest
from django.core import mail
from django.db import connection

from ltc.activities.models import Activity
from ltc.calendars.services import set_up_calendar
from ltc.customers.models import Contact, Customer
from ltc.notifications.providers import Gateway, MailServer, NotAccepted, Parcel
from ltc.tenancy.context import acting_for
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.letters import VARIABLES, Occasion, Row, built_in, check, interest_on, write
from receivables.models import DunningCase, DunningMessage, DunningNotice, DunningNoticeItem, DunningPolicy, Invoice, ReceivableItem
from receivables.services.dispatch import claim, give_up_lost_claims, hand_over, send_reminders, settle_outcome
from receivables.services.disputes import open_dispute
from receivables.services.policies import policy_in_force, save_policy
from receivables.services.promises import make_promise
from receivables.services.reminders import plan_reminders
from receivables.services.writing import save_text
from receivables.texts import LETTERS
from tests import make
from tests.collections import make as cash
from tests.collections.make import at, owed


@pytest.fixture
def item(inside, rep) -> ReceivableItem:
    set_up_calendar("CN", years=[2026])
    return owed(rep, due=date(2026, 9, 30))


def levels(item: ReceivableItem) -> dict[int, str]:
    return dict(DunningNoticeItem.objects.filter(item=item).exclude(state="released").values_list("level", "state"))


def of_customer(item: ReceivableItem, other: ReceivableItem) -> None:
    """The other item is owed by the customer of the first."""
    Invoice.objects.filter(pk=other.invoice_id).update(customer=item.customer)
    ReceivableItem.objects.filter(pk=other.pk).update(customer=item.customer)


def test_t5_the_database_holds_the_rule_that_a_level_is_used_once(inside):
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'a_level_is_used_once_per_item'")
        (definition,) = cursor.fetchone()
    assert "UNIQUE" in definition and "(tenant_id, item_id, epoch, level)" in definition and "released" in definition


def test_t6_a_tenants_policy_never_touches_another(transactional_db):
    first, second = make.tenant("first"), make.tenant("second")
    with acting_for(first):
        save_policy(policy_in_force(), actor=make.member("fin"), min_interval_days=9, blackouts=[["2026-01-01", "2027-12-31"]])
    with acting_for(second):
        set_up_calendar("CN", years=[2026])
        owed(make.member("rep"), due=date(2026, 9, 30))
        assert policy_in_force().min_interval_days == 3
        assert plan_reminders(now=at(10, 8)) == 1
    with acting_for(first):
        assert DunningPolicy.objects.get().min_interval_days == 9
        assert not DunningNotice.objects.exists()


def test_t7_two_tenants_in_different_zones_have_their_own_day(transactional_db):
    """At the same instant it is the 8th in Shanghai and still the 7th in New York: only one of them works its holiday calendar."""
    instant = datetime.fromisoformat("2026-10-07T23:00:00+00:00")
    made = {}
    for code, zone, currency in (("east", "Asia/Shanghai", "CNY"), ("west", "America/New_York", "CNY")):
        tenant = make.tenant(code, time_zone=zone, base_currency=currency)
        with acting_for(tenant):
            set_up_calendar("CN", years=[2026])
            owed(make.member("rep"), due=date(2026, 9, 30))
            made[code] = plan_reminders(now=instant)
            if made[code]:
                assert DunningNotice.objects.get().run_date == date(2026, 10, 8)
    assert made == {"east": 1, "west": 0}


def test_t8_a_due_date_that_is_put_off_starts_the_levels_anew(item, django_capture_on_commit_callbacks):
    plan_reminders(now=at(10, 8))
    assert levels(item)[3] == "superseded"
    with django_capture_on_commit_callbacks(execute=True):
        send_reminders(now=at(10, 8))
    ReceivableItem.objects.filter(pk=item.pk).update(due_date=date(2026, 10, 16), dunning_epoch=1)
    assert plan_reminders(now=at(10, 19)) == 1
    assert DunningNotice.objects.order_by("-run_date").first().level == 3
    assert DunningNoticeItem.objects.filter(item=item, level=3).count() == 2


def test_t9_a_merge_of_customers_moves_the_case_and_repeats_nothing(item, rep, django_capture_on_commit_callbacks):
    other = owed(rep, due=date(2026, 9, 30))
    plan_reminders(now=at(10, 8))
    with django_capture_on_commit_callbacks(execute=True):
        send_reminders(now=at(10, 8))
    used = DunningNoticeItem.objects.filter(state="sent").count()
    perform(other.customer, "merge", actor=make.member("adm"), survivor=item.customer)
    assert DunningNotice.objects.filter(case__customer=item.customer).count() == 2
    assert plan_reminders(now=at(10, 12)) == 0
    assert plan_reminders(now=at(10, 14)) == 1
    notice = DunningNotice.objects.get(run_date=date(2026, 10, 14))
    assert (notice.case.customer_id, notice.items.count(), notice.level) == (item.customer_id, 2, 5)
    assert DunningNoticeItem.objects.filter(state="sent").count() == used == 2


def test_t10_three_items_at_three_levels_are_one_letter_in_the_tone_of_the_highest(item, rep, django_capture_on_commit_callbacks):
    for due in (date(2026, 10, 5), date(2026, 9, 5)):
        of_customer(item, owed(rep, due=due))
    plan_reminders(now=at(10, 8))
    notice = DunningNotice.objects.get()
    assert (notice.level, sorted(notice.items.values_list("level", flat=True))) == (6, [3, 4, 6])
    assert sorted(notice.messages.values_list("channel", flat=True)) == ["call_task", "email"]
    with django_capture_on_commit_callbacks(execute=True):
        send_reminders(now=at(10, 8))
    (letter,) = mail.outbox
    assert letter.subject == "Formal notice of default" and letter.body.count("INV-2026-") == 3
    assert "90,000.00 CNY is unpaid" in letter.body
    assert Activity.objects.filter(kind="task", result__startswith="Call").count() == 1
    assert set(notice.items.values_list("state", flat=True)) == {"sent"}


def test_a_policy_may_write_one_letter_per_item(item, rep):
    save_policy(policy_in_force(), actor=make.member("fin"), consolidate=False)
    of_customer(item, owed(rep, due=date(2026, 9, 5)))
    assert plan_reminders(now=at(10, 8)) == 2
    assert sorted(DunningNotice.objects.values_list("level", flat=True)) == [4, 6]
    assert plan_reminders(now=at(10, 8, 4)) == 0


def test_a_disputed_part_is_not_asked_for(item, django_capture_on_commit_callbacks):
    open_dispute(actor=SYSTEM, item=item, reason="price", amount=Decimal("9000"), at=at(10, 1))
    plan_reminders(now=at(10, 8))
    with django_capture_on_commit_callbacks(execute=True):
        send_reminders(now=at(10, 8))
    assert "21,000.00" in mail.outbox[0].body and "30,000.00" not in mail.outbox[0].body
    assert mail.outbox[0].alternatives[0][1] == "text/html" and "<td>21,000.00 CNY</td>" in mail.outbox[0].alternatives[0][0]


def test_money_on_account_makes_a_task_and_no_reminder(item):
    payment = cash.paid(item.customer, "31000.00", at=at(10, 1))
    payment.refresh_from_db()
    if payment.unallocated < 30_000:
        pytest.skip("the engine was sure of it")
    for _run in range(3):
        assert plan_reminders(now=at(10, 8)) == 0
    assert Activity.objects.filter(kind="task", result__contains=item.invoice.number).count() == 1


def test_the_hours_are_those_of_the_customers_zone(item):
    Customer.objects.filter(pk=item.customer_id).update(time_zone="America/New_York")
    plan_reminders(now=at(10, 8))
    assert DunningMessage.objects.get().not_before == at(10, 8, 13) + timedelta(minutes=30)


def test_a_broken_promise_has_one_notice(item, django_capture_on_commit_callbacks):
    make_promise(actor=SYSTEM, items=[{"item": item}], promised_on=date(2026, 10, 20), at=at(10, 12))
    assert plan_reminders(now=at(10, 22)) == 0
    for _run in range(2):
        plan_reminders(now=at(10, 23))
    assert sorted(DunningNotice.objects.values_list("kind", flat=True)) == ["broken_promise", "reminder"]
    with django_capture_on_commit_callbacks(execute=True):
        send_reminders(now=at(10, 23))
    assert any(letter.subject == "Agreed payment of 2026-10-20 not received" for letter in mail.outbox)
    assert DunningCase.objects.get().state == "active"


def test_a_case_follows_its_items(item, django_capture_on_commit_callbacks):
    states = []
    for day in (at(9, 30), at(10, 8), at(10, 30)):
        plan_reminders(now=day)
        with django_capture_on_commit_callbacks(execute=True):
            send_reminders(now=day)
        states.append(DunningCase.objects.get().state)
    assert states == ["idle", "active", "escalated"]
    cash.paid(item.customer, "30000.00", at=at(11, 2))
    plan_reminders(now=at(11, 3))
    assert DunningCase.objects.get().state == "idle"


class Stub:
    """A gateway that takes messages and loses its answers."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.lost_before = False

    def call(self, method: str, path: str, body=None, headers=None):
        key = headers["Idempotency-Key"] if method == "POST" else path.rpartition("/")[2]
        if method == "GET":
            if key not in self.taken:
                raise HTTPError(path, 404, "unknown", None, None)
            return {}
        if not self.lost_before:
            self.taken.append(key)
        raise TimeoutError("no answer")


@pytest.mark.parametrize(("lost_before", "status"), [(False, "sent"), (True, "queued")])
def test_a_gateway_that_knows_its_keys_settles_the_doubt(item, settings, monkeypatch, lost_before, status):
    """Found: it is out. Not found: it may be handed over again under the same key."""
    settings.REMINDER_GATEWAY_URL = "http://127.0.0.1:9"
    stub = Stub()
    stub.lost_before = lost_before
    monkeypatch.setattr(Gateway, "_call", lambda self, *given: stub.call(*given))
    plan_reminders(now=at(10, 8))
    DunningMessage.objects.update(channel="sms", recipient="+8613800000000", status="sending", attempts=1)
    message = DunningMessage.objects.get()
    hand_over(item.tenant_id, message.pk, Parcel(str(message.pk), "+8613800000000", "", "Pay"), at=at(10, 8))
    message.refresh_from_db()
    assert (message.status, message.notice.state) == (status, "done" if status == "sent" else "queued")


def test_a_person_settles_what_is_in_doubt(item, monkeypatch, django_capture_on_commit_callbacks):
    plan_reminders(now=at(10, 8))
    claim(at(10, 8))
    give_up_lost_claims(at(10, 8) + timedelta(minutes=11))
    notice, fin = DunningNotice.objects.get(), make.member("fin")
    assert DunningMessage.objects.get().status == "uncertain"
    assert Activity.objects.filter(kind="task", result__contains="pay@example.com").count() == 1
    perform(notice, "resend", actor=fin, at=at(10, 9), reason="The customer has nothing")
    with django_capture_on_commit_callbacks(execute=True):
        send_reminders(now=at(10, 9))
    assert (DunningMessage.objects.get().status, len(mail.outbox)) == ("sent", 1)


def test_a_letter_with_a_hole_is_not_sent(item, django_capture_on_commit_callbacks):
    body = "Pay to {{ pay_account.account }} please, {{ contact_name }}"
    save_text(actor=make.member("adm"), code="L4", language="en", subject="Pay", body=body)
    plan_reminders(now=at(10, 8))
    with django_capture_on_commit_callbacks(execute=True):
        send_reminders(now=at(10, 8))
    message = DunningMessage.objects.get()
    assert (message.status, mail.outbox, "pay_account" in message.error) == ("failed", [], True)
    assert Activity.objects.filter(kind="task").exists()


OCCASION = {
    "currency": "CNY",
    "customer_name": "Acme <b>",
    "contact_name": "Ms Chen",
    "company_name": "Yueheng",
    "sender_name": "Li",
    "owner_name": "Li",
    "deadline": date(2026, 10, 15),
    "today": date(2026, 10, 8),
    "more": {"promise": {"amount": "1", "date": "2026-10-01"}, "period": "2026-09", "closing": "5"},
    "statement_link": "https://example.com/x",
}
ROWS = [Row("INV-1", date(2026, 8, 3), date(2026, 9, 30), Decimal("30000"), 8)]


@pytest.mark.parametrize("language", LETTERS)
@pytest.mark.parametrize("code", LETTERS["en"])
def test_every_letter_can_be_written_in_both_languages(code, language):
    for text in built_in(code, language):
        check(text)
    letter = write(Occasion(code=code, language=language, **OCCASION), ROWS)
    assert letter.subject and "{{" not in letter.subject + letter.body + letter.html
    assert "<b>" not in letter.html


def test_interest_for_late_payment():
    assert interest_on(Decimal("100000.00"), 37, Decimal("0.0005"), "CNY") == Decimal("1850.00")
    assert "pay_account.bank" in VARIABLES


def test_a_refusal_before_acceptance_is_no_doubt(item, monkeypatch):
    plan_reminders(now=at(10, 8))
    pk, parcel = claim(at(10, 8))
    monkeypatch.setattr(MailServer, "send", lambda *_given: (_ for _ in ()).throw(NotAccepted("451")))
    hand_over(item.tenant_id, pk, parcel, at=at(10, 8))
    message = DunningMessage.objects.get()
    assert (message.status, message.not_before) == ("queued", at(10, 8) + timedelta(minutes=1))
    settle_outcome(pk, "sent", "", now=at(10, 8))  # a late answer about a claim that is settled changes nothing
    message.refresh_from_db()
    assert message.status == "queued"


def test_nobody_is_written_to_whose_address_bounced(item):
    Contact.objects.update(email_status="hard_bounce")
    assert plan_reminders(now=at(10, 8)) == 0
