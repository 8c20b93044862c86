"""The values of a line: read strictly, told in one form. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from ltc.calendars.periods import local_day, local_midnight
from ltc.customers.contact_points import EMAIL, NotAPhoneNumber, normalise_phone
from ltc.money.currencies import CURRENCIES
from opportunities.periods import PERIOD_KEY
from receivables.history.format import SPECS, Field, Spec

MONEY = re.compile(r"\d{1,16}(\.\d{1,4})?", re.ASCII)
RATE = re.compile(r"\d{1,10}(\.\d{1,8})?", re.ASCII)
QUANTITY = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
EARLIEST = date(1950, 1, 1)
LONGEST_LIST = 1000


class Wrong(ValueError):
    """A value that cannot be so: what is wrong, and what to do."""

    def __init__(self, message: Any, remedy: Any = "", field: str = "") -> None:
        super().__init__(str(message))
        self.message, self.remedy, self.field = message, remedy, field


@dataclass(frozen=True)
class Clock:
    """By what the times of a file are judged: the tenant's zone, the instant of the import, and its country for telephone numbers."""

    zone: ZoneInfo
    now: datetime
    country: str = "CN"

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)

    def midnight(self, day: date) -> datetime:
        return local_midnight(day, self.zone)


def read_object(said: Mapping[str, Any], clock: Clock) -> tuple[str, dict[str, Any], list[Wrong]]:
    """The object's name, its values, and everything that is wrong with them. Optional fields that are empty are left out."""
    name = said.get("object")
    spec = SPECS.get(name) if isinstance(name, str) else None
    if spec is None:
        known = ", ".join(SPECS)
        return str(name)[:40], {}, [Wrong(_("There is no such object."), _("Write one of: %(known)s.") % {"known": known}, "object")]
    values, wrongs = _read_fields(spec.fields, said, clock, ignore="object")
    if not wrongs:
        wrongs += _read_together(str(name), spec, values)
    return str(name), values, wrongs


def _read_fields(
    fields: Mapping[str, Field], said: Mapping[str, Any], clock: Clock, ignore: str = ""
) -> tuple[dict[str, Any], list[Wrong]]:
    values: dict[str, Any] = {}
    wrongs = []
    for key, field in fields.items():
        value = said.get(key)
        if value is None or value == "":
            if field.required:
                wrongs.append(Wrong(_("The field is missing."), _("Add it: this object needs it."), key))
            continue
        try:
            values[key] = READERS[field.kind](value, field, clock)
        except Wrong as wrong:
            wrong.field = f"{key}.{wrong.field}" if wrong.field else key
            wrongs.append(wrong)
    for key in said:
        if key not in fields and key != ignore:
            wrongs.append(Wrong(_("This object has no such field."), _("Take it out, or correct its name."), str(key)[:60]))
    return values, wrongs


def _read_together(name: str, spec: Spec, values: dict[str, Any]) -> list[Wrong]:
    """What fields must be together."""
    if name == "lead" and not ("email" in values or "phone" in values):
        return [Wrong(_("Nobody can be reached."), _("Give an e-mail address or a telephone number."), "email")]
    if name == "lead_state" and values["to"] == "merged" and "into" not in values:
        return [Wrong(_("It is not said into which lead it was merged."), _("Name the lead that stays."), "into")]
    if name == "opportunity_change" and not values.keys() - {"opportunity", "at"}:
        return [Wrong(_("Nothing changes."), _("Give the new amount or the new expected close."), "amount")]
    if name == "delivery" and "accepted_on" in values and "rejected_on" in values:
        return [Wrong(_("It was accepted and rejected at once."), _("Write one line for each submission."), "rejected_on")]
    if name == "delivery" and (after := values.get("accepted_on") or values.get("rejected_on")) and after < values["on"]:
        return [Wrong(_("It was answered before it was delivered."), _("Correct one of the two dates."), "on")]
    if name == "commitment" and values["kind"] == "milestone" and values["quantity"] != 1:
        return [Wrong(_("A milestone is one thing."), _('Write the quantity "1".'), "quantity")]
    if name == "case" and any(values[field] < values["at"] for field in ("first_response_at", "resolved_at") if field in values):
        return [Wrong(_("It was answered or resolved before it was opened."), _("Correct one of the two instants."), "at")]
    if name == "survey":
        return _read_survey(values)
    if name == "invoice":
        return _read_invoice(values)
    if name == "dispute" and "resolved_at" in values and values["resolved_at"] < values["at"]:
        return [Wrong(_("It was resolved before it was opened."), _("Correct one of the two instants."), "resolved_at")]
    if name in ("credit_note",) and not _splits(values, values["amount"]):
        return [Wrong(_("Net and tax do not sum to the amount."), _("Correct them, or leave both out."), "net")]
    if name == "quota" and ("user" in values) == ("team" in values):
        return [Wrong(_("A quota is of a person or of a team."), _("Name one of both."), "user")]
    if name == "fx_rate" and values["from"] == values["to"]:
        return [Wrong(_("A currency is worth one of itself."), _("Take the line out, or correct one of the currencies."), "to")]
    return []


def _splits(values: dict[str, Any], gross: Decimal) -> bool:
    """Whether what is said of net and tax fits a total."""
    net, tax = values.get("net"), values.get("tax")
    if net is not None and tax is not None:
        return bool(net + tax == gross)
    return all(part is None or part <= gross for part in (net, tax))


def _read_invoice(values: dict[str, Any]) -> list[Wrong]:
    """Items with numbers of their own, each due some day unless it is kept back, that net and tax sum to."""
    items = values["items"]
    if not items:
        return [Wrong(_("The invoice has no items."), _("Write at least one item, such as the whole amount with its due date."), "items")]
    if len({item["seq"] for item in items}) != len(items):
        return [Wrong(_("Two items have the same number."), _("Number the items 1, 2, 3 …"), "items.seq")]
    for number, item in enumerate(items, start=1):
        kept = item.get("retention", False)
        if kept and "due_date" in item:
            message = _("Retention has no due date until it is released.")
            return [
                Wrong(message, _("Take the date out, and add a retention_release line if it was released."), f"items.{number}.due_date")
            ]
        if not kept and "due_date" not in item:
            return [Wrong(_("The field is missing."), _("Add it: this object needs it."), f"items.{number}.due_date")]
    if not _splits(values, sum((item["amount"] for item in items), Decimal(0))):
        return [Wrong(_("Net and tax do not sum to the items."), _("Correct them, or leave both out."), "net")]
    return []


def _read_survey(values: dict[str, Any]) -> list[Wrong]:
    """A score in its range, and with the instant of the answer."""
    least, most = (1, 5) if values["kind"] == "csat" else (0, 10)
    if "score" in values and not least <= values["score"] <= most:
        message = _("The score is outside %(least)s to %(most)s.") % {"least": least, "most": most}
        return [Wrong(message, _("Correct the score, or the kind of the survey."), "score")]
    if ("score" in values) != ("responded_at" in values):
        missing = "responded_at" if "score" in values else "score"
        return [Wrong(_("An answer has a score and an instant."), _("Give both, or leave both out."), missing)]
    if "responded_at" in values and values["responded_at"] < values["sent_at"]:
        return [Wrong(_("It was answered before it was sent."), _("Correct one of the two instants."), "responded_at")]
    return []


def text(value: Any, field: Field, clock: Clock) -> str:
    if not isinstance(value, str):
        raise Wrong(_("This is not text."), _("Write it in quotation marks."))
    value = value.strip()
    if not value:
        raise Wrong(_("The field is empty."), _("Write something, or leave the field out."))
    if len(value) > field.size:
        raise Wrong(_("This is longer than %(size)s characters.") % {"size": field.size}, _("Shorten it."))
    if "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise Wrong(_("This has characters that cannot be stored."), _("Take out null characters and halves of surrogate pairs."))
    return value


def key(value: Any, field: Field, clock: Clock) -> str:
    return text(value, Field("text", size=100), clock)


def choice(value: Any, field: Field, clock: Clock) -> str:
    if not isinstance(value, str) or value not in field.choices:
        raise Wrong(_("This is not one of the values of the field."), _("Write one of: %(known)s.") % {"known": ", ".join(field.choices)})
    return value


def flag(value: Any, field: Field, clock: Clock) -> bool:
    if not isinstance(value, bool):
        raise Wrong(_("This is neither true nor false."), _("Write true or false, without quotation marks."))
    return value


def count(value: Any, field: Field, clock: Clock) -> int:
    if isinstance(value, str) and re.fullmatch(r"\d{1,4}", value, re.ASCII):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not (1 if field.positive else 0) <= value <= 9999:
        raise Wrong(
            _("This is not a whole number in range."), _("Write a whole number from %(least)s to 9999.") % {"least": int(field.positive)}
        )
    return value


def _decimal(value: Any, field: Field, shape: re.Pattern[str]) -> Decimal:
    if not isinstance(value, str):
        raise Wrong(
            _("Amounts, quantities and rates are text, so that no digit is lost."), _('Write it in quotation marks, such as "1250.00".')
        )
    if not shape.fullmatch(value):
        raise Wrong(_("This is not a number that can be stored."), _('Write digits with a point, without a sign, such as "1250.00".'))
    number = Decimal(value)
    if field.positive and not number:
        raise Wrong(_("Zero is not possible here."), _("Give a number above zero, or take the line out."))
    return number


def money(value: Any, field: Field, clock: Clock) -> Decimal:
    return _decimal(value, field, MONEY)


def rate(value: Any, field: Field, clock: Clock) -> Decimal:
    return _decimal(value, field, RATE)


def share(value: Any, field: Field, clock: Clock) -> Decimal:
    part = _decimal(value, field, RATE)
    if part > 1:
        raise Wrong(_("A probability is at most one."), _('Write seventy-five per cent as "0.75".'))
    return part


def quantity(value: Any, field: Field, clock: Clock) -> Decimal:
    return _decimal(value, field, QUANTITY)


def currency(value: Any, field: Field, clock: Clock) -> str:
    if not isinstance(value, str) or value not in CURRENCIES:
        raise Wrong(_("This is not a currency code."), _("Write a code such as CNY or USD."))
    return value


def instant(value: Any, field: Field, clock: Clock) -> datetime:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
        at = at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        at = None
    if at is None or at.date() < EARLIEST:
        raise Wrong(_("This is not an instant with an offset."), _("Write it as 2026-04-02T09:00:00+08:00."))
    if at > clock.now:
        raise Wrong(_("This lies in the future."), _("History is what has happened: correct the year, or take the line out."))
    return at


def any_day(value: Any, field: Field, clock: Clock) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None or day < EARLIEST or day.year > 2200:
        raise Wrong(_("This is not a date."), _("Write it as 2026-06-30."))
    return day


def day(value: Any, field: Field, clock: Clock) -> date:
    found = any_day(value, field, clock)
    if found > clock.today:
        raise Wrong(_("This lies in the future."), _("History is what has happened: correct the year, or take the line out."))
    return found


def since(value: Any, field: Field, clock: Clock) -> datetime:
    """The day, month, year or instant from which on somebody was a customer, as its first instant."""
    if isinstance(value, str) and "T" in value:
        return instant(value, field, clock)
    if isinstance(value, str) and re.fullmatch(r"\d{4}(-\d\d)?", value, re.ASCII):
        value = f"{value}-01-01"[:10] if len(value) == 4 else f"{value}-01"
    return clock.midnight(day(value, field, clock))


def email(value: Any, field: Field, clock: Clock) -> str:
    address = text(value, Field("text", size=254), clock).lower()
    if not EMAIL.fullmatch(address):
        raise Wrong(_("This is not an e-mail address."), _("Write it as name@company.com."))
    return address


def phone(value: Any, field: Field, clock: Clock) -> str:
    """A telephone number; one that cannot be completed is kept as it was written down, for it is a fact too."""
    number = text(value, Field("text", size=40), clock)
    if not any(sign.isdigit() for sign in number):
        raise Wrong(_("This is not a telephone number."), _("Write it as +86 138 0000 0000."))
    try:
        return normalise_phone(number, country=clock.country)
    except NotAPhoneNumber:
        return number


def country(value: Any, field: Field, clock: Clock) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{2}", value, re.ASCII):
        raise Wrong(_("This is not a country code."), _("Write two capital letters, such as CN."))
    return value


def period(value: Any, field: Field, clock: Clock) -> str:
    if not isinstance(value, str) or not re.fullmatch(PERIOD_KEY, value, re.ASCII) or not 1950 <= int(value[:4]) <= 2200:
        raise Wrong(_("This is not a period."), _("Write a year, a quarter or a month: 2026, 2026-Q3 or 2026-07."))
    return value


def rows(value: Any, field: Field, clock: Clock) -> list[dict[str, Any]]:
    """A list of objects, such as an invoice's items."""
    assert field.rows is not None
    if not isinstance(value, list) or len(value) > LONGEST_LIST or not all(isinstance(row, dict) for row in value):
        raise Wrong(_("This is not a list of objects."), _("Write [{…}, {…}], at most %(most)s of them.") % {"most": LONGEST_LIST})
    found = []
    for number, row in enumerate(value, start=1):
        values, wrongs = _read_fields(field.rows, row, clock)
        if wrongs:
            wrongs[0].field = f"{number}.{wrongs[0].field}"
            raise wrongs[0]
        found.append(values)
    return found


READERS: Final[dict[str, Callable[[Any, Field, Clock], Any]]] = {
    "key": key, "ref": key, "text": text, "choice": choice, "flag": flag, "count": count, "money": money, "rate": rate,
    "share": share,
    "quantity": quantity, "currency": currency, "instant": instant, "day": day, "any_day": any_day, "since": since, "email": email,
    "phone": phone, "country": country, "period": period, "rows": rows,
}  # fmt: skip
