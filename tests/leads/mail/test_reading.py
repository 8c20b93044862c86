"""Mails as broken as they come."""

import time

import pytest

from leads.mail.reading import read

NESTED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def test_chinese_of_old_programs_is_read():
    raw = (
        b"From: x@example.cn\r\nSubject: "
        + "询价".encode("gbk")
        + b"\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n"
        + "需要水泵镕".encode("gbk")
    )
    mail = read(raw)
    assert (mail.subject, mail.text) == ("询价", "需要水泵镕")


@pytest.mark.parametrize("charset", ["x-no-such", "utf-8", '"gbk"', ""])
def test_a_charset_that_does_not_fit_is_guessed(charset):
    raw = f"From: x@example.cn\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode() + "需要水泵".encode("gb18030")
    assert read(raw).text == "需要水泵"


def test_a_comma_in_an_encoded_name_is_no_second_sender():
    mail = read(b"From: =?utf-8?q?M=C3=BCller=2C_Hans?= <hans@example.de>\r\n\r\nHi")
    assert (mail.sender, mail.sender_name) == ("hans@example.de", "Müller, Hans")


def test_the_form_of_a_website_names_the_visitor_in_reply_to():
    assert read(b"From: no-reply@site.example\r\nReply-To: Ada <ada@example.org>\r\n\r\nHi").sender == "ada@example.org"


def test_of_html_what_is_to_be_read_is_kept():
    raw = b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n<style>p{}</style><p>One &amp; two</p><script>alert(1)</script>three"
    assert read(raw).text == "One & two\nthree"


def test_what_no_database_takes_is_left_out():
    mail = read(b"From: a@b.example\r\nSubject: a\x00b\xe2\x80\xaec\r\n\r\nx\x00y\x07z")
    assert "\x00" not in mail.subject + mail.text and "\u202e" not in mail.subject and mail.text == "xyz"


def report(action: str, about: str = "<1@ltc.example>") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nAuto-Submitted: auto-replied\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSee below.\r\n--b\r\n"
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; a@b.example\r\n{action}\r\n--b\r\n"
        f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: {about}\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("action", "kind"),
    [("Action: failed\r\n", "bounce"), ("", "bounce"), ("Action: delayed\r\n", "automatic"), ("Action: Delivered\r\n", "automatic")],
)
def test_a_mail_that_is_only_late_has_not_come_back(action, kind):
    mail = read(report(action))
    assert (mail.kind, mail.answers) == (kind, ("1@ltc.example",))


def test_the_answer_of_somebody_on_holiday_is_no_bounce_whatever_its_return_path():
    away = b"From: ada@example.org\r\nReturn-Path: <>\r\nIn-Reply-To: <1@ltc.example>\r\n%s\r\nI am away."
    assert read(away % b"Auto-Submitted: auto-replied\r\n").kind == read(away % b"").kind == "automatic"


def test_what_no_database_takes_is_left_out_of_a_report_too():
    assert "\x00" not in "".join(read(report("Action: failed\r\n", about="<1\x00@ltc.example>")).answers)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 5000,
        b"From: " + b"<" * 5000,
        b"From: a@b.example\r\n" + NESTED + (b"--b\r\n" + NESTED) * 3000,
        b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n====!!!!",
        b"From: a@b.example\r\nSubject: =?utf-8?b?////?= =?x?q?=zz?=\r\n\r\n",
        b"From: a@b.example\r\nDate: never\r\nContent-Type: ;;;;\r\n\r\n",
        b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nno parts",
    ],
)  # fmt: skip
def test_nothing_that_comes_breaks_the_reader(raw):
    mail = read(raw)
    assert isinstance(mail.text, str) and len(mail.subject) <= 300


HTML, PLAIN = (f"From: a@b.example\r\nContent-Type: text/{kind}\r\n\r\n".encode() for kind in ("html", "plain"))


@pytest.mark.parametrize(
    "raw",
    [
        HTML + b"<style" * 40_000,
        HTML + b"<style>" * 40_000,
        HTML + b"<br " * 60_000,
        HTML + b"<" * 240_000,
        b'From: a@b.example\r\nContent-Type: text/plain; name="' + b";" * 240_000 + b"\r\n\r\nx",
        b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="' + b";\r\n " * 60_000 + b"\r\n\r\nx",
        b"From: a@b.example\r\nSubject: " + b"=?x?q?a" * 35_000 + b"\r\n\r\nx",
        PLAIN.replace(b"text/plain", b"text/plain; charset=punycode") + b"a" * 240_000,
    ],
)
def test_no_mail_keeps_us_busy_for_long(raw):
    began = time.process_time()
    read(raw)
    assert time.process_time() - began < 5  # each took minutes


def test_of_broken_html_the_words_are_kept():
    raw = HTML + b"<head><title>no</title></head>One<br>two </p >< p>1 < 2</p><STYLE>never closed"
    assert read(raw).text == "One\ntwo\n1 never closed"
