"""What people are told: once, in their language, on the page and by e-mail."""

import pytest
from django.core import mail
from django.utils.translation import gettext_lazy as _

from ltc.customers.services import create_customer
from ltc.events.models import Work
from ltc.events.outbox import enqueue_again, run_pending
from ltc.notifications.models import Notification
from ltc.notifications.selectors import notifications_of, unread_count
from ltc.notifications.services import MAIL, mark_read, notify, send_mail
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from tests import make
from tests.pages import Browser


def test_a_notification_is_mailed_once_with_a_link(rep: Membership) -> None:
    pumps = create_customer(actor=SYSTEM, name="Alder Pumps", owner=rep)
    notify(rep, title="%(name)s is yours now", values={"name": "Alder Pumps"}, about=pumps)
    run_pending()
    sent = Notification.objects.get()
    assert [message.subject for message in mail.outbox] == ["Alder Pumps is yours now"]
    assert f"/t/north/go/customers.customer/{pumps.pk}/" in mail.outbox[0].body
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<{sent.pk}@")
    enqueue_again(MAIL, key=str(sent.pk), payload={"notification": str(sent.pk)})
    run_pending()
    assert len(mail.outbox) == 1


def test_a_notification_that_need_not_be_mailed_is_not(rep: Membership) -> None:
    notify(rep, title="Hello", mail=False)
    assert not Work.objects.filter(kind=MAIL).exists()
    assert unread_count(rep) == 1


def test_a_person_is_told_in_their_own_language(rep: Membership) -> None:
    rep.user.language = "zh-hans"
    rep.user.save()
    told = notify(rep, title=_("Simplified Chinese"))
    assert told.title == "\u7b80\u4f53\u4e2d\u6587"


def test_a_letter_to_a_stranger_goes_through_the_outbox(rep: Membership) -> None:
    send_mail(to="guest@example.com", subject="Join\nus", body="Here.")
    assert mail.outbox == []
    run_pending()
    assert [(message.to, message.subject) for message in mail.outbox] == [(["guest@example.com"], "Join us")]


def test_opening_a_notification_reads_it_and_leads_to_its_record(rep: Membership) -> None:
    pumps = create_customer(actor=SYSTEM, name="Alder Pumps", owner=rep)
    first, second = notify(rep, title="One", about=pumps, mail=False), notify(rep, title="Two", mail=False)
    browser = Browser(rep)
    response = browser.get(f"/notifications/{first.pk}/")
    assert response["Location"] == f"/t/north/customers/{pumps.pk}/"
    assert [each.read_at is not None for each in notifications_of(rep)] == [False, True]
    browser.post("/notifications/")
    assert unread_count(rep) == 0
    assert mark_read(rep, notification=second.pk) == 0


def test_a_notification_of_someone_else_does_not_exist(rep: Membership) -> None:
    theirs = notify(make.member("rep"), title="Secret", mail=False)
    assert Browser(rep).get(f"/notifications/{theirs.pk}/").status_code == 404
    assert "Secret" not in Browser(rep).get("/notifications/").content.decode()


@pytest.mark.parametrize("kind", ["customers.customer", "leads.nothing", "users.user"])
def test_a_link_by_kind_and_id_leads_to_the_record_or_to_nothing(rep: Membership, kind: str) -> None:
    pumps = create_customer(actor=SYSTEM, name="Alder Pumps", owner=rep)
    response = Browser(rep).get(f"/go/{kind}/{pumps.pk}/")
    if kind == "customers.customer":
        assert response["Location"] == f"/t/north/customers/{pumps.pk}/"
    else:
        assert response.status_code == 404
