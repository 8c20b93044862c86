"""What a row of a file means as a lead, by a mapping of columns and values. Pure: what needs the database is looked up before."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from leads.imports.seeds import CHANNEL_WORDS, COLUMN_WORDS, COUNTRY_WORDS, EXTENSION, SENIORITY_WORDS, STATE_WORDS, word_table
from leads.models.choices import Authority, Budget, IndustryMatch, NeedLevel, Seniority, Timeline
from ltc.automation.services import number_of
from ltc.customers.contact_points import NotAnEmailAddress, NotAPhoneNumber, normalise_email, normalise_phone
from ltc.customers.names import bare
from ltc.money.currencies import CURRENCIES

COLUMNS = word_table(COLUMN_WORDS)
RANKS = {word: rank for words in COLUMN_WORDS.values() for rank, word in enumerate(words.split())}
STATES = word_table(STATE_WORDS)
CHANNELS = word_table(CHANNEL_WORDS)
COUNTRIES = word_table(COUNTRY_WORDS)
SENIORITIES = word_table(SENIORITY_WORDS)
TARGET_STATES = ("new", "assigned", "working", "nurturing", "qualified", "converted", "disqualified")
# A column with such a field becomes an attribute of the tenant's own.
OWN = "attributes."
CHOICES: Mapping[str, Any] = {
    "seniority": Seniority,
    "budget": Budget,
    "authority": Authority,
    "need_level": NeedLevel,
    "timeline": Timeline,
    "industry_match": IndustryMatch,
}
REACHABLE_BY = ("phone", "email", "wecom")
LENGTHS = {"title": 200, "company_name": 200, "contact_name": 120, "wecom": 80, "region": 80, "industry": 80, "product_interest": 200}
# What a file can bring; `first_name` and `last_name` make up the contact's name, `need_level` has no usual heading.
FIELDS = (*COLUMN_WORDS, "need_level", "industry_match")
DATE = re.compile(r"(\d{1,4})\D+(\d{1,2})\D+(\d{1,4})(?:\D+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Plan:
    """How a file is understood. `columns` maps headings to fields, `states` and `channels` their words to ours."""

    columns: Mapping[str, str]
    states: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    date_order: str = "ymd"
    country: str = ""
    currency: str = ""
    zone: tzinfo | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    captured_on: date | None = None
    nameless: bool = False


@dataclass
class Meaning:
    """A row as a lead: what is set on it, where it stands, and what is wrong (`errors` stop the row, `warnings` do not).

    A problem is (code, field, value); pages put it in words.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    external_ref: str = ""
    state: str = "new"
    state_word: str = ""
    channel: str = ""
    campaign: str = ""
    owner: str = ""
    country: str = ""
    captured_at: datetime | None = None
    converted_at: datetime | None = None
    closed_at: datetime | None = None
    note: str = ""
    kept: dict[str, str] = field(default_factory=dict)
    errors: list[tuple[str, str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str, str]] = field(default_factory=list)


def guess_columns(headers: Iterable[str]) -> dict[str, str]:
    """A field for each heading that names one in a way that we know; each field once, of several headings the most telling."""
    headers = list(headers)
    best: dict[str, tuple[int, str]] = {}
    for header in headers:
        word = bare(header)
        if (meaning := COLUMNS.get(word, "")) and (meaning not in best or RANKS[word] < best[meaning][0]):
            best[meaning] = RANKS[word], header
    chosen = {header: meaning for meaning, (_rank, header) in best.items()}
    return {header: chosen.get(header, "") for header in headers}


def guess_state(word: str) -> str:
    """Our state for a word of theirs; empty if we do not know it."""
    return STATES.get(bare(word), "")


def guess_channel(word: str) -> str:
    """The code of a usual channel for a word of theirs; empty if we do not know it."""
    return CHANNELS.get(bare(word), "")


def country_code(word: str) -> str:
    """The two letters of a country that a file names; empty if we do not know it."""
    return COUNTRIES.get(bare(word), "")


def date_order_of(values: Iterable[str]) -> str:
    """Whether dates are written year-month-day, day-month-year or month-day-year, by a value that can be read in one way only."""
    for value in values:
        if not (match := DATE.match(value.strip())):
            continue
        first, second = int(match[1]), int(match[2])
        if len(match[1]) == 4:
            return "ymd"
        if first > 12:
            return "dmy"
        if second > 12:
            return "mdy"
    return "ymd"


def moment(text: str, *, order: str, zone: tzinfo | None) -> datetime | None:
    """The instant that a file means by a date, with or without a time; local where it names no zone. None if it is no date."""
    text = text.strip()
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=zone)
    except ValueError:
        pass
    match = DATE.match(text)
    if not match:
        return None
    one, two, three = (int(match[part]) for part in (1, 2, 3))
    if len(match[1]) == 4:
        year, month, day = one, two, three
    else:
        day, month, year = (two, one, three) if order == "mdy" else (one, two, three)
        year += 2000 if year < 100 else 0
    try:
        clock = time(int(match[4] or 0), int(match[5] or 0), int(match[6] or 0))
        return datetime.combine(date(year, month, day), clock, zone)
    except ValueError:
        return None


def read_row(cells: Mapping[str, str], plan: Plan) -> Meaning:
    """What a row means. Every cell that becomes no field of the lead is kept."""
    meaning, given = Meaning(), {}
    for header, value in cells.items():
        if not value:
            continue
        name = plan.columns.get(header, "")
        if name and name not in given:
            given[name] = value
        else:
            meaning.kept[header] = value
    if plan.nameless:
        _stand_in(given, meaning)
    _who(given, meaning)
    _reach(given, meaning, plan)
    _where_from(given, meaning, plan)
    _what(given, meaning, plan)
    _own(given, meaning, plan)
    return meaning


def _keep(meaning: Meaning, code: str, name: str, value: str) -> None:
    meaning.warnings.append((code, name, value[:200]))
    meaning.kept[name] = value


def _stand_in(given: dict[str, str], meaning: Meaning) -> None:
    """Someone whom a file does not name goes by their reference, which then stands for the way to reach them too."""
    reference = given.get("external_ref", "")
    if reference and not any(given.get(name) for name in ("contact_name", "first_name", "last_name", "company_name")):
        given["contact_name"] = reference[:120]
    if reference and not any(given.get(name) for name in REACHABLE_BY):
        given["wecom"] = reference[:80]
        meaning.warnings.append(("stand_in", "", ""))


def _who(given: Mapping[str, str], meaning: Meaning) -> None:
    first, last = given.get("first_name", ""), given.get("last_name", "")
    full = f"{last}{first}" if HAN.search(last + first) else f"{first} {last}".strip()
    name = given.get("contact_name") or full or given.get("company_name", "")
    if not name:
        meaning.errors.append(("no_name", "contact_name", ""))
    meaning.fields["contact_name"] = name
    for field_name in ("company_name", "title", "region", "industry", "product_interest"):
        if field_name in given:
            meaning.fields[field_name] = given[field_name]
    for field_name, longest in LENGTHS.items():
        if len(value := meaning.fields.get(field_name, "")) > longest:
            _keep(meaning, "too_long", field_name, value)
            meaning.fields[field_name] = value[:longest]


def _reach(given: Mapping[str, str], meaning: Meaning, plan: Plan) -> None:
    meaning.country = country_code(given.get("country", "")) or plan.country
    if "country" in given:
        meaning.kept["country"] = given["country"]
    if phone := given.get("phone", ""):
        if extension := EXTENSION.search(phone):
            meaning.kept["phone_extension"] = extension[1]
        try:
            meaning.fields["phone"] = normalise_phone(EXTENSION.sub("", phone), country=meaning.country or "CN")
        except NotAPhoneNumber:
            _keep(meaning, "not_a_phone", "phone", phone)
    if email := given.get("email", ""):
        try:
            meaning.fields["email"] = normalise_email(email)
        except NotAnEmailAddress:
            _keep(meaning, "not_an_email", "email", email)
    if wecom := given.get("wecom", ""):
        meaning.fields["wecom"] = wecom
    if not any(meaning.fields.get(name) for name in REACHABLE_BY):
        meaning.errors.append(("unreachable", "phone", given.get("phone") or given.get("email") or ""))


def _where_from(given: Mapping[str, str], meaning: Meaning, plan: Plan) -> None:
    meaning.external_ref = given.get("external_ref", "")[:100]
    meaning.channel = plan.channels.get(given.get("channel", ""), "")
    if "channel" in given:
        meaning.kept["channel"] = given["channel"]
        if not meaning.channel:
            meaning.warnings.append(("unknown_channel", "channel", given["channel"]))
    meaning.campaign = given.get("campaign", "")
    meaning.state_word = given.get("state", "")
    if meaning.state_word:
        meaning.kept["state"] = meaning.state_word
        meaning.state = plan.states.get(meaning.state_word, "")
        if meaning.state not in TARGET_STATES:
            meaning.warnings.append(("unknown_state", "state", meaning.state_word))
            meaning.state = "new"
    if owner := given.get("owner", ""):
        meaning.owner = plan.owners.get(owner, "")
        if not meaning.owner:
            _keep(meaning, "unknown_owner", "owner", owner)
    for name in ("captured_at", "converted_at", "closed_at"):
        if written := given.get(name, ""):
            found = moment(written, order=plan.date_order, zone=plan.zone)
            setattr(meaning, name, found)
            if found is None:
                _keep(meaning, "not_a_date" if name == "captured_at" else "no_such_date", name, written)
    if meaning.captured_at is None and plan.captured_on is not None:
        meaning.captured_at = datetime.combine(plan.captured_on, time(), plan.zone)


def _what(given: Mapping[str, str], meaning: Meaning, plan: Plan) -> None:
    meaning.note = given.get("note", "")
    if "need" in given:
        meaning.fields["need"] = given["need"][:4000]
    for name, choices in CHOICES.items():
        if value := given.get(name, ""):
            chosen = _choice(name, value, choices)
            if chosen:
                meaning.fields[name] = chosen
            else:
                _keep(meaning, "unknown_value", name, value)
    if size := given.get("size_employees", ""):
        numbers = re.findall(r"\d+", size.replace(",", ""))
        if numbers:
            meaning.fields["size_employees"] = min(int(numbers[0]), 2_000_000_000)
        else:
            _keep(meaning, "not_a_number", "size_employees", size)
    if amount := given.get("est_amount", ""):
        _amount(amount, given.get("currency", ""), meaning, plan)


def _own(given: Mapping[str, str], meaning: Meaning, plan: Plan) -> None:
    """The tenant's own attributes. A value that is not of its kind is kept as text."""
    values: dict[str, Any] = {}
    for name, kind in plan.attributes.items():
        if not (value := given.get(name, "")):
            continue
        found = own_value(value, kind)
        if found is None:
            _keep(meaning, "unknown_value", name, value)
        else:
            values[name.removeprefix(OWN)] = found
    if values:
        meaning.fields["attributes"] = values


def own_value(text: str, kind: str) -> Any:
    """A cell as a value of an attribute; None if it is none of that kind."""
    match kind:
        case "number":
            return number_of(text)
        case "flag":
            return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(text.strip().lower())
        case "date":
            return text.strip() if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()) else None
    return text.strip()[:1000]


def _amount(amount: str, currency: str, meaning: Meaning, plan: Plan) -> None:
    try:
        value = Decimal(re.sub(r"[^\d.\-]", "", amount))
    except InvalidOperation:
        value = Decimal(-1)
    if not 0 <= value < 10**15:
        _keep(meaning, "not_an_amount", "est_amount", amount)
        return
    code = currency.upper() or plan.currency
    if code not in CURRENCIES:
        _keep(meaning, "unknown_currency", "currency", currency)
        code = plan.currency
    meaning.fields["est_amount"], meaning.fields["currency"] = value, code


def _choice(name: str, value: str, choices: Any) -> str:
    folded = bare(value)
    for known, label in choices.choices:
        if folded in (bare(str(known)), bare(str(label))):
            return str(known)
    return SENIORITIES.get(folded, "") if name == "seniority" else ""


def samples(rows: Iterable[Mapping[str, str]], header: str, count: int = 3) -> list[str]:
    """The first different values of a column, to show beside its heading."""
    return list(dict.fromkeys(row[header] for row in rows if row.get(header)))[:count]
