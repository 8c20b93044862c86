from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from ltc.calendars.services import set_up_calendar
from ltc.customers.models import Contact
from ltc.events.outbox import enqueue, run_pending
from ltc.notifications.providers import MailServer, NotAccepted, Parcel
from ltc.refusals import Forbidden
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.models import DunningCase, DunningMessage, DunningNotice, DunningNoticeItem, Invoice, ReceivableItem
from receivables.services.dispatch import claim, hand_over, send_reminders, settle_outcome
from receivables.services.policies import policy_in_force
from receivables.services.reminders import plan_reminders
from tests import make
from tests.collections import make as cash

TEN_LOCAL = 2  # hours UTC: ten o'clock in Shanghai, inside the morning window


def at(month: int, day: int, hour: int = TEN_LOCAL) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def overdue(rep, *, due: date = date(2026, 9, 30), price: str = "10000.00") -> ReceivableItem:
    """An item of 30 % of ten pieces, due on a day, whose invoice was sent."""
    issued = datetime(2026, 8, 3, 4, tzinfo=UTC)
    order = cash.order(rep, at=issued, price=price)
    invoice = cash.issued(Invoice.objects.get(order=order), at=issued)
    ReceivableItem.objects.filter(invoice=invoice).update(due_date=due)
    return invoice.items.get()


@pytest.fixture
def item(inside: Tenant, rep) -> ReceivableItem:
    set_up_calendar("CN", years=[2026])
    return overdue(rep)


def levels(item: ReceivableItem) -> dict[int, str]:
    return dict(DunningNoticeItem.objects.filter(item=item).order_by("level").values_list("level", "state"))


def send(now: datetime, callbacks) -> int:
    """Send what may go out; what is to be done after the commit is done. How many messages were handed over."""
    before = DunningMessage.objects.aggregate(total=Sum("attempts"))["total"] or 0
    with callbacks(execute=True):
        send_reminders(now=now)
    return DunningMessage.objects.aggregate(total=Sum("attempts"))["total"] - before


def test_a_reminder_is_planned_and_sent_once_however_often_the_jobs_run(item, django_capture_on_commit_callbacks):
    for _run in range(3):
        plan_reminders(now=at(10, 8))
    assert DunningNotice.objects.count() == DunningMessage.objects.count() == 1
    assert levels(item) == {1: "superseded", 2: "superseded", 3: "superseded", 4: "reserved"}
    for _run in range(3):
        send(at(10, 8), django_capture_on_commit_callbacks)
    assert [message.to for message in mail.outbox] == [["pay@example.com"]]
    message = DunningMessage.objects.get()
    assert (message.status, message.attempts, message.notice.state, levels(item)[4]) == ("sent", 1, "done", "sent")
    assert history(item.invoice).filter(name="reminder_sent").count() == 1
    assert history(item.customer).filter(name="reminder_sent").count() == 1
    plan_reminders(now=at(10, 9))
    assert DunningNotice.objects.count() == 1


def test_a_chinese_company_writes_chinese_and_names_what_is_open(item, inside, django_capture_on_commit_callbacks):
    item.customer.language = "zh-hans"
    item.customer.save()
    plan_reminders(now=at(10, 8))
    send(at(10, 8), django_capture_on_commit_callbacks)
    (letter,) = mail.outbox
    assert letter.subject == "【再次提醒】款项逾期8天,请于2026-10-14前付款"
    assert "INV-2026-000001" in letter.body and "30,000.00CNY" in letter.body and "逾期8天" in letter.body


def test_nothing_goes_out_on_a_holiday_or_outside_the_hours(item, django_capture_on_commit_callbacks):
    assert plan_reminders(now=at(10, 5)) == 0
    plan_reminders(now=at(10, 8, hour=12))
    message = DunningMessage.objects.get()
    assert message.not_before == at(10, 9, hour=1) + timedelta(minutes=30)
    assert send(at(10, 8, hour=13), django_capture_on_commit_callbacks) == 0
    assert send(at(10, 9), django_capture_on_commit_callbacks) == 1


def test_what_is_paid_before_the_window_opens_is_not_reminded(item, django_capture_on_commit_callbacks):
    plan_reminders(now=at(10, 8, hour=0))
    cash.paid(item.customer, "30000.00", at=at(10, 8, hour=1))
    assert send(at(10, 8), django_capture_on_commit_callbacks) == 0
    assert (DunningNotice.objects.get().state, DunningMessage.objects.get().status, levels(item)[4]) == (
        "cancelled",
        "cancelled",
        "released",
    )
    assert mail.outbox == []


def test_an_invoice_that_never_went_out_is_not_reminded(inside, rep):
    item = overdue(rep)
    Invoice.objects.update(sent_at=None)
    assert plan_reminders(now=at(10, 8)) == 0
    Invoice.objects.update(sent_at=at(8, 3))
    Contact.objects.all().delete()
    assert plan_reminders(now=at(10, 8)) == 0
    assert set(levels(item).values()) == {"superseded"}


def test_a_paused_customer_is_left_alone_and_nothing_is_lost(item):
    case = DunningCase.objects.get()
    fin = make.member("fin")
    with pytest.raises(Forbidden):
        perform(case, "pause", actor=make.member("rep"), until=date(2026, 10, 9), reason="Talks")
    DunningCase.objects.filter(pk=case.pk).update(state="paused", paused_until=date(2026, 10, 9))
    assert plan_reminders(now=at(10, 9)) == 0
    assert plan_reminders(now=at(10, 12)) == 1
    case.refresh_from_db()
    assert (case.state, DunningNotice.objects.get().level) == ("active", 4)
    assert fin.has_perm("receivables.pause_reminders", case)


def test_a_refused_mail_is_tried_again_later_and_an_unclear_one_never(item, monkeypatch, django_capture_on_commit_callbacks):
    plan_reminders(now=at(10, 8))

    def refuse(*_args, **_options):
        raise NotAccepted("busy")

    monkeypatch.setattr(MailServer, "send", refuse)
    send(at(10, 8), django_capture_on_commit_callbacks)
    message = DunningMessage.objects.get()
    assert (message.status, message.attempts, message.sent_at) == ("queued", 1, None)

    def hang(*_args, **_options):
        raise TimeoutError("no answer")

    monkeypatch.setattr(MailServer, "send", hang)
    DunningMessage.objects.update(not_before=at(10, 8))
    send(at(10, 8), django_capture_on_commit_callbacks)
    message.refresh_from_db()
    assert (message.status, message.attempts, levels(item)[4]) == ("uncertain", 2, "reserved")
    assert send(at(10, 9), django_capture_on_commit_callbacks) == 0


def test_five_refusals_are_enough(item, django_capture_on_commit_callbacks):
    plan_reminders(now=at(10, 8))
    for attempt in range(1, 7):
        DunningMessage.objects.update(status="sending", attempts=attempt)
        settle_outcome(DunningMessage.objects.get().pk, "queued", "busy", now=at(10, 8))
    assert DunningMessage.objects.get().status == "failed"


def test_a_worker_that_dies_while_sending_leaves_a_question_and_no_second_mail(item, django_capture_on_commit_callbacks):
    plan_reminders(now=at(10, 8))
    claimed, parcel = claim(at(10, 8))
    assert (parcel.to, claimed) == ("pay@example.com", DunningMessage.objects.get().pk)
    assert DunningMessage.objects.get().status == "sending"
    assert send(at(10, 8) + timedelta(minutes=11), django_capture_on_commit_callbacks) == 0
    assert (DunningMessage.objects.get().status, mail.outbox) == ("uncertain", [])


def test_a_demo_sends_nothing_and_shows_what_it_would_have_sent(item, inside, capsys, django_capture_on_commit_callbacks):
    Tenant.objects.filter(pk=inside.pk).update(is_demo=True)
    plan_reminders(now=at(10, 8))
    send(at(10, 8), django_capture_on_commit_callbacks)
    message = DunningMessage.objects.get()
    assert (message.status, mail.outbox) == ("simulated", [])
    assert "INV-2026-000001" in message.body
    assert "pay@example.com" in capsys.readouterr().out


def test_the_last_notice_waits_for_a_finance_approver(inside, rep, django_capture_on_commit_callbacks):
    item = overdue(rep, due=date(2026, 8, 3))
    plan_reminders(now=at(10, 8))
    notice = DunningNotice.objects.get()
    assert (notice.level, notice.state) == (7, "waiting_approval")
    assert send(at(10, 8), django_capture_on_commit_callbacks) == 0
    with pytest.raises(Forbidden):
        perform(notice, "approve", actor=make.member("fin"))
    perform(notice, "approve", actor=cash.approver())
    assert send(at(10, 8), django_capture_on_commit_callbacks) == 1
    assert levels(item)[7] == "sent"


def test_a_refused_notice_uses_its_level_up(inside, rep):
    item = overdue(rep, due=date(2026, 8, 3))
    plan_reminders(now=at(10, 8))
    perform(DunningNotice.objects.get(), "refuse", actor=SYSTEM)
    assert levels(item)[7] == "superseded"
    assert plan_reminders(now=at(10, 9)) == 0


def test_all_items_of_a_customer_are_in_one_letter(item, rep, django_capture_on_commit_callbacks):
    other = overdue(rep, due=date(2026, 9, 21))
    Invoice.objects.filter(pk=other.invoice_id).update(customer=item.customer)
    ReceivableItem.objects.filter(pk=other.pk).update(customer=item.customer)
    plan_reminders(now=at(10, 8))
    notice = DunningNotice.objects.get()
    assert (notice.level, notice.items.count()) == (5, 2)
    assert levels(other)[5] == "reserved" and levels(item)[4] == "reserved"
    send(at(10, 8), django_capture_on_commit_callbacks)
    assert len(mail.outbox) == 1


def test_a_level_is_used_once_per_item_and_due_date(item):
    plan_reminders(now=at(10, 8))
    with pytest.raises(IntegrityError, match="a_level_is_used_once_per_item"), transaction.atomic():
        DunningNoticeItem.objects.create(item=item, epoch=0, level=4, at=at(10, 8))
    ReceivableItem.objects.update(due_date=date(2026, 10, 5), dunning_epoch=1)
    plan_reminders(now=at(10, 12))
    assert list(DunningNotice.objects.order_by("run_date").values_list("level", flat=True)) == [4, 4]


def test_the_jobs_are_work_of_the_outbox(item):
    enqueue("collections.plan_reminders", key="2026-10-08T02:00Z", payload={"slot": "x"})
    enqueue("collections.send_reminders", key="2026-10-08T02:00Z")
    enqueue("collections.check_ledger", key="2026-10-08")
    assert run_pending() == 3


def test_every_tenant_has_its_own_policy(inside, other_tenant):
    policy = policy_in_force()
    assert [(step.level, step.offset_days) for step in policy.steps.all()] == [(1, -7), (2, 0), (3, 3), (4, 7), (5, 14), (6, 30), (7, 60)]
    assert policy_in_force() == policy


@pytest.fixture
def committed(transactional_db: None) -> Iterator[tuple[Tenant, ReceivableItem]]:
    tenant = make.tenant("race")
    with acting_for(tenant):
        policy_in_force()
        found = overdue(make.member("rep"))
    yield tenant, found


def test_eight_planners_and_eight_senders_remind_once(committed: tuple[Tenant, ReceivableItem]) -> None:
    tenant, item = committed

    def job(number: int) -> None:
        try:
            with acting_for(tenant):
                plan_reminders(now=at(10, 8)) if number < 8 else send_reminders(now=at(10, 8))
        finally:
            connection.close()

    for numbers in (range(8), range(8, 16)):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(job, numbers))
    with acting_for(tenant):
        assert DunningNotice.objects.count() == 1
        assert (DunningMessage.objects.get().status, len(mail.outbox)) == ("sent", 1)
        assert levels(item)[4] == "sent"
    with pytest.raises(DunningMessage.DoesNotExist):
        hand_over(tenant.pk, DunningMessage.objects.model().pk, Parcel("", "", "", ""), at=at(10, 8))
