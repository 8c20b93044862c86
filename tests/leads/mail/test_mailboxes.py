"""Mails of a real IMAP server become leads once; a broken connection loses nothing and doubles nothing."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from leads.mail.boxes import create_mailbox, try_out, update_mailbox
from leads.mail.polling import look_into, poll, poll_all
from leads.mail.taking import retry, take_in
from leads.models import Enrolment, InboundMail, Lead, LeadEvent, LeadTouch, Mailbox, NurtureMessage
from leads.models.mailboxes import MOST_KEPT
from leads.nurturing.sending import SENDER, message_id
from leads.nurturing.sequences import add_step, create_sequence
from ltc.events.outbox import run_pending
from ltc.notifications.models import Notification
from ltc.notifications.outward import NotReachable
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.timeline.models import Entry
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from tests import make
from tests.leads import make as leads
from tests.leads.mail.imap import LOGIN, PASSWORD, Rogue, Server, Wire, running


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


@pytest.fixture
def folder(server: Server) -> str:
    """A folder of the test's own."""
    folder.number = getattr(folder, "number", 0) + 1  # type: ignore[attr-defined]
    name = f"Anfragen {folder.number}"  # type: ignore[attr-defined]
    with server.signed_in() as connection:
        connection.create(f'"{name}"')
    return name


def connected(server: Server, folder: str, settings: Any, *, port: int = 0, **fields: Any) -> Mailbox:
    port = port or server.port
    settings.OWN_SERVERS = frozenset({f"127.0.0.1:{port}"})
    known = {"name": "Sales", "address": "sales@north.example", "channel": leads.channel("mail"), "starts_on": date(2026, 1, 1)}
    place = {"host": "127.0.0.1", "port": port, "security": "none", "login": LOGIN, "password": PASSWORD, "folder": folder}
    return create_mailbox(actor=SYSTEM, **{**known, **place, **fields})


def letter(number: int = 1, *, sender: str = "Ada Example <ada@example.org>", text: str = "We need pumps.", **headers: str) -> bytes:
    told = {"Message-ID": f"<{number}@example.org>", "From": sender, "To": "sales@north.example", "Subject": f"Pumps {number}"}
    told |= {"Content-Type": "text/plain; charset=utf-8"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return ("".join(f"{name}: {value}\r\n" for name, value in told.items()) + f"\r\n{text}\r\n").encode()


def looked_into(mailbox: Mailbox) -> int:
    stored = look_into(mailbox.tenant_id, mailbox.pk)
    run_pending()
    return stored


def outcomes() -> list[tuple[str, str]]:
    return list(InboundMail.objects.order_by("uid").values_list("outcome", "why"))


def test_a_mail_becomes_a_lead_once(inside, server, folder, settings):
    mailbox = connected(server, folder, settings)
    server.deliver(letter(1), letter(2, sender="=?gb2312?B?zfXQob7q?= <WANG@Example.cn>"), folder=f'"{folder}"')
    assert looked_into(mailbox) == 2
    first, second = Lead.objects.order_by("email")
    assert (first.contact_name, first.email, first.title, first.need) == ("Ada Example", "ada@example.org", "Pumps 1", "We need pumps.")
    assert (second.contact_name, second.email, second.channel.code) == ("王小娟", "wang@example.cn", "mail")
    assert set(LeadTouch.objects.values_list("kind", flat=True)) == {"email"}
    assert looked_into(mailbox) == 0
    server.deliver(letter(1), folder=f'"{folder}"')  # the same mail again
    assert looked_into(mailbox) == 0 and Lead.objects.count() == 2
    Mailbox.objects.update(uid_validity=7)  # the server has numbered its mails anew
    assert looked_into(mailbox) == 0 and Lead.objects.count() == 2
    assert b"Seen" not in server.flags()


def test_a_connection_that_breaks_anywhere_loses_nothing_and_doubles_nothing(inside, server, folder, settings):
    server.deliver(*(letter(number, sender=f"p{number}@example.org", text="x" * 300) for number in range(1, 7)), folder=f'"{folder}"')
    mailbox, broken = connected(server, folder, settings), 0
    for breaks_after in (10, 150, 500, 900, 1500, 2200, 2600, 10**9):
        wire = Wire(server, breaks_after)
        settings.OWN_SERVERS = frozenset({f"127.0.0.1:{wire.port}"})
        Mailbox.objects.update(port=wire.port)
        looked_into(mailbox)
        wire.close()
        mailbox.refresh_from_db()
        broken += bool(mailbox.error)
    assert broken >= 5 and (mailbox.error, mailbox.failures, mailbox.lease_until) == ("", 0, None)
    assert sorted(Lead.objects.values_list("email", flat=True)) == [f"p{number}@example.org" for number in range(1, 7)]
    assert InboundMail.objects.count() == LeadTouch.objects.count() == 6


@pytest.mark.parametrize(
    ("headers", "sender", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, "ada@example.org", "automatic"),
        ({"Precedence": "auto_reply"}, "ada@example.org", "automatic"),
        ({"List_Id": "<news.example.org>"}, "ada@example.org", "list"),
        ({"List_Unsubscribe": "<mailto:x@example.org>"}, "ada@example.org", "list"),
        ({}, "MAILER-DAEMON@example.org", "bounce"),
        ({"X_Spam_Flag": "YES"}, "ada@example.org", "spam"),
        ({}, "sales@north.example", "ours"),
        ({}, "nobody", "no_sender"),
    ],
)
def test_what_no_person_wrote_is_no_lead_and_can_still_be_made_one(inside, server, folder, settings, headers, sender, why):
    mailbox = connected(server, folder, settings)
    server.deliver(letter(1, sender=sender, **headers), folder=f'"{folder}"')
    looked_into(mailbox)
    assert outcomes() == [("ignored", why)] and not Lead.objects.exists()
    mail = InboundMail.objects.get()
    with pytest.raises(Forbidden):
        retry(mail, actor=make.member("rep"))
    retry(mail, actor=make.member("mkt"), values={"sender": "person@example.org"})
    run_pending()
    assert outcomes() == [("lead", "")] and Lead.objects.get().email == "person@example.org"


def test_what_cannot_become_a_lead_waits_and_is_corrected(inside, server, folder, settings):
    mailbox = connected(server, folder, settings)
    server.deliver(letter(1, sender="bad@" + "x" * 64 + ".org"), b"\xff\xfe\x00\x01 no mail at all", folder=f'"{folder}"')
    looked_into(mailbox)
    mail = InboundMail.objects.order_by("uid").first()
    InboundMail.objects.filter(pk=mail.pk).update(outcome="waiting", why="", sender="")
    take_in(mail.pk)
    mail.refresh_from_db()
    assert mail.outcome == "failed" and mail.error
    retry(mail, actor=SYSTEM, values={"sender": "good@example.org"})
    run_pending()
    assert Lead.objects.get().email == "good@example.org" and InboundMail.objects.count() == 2


def test_a_huge_mail_is_read_in_its_beginning_and_nothing_hangs(inside, server, folder, settings):
    mailbox = connected(server, folder, settings)
    head = b"Content-Type: multipart/mixed; boundary=b\r\nMessage-ID: <h@x>\r\nFrom: h@example.org\r\nSubject: Plans\r\n\r\n"
    head += b"--b\r\n\r\nSee here.\r\n"
    file = b'--b\r\nContent-Disposition: attachment; filename="plan.pdf"\r\n\r\n' + b"A" * 3 * MOST_KEPT + b"\r\n--b--\r\n"
    server.deliver(head + file, folder=f'"{folder}"')
    looked_into(mailbox)
    mail = InboundMail.objects.get()
    assert (mail.outcome, mail.text, mail.attachments, mail.is_cut) == ("lead", "See here.", ["plan.pdf"], True)
    assert mail.size > 3 * MOST_KEPT


@pytest.fixture
def nurtured(inside: Any, rep: Any, django_capture_on_commit_callbacks: Any) -> NurtureMessage:
    """A lead that has got the first mail of a sequence."""
    sequence = create_sequence(actor=SYSTEM, name="Welcome")
    for _number in range(2):
        add_step(actor=SYSTEM, sequence=sequence, subject_en="Hello", body_en="Hello.")
    lead = leads.lead(owner=rep, email="ada@example.org", consent_marketing="given")
    perform(lead, "enrol", actor=rep, sequence=sequence)
    with django_capture_on_commit_callbacks(execute=True):
        SENDER.send(now=datetime.now(UTC) + timedelta(seconds=1))
    return NurtureMessage.objects.filter(status="sent").order_by("pk").first()


@pytest.mark.parametrize("by_reference", [True, False])
def test_an_answer_stops_the_sequence_and_its_owner_hears_of_it(nurtured, server, folder, settings, rep, by_reference):
    Enrolment.objects.update(state="active")
    mailbox = connected(server, folder, settings)
    sender = "Ada at home <home@example.org>" if by_reference else "Ada <ada@example.org>"
    headers = {"In_Reply_To": message_id(nurtured.pk)} if by_reference else {}
    server.deliver(letter(1, sender=sender, **headers), folder=f'"{folder}"')
    looked_into(mailbox)
    lead = Lead.objects.get()
    assert outcomes() == [("reply", "")] and lead.pk == nurtured.enrolment.lead_id
    assert Enrolment.objects.get().stop_reason == "replied"
    assert NurtureMessage.objects.filter(outcome="replied").count() == 1
    assert Entry.objects.filter(subject=lead.pk, name="email_received").count() == 1
    assert Notification.objects.filter(recipient=rep, subject=lead.pk, title__endswith="has written to us.").count() == 1


def test_an_automatic_answer_stops_nothing(nurtured, server, folder, settings):
    mailbox = connected(server, folder, settings)
    reply = letter(1, Auto_Submitted="auto-replied", In_Reply_To=message_id(nurtured.pk))
    server.deliver(reply, folder=f'"{folder}"')
    looked_into(mailbox)
    assert outcomes() == [("ignored", "automatic")] and not NurtureMessage.objects.exclude(outcome="").exists()


def test_a_mail_that_came_back_stops_the_sequence(nurtured, server, folder, settings):
    mailbox = connected(server, folder, settings)
    Enrolment.objects.update(state="active")
    report = (
        "From: MAILER-DAEMON@mx.example\r\nMessage-ID: <dsn@mx.example>\r\nSubject: Undelivered\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nNo such user.\r\n--b\r\n"
        "Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; ada@example.org\r\nAction: failed\r\n\r\n--b\r\n"
        f"Content-Type: message/rfc822\r\n\r\nMessage-ID: {message_id(nurtured.pk)}\r\nSubject: Hello\r\n\r\nHello.\r\n--b--\r\n"
    )
    server.deliver(report.encode(), folder=f'"{folder}"')
    looked_into(mailbox)
    nurtured.refresh_from_db()
    assert outcomes() == [("bounce", "bounce")] and (nurtured.status, nurtured.outcome) == ("bounced", "bounced")
    assert Enrolment.objects.get().stop_reason == "bounced" and LeadEvent.objects.get().type == "email_bounced"


def test_a_closed_lead_that_writes_again_is_open_again(inside, server, folder, settings, rep):
    lead = leads.lead(owner=rep, email="ada@example.org")
    perform(lead, "disqualify", actor=rep, reason=leads.close_reason())
    mailbox = connected(server, folder, settings)
    server.deliver(letter(1), folder=f'"{folder}"')
    looked_into(mailbox)
    lead.refresh_from_db()
    assert (lead.state, Lead.objects.count()) == ("working", 1)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.0.0.7", "169.254.169.254", "localhost", "0.0.0.0", "no.such.invalid", "::1", "::ffff:10.0.0.1", "::10.0.0.1"),
        *("fec0::1", "64:ff9b::10.0.0.1", "2002:a00:1::"),
    ],
)
def test_a_server_inside_is_not_connected_to(inside, host):
    known = {"name": "x", "address": "a@b.example", "channel": leads.channel(), "login": "a", "password": "b"}
    with pytest.raises(NotReachable):
        create_mailbox(actor=SYSTEM, host=host, **known)
    assert not Mailbox.objects.exists()


def test_a_mailbox_whose_server_moves_inside_later_is_not_looked_into(inside, server, folder, settings):
    mailbox = connected(server, folder, settings)
    settings.OWN_SERVERS = frozenset()
    assert looked_into(mailbox) == 0
    mailbox.refresh_from_db()
    assert "not in the public network" in mailbox.error and mailbox.failures == 1
    assert try_out(mailbox, actor=SYSTEM)["ok"] is False


def test_what_nobody_expected_is_shown_with_the_mailbox_and_it_is_asked_less_often(inside, server, folder, settings, monkeypatch):
    mailbox = connected(server, folder, settings)
    server.deliver(letter(1), folder=f'"{folder}"')
    monkeypatch.setattr("leads.mail.polling.store", lambda *_given: (_ for _ in ()).throw(RuntimeError("out of order")))
    with pytest.raises(RuntimeError):
        look_into(mailbox.tenant_id, mailbox.pk)
    mailbox.refresh_from_db()
    assert (mailbox.error, mailbox.failures, mailbox.lease_until) == ("RuntimeError: out of order", 1, None)


def test_the_password_never_comes_out_and_goes_to_no_other_server(tenant, server, folder, settings, caller):
    with acting_for(tenant):
        mailbox = connected(server, folder, settings)
        assert PASSWORD not in mailbox.secret and try_out(mailbox, actor=SYSTEM)["ok"]
        with pytest.raises(Refusal) as refusal:
            update_mailbox(mailbox, actor=SYSTEM, login="other")
        assert refusal.value.field == "password"
        with pytest.raises(Forbidden):
            update_mailbox(mailbox, actor=make.member("mkt"), name="Mine")
        update_mailbox(mailbox, actor=SYSTEM, name="Enquiries", password="wrong")
        assert "could not be looked into" in try_out(mailbox_again(mailbox), actor=SYSTEM)["detail"]
    said = caller.get(f"mailboxes/{mailbox.pk}/").content.decode()
    assert "Enquiries" in said and "secret" not in said and "password" not in said
    assert caller.post(f"mailboxes/{mailbox.pk}/check_connection/", {}).json()["ok"] is False
    assert caller.post(f"mailboxes/{mailbox.pk}/poll/", {}).status_code == 202
    assert caller.get("inbound-mails/?outcome=failed").json()["data"] == []


def mailbox_again(mailbox: Mailbox) -> Mailbox:
    return Mailbox.objects.get(pk=mailbox.pk)


def test_one_worker_looks_into_a_mailbox_and_a_failing_one_is_asked_less_often(
    inside, server, folder, settings, django_capture_on_commit_callbacks
):
    mailbox, now = connected(server, folder, settings), datetime.now(UTC)
    assert poll(mailbox.pk, now=now) and not poll(mailbox.pk, now=now)
    assert poll(mailbox.pk, now=now + timedelta(minutes=11))
    Mailbox.objects.update(failures=4, polled_at=now)
    assert poll_all("a", now=now + timedelta(minutes=10)) == 0
    assert poll_all("b", now=now + timedelta(minutes=16)) == 1


@pytest.mark.parametrize(
    ("first", "then", "pause"),
    [
        (b"* OK ", b"x", 0.05),  # a greeting that never ends
        (b"* OK IMAP4rev1\r\n", b"* OK still here\r\n", 0.05),
        (b"* OK IMAP4rev1\r\n", b"* 1 EXISTS\r\n" * 5000, 0.0),
    ],
)
def test_a_server_that_talks_without_end_is_left(inside, settings, monkeypatch, server, folder, first, then, pause):
    monkeypatch.setattr("leads.mail.boxes.PATIENCE", 2.0)
    rogue, began = Rogue(first, then, pause), time.monotonic()
    mailbox = connected(server, folder, settings, port=rogue.port)
    assert try_out(mailbox, actor=SYSTEM)["ok"] is False
    assert time.monotonic() - began < 6
    rogue.close()
