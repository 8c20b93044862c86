"""What a nurturing mail says: the variables that there are, and the mail that is made of a text. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.html import linebreaks, urlize

from ltc.notifications.texts import PLAIN, Hole, UnknownVariable, check_text, filled

SAMPLE = {
    "en": {
        **{"contact_name": "Ada Example", "company_name": "Example Ltd", "title": "Pumps for the new plant", "product_interest": "pumps"},
        **{"region": "Shanghai", "industry": "Chemicals", "owner_name": "Your name", "owner_email": "you@example.com"},
    },
    "zh-hans": {
        **{"contact_name": "王晓", "company_name": "示例有限公司", "title": "新厂用泵", "product_interest": "水泵"},
        **{"region": "上海", "industry": "化工", "owner_name": "您的姓名", "owner_email": "you@example.com"},
    },
}
"""Whom a message is shown to be for before it is switched on."""

VARIABLES: Final = (
    *("contact_name", "company_name", "title", "product_interest", "region", "industry"),
    *("owner_name", "owner_email", "our_company", "today", "unsubscribe_link"),
)
FOOTERS: Final = {
    "en": "\n\n--\n{{ our_company }}\nNo more of these mails: {{ unsubscribe_link }}",
    "zh-hans": "\n\n--\n{{ our_company }}\n不再接收此类邮件：{{ unsubscribe_link }}",
}


def unknown_in(text: str) -> str:
    """What a text names that there is not; empty if all is known."""
    try:
        check_text(text, VARIABLES)
    except UnknownVariable as error:
        return str(error)
    return ""


def write(subject: str, body: str, language: str, values: Mapping[str, Any]) -> tuple[str, str, str]:
    """Subject, text and HTML of a mail; a way to unsubscribe stands in every one. Raises MissingValue, UnknownVariable."""
    if "unsubscribe_link" not in body:
        body += FOOTERS.get(language, FOOTERS["en"])
    known = {name: values.get(name) or Hole(name) for name in VARIABLES}
    text = filled(PLAIN, body, known)
    return " ".join(filled(PLAIN, subject, known).split()), text, linebreaks(urlize(text, autoescape=True))


def line(text: str, values: Mapping[str, Any]) -> str:
    """One line, such as a task. Raises MissingValue, UnknownVariable."""
    return " ".join(filled(PLAIN, text, {name: values.get(name) or Hole(name) for name in VARIABLES}).split())
