"""Money spent on bringing leads: recorded day by day, spread over a month, corrected, and taken from a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leads.imports.meaning import date_order_of, moment
from leads.imports.reading import Rows
from leads.imports.seeds import SPEND_HEADINGS
from leads.models import Campaign, Channel, MarketingSpend
from ltc.automation.services import number_of
from ltc.customers.names import bare
from ltc.money.currencies import CURRENCIES, exponent
from ltc.money.exchange import convert
from ltc.money.rounding import spread
from ltc.money.selectors import exchange_rate
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor

LONGEST_SPAN, MOST_ROWS = 366, 5_000
FIELD_OF = {word: name for name, words in SPEND_HEADINGS.items() for word in words.split()}


@dataclass(frozen=True)
class Wrong:
    """A row of a file that cannot be taken, and why."""

    line: int
    sentence: str


class WrongRows(Refusal):
    """Some rows of a file cannot be taken, so none is."""

    code = "invalid_rows"

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        self.wrong = tuple(wrong)
        super().__init__(_("Nothing was taken: correct the rows below and upload the file again."), field="file")


@transaction.atomic
def record_spend(*, actor: Actor, until: date | None = None, **fields: Any) -> MarketingSpend:
    """Money spent on a channel or campaign on a day, at that day's rate. Raises Forbidden, FxRateMissing, Refusal, ValidationError.

    With `until` it was spent evenly on every day up to that one: each gets its part, to the smallest unit, and the first is returned.
    """
    if not (actor.has_perm("channels.add") or actor.has_perm("channels.spend")):
        raise Forbidden(_("You may not record marketing spend. Ask your administrator."))
    first, base = MarketingSpend(**fields), _base()
    first.currency = first.currency or base
    days = (until - first.spend_date).days + 1 if until is not None else 1
    if not 1 <= days <= LONGEST_SPAN:
        raise Refusal(_("Choose a last day from the first on, at most a year later."), code="invalid_input", field="until")
    if days == 1:
        return _saved(first, base)
    _check(first, exclude=["base_amount", "fx_rate"])
    parts = spread(first.amount, [Decimal(1)] * days, exponent(first.currency))
    known = {**fields, "currency": first.currency}
    drafts = [
        MarketingSpend(**{**known, "spend_date": first.spend_date + timedelta(days=day), "amount": part}) for day, part in enumerate(parts)
    ]
    made = [_saved(draft, base) for draft in drafts]
    return made[0]


@transaction.atomic
def update_spend(spend: MarketingSpend, *, actor: Actor, version: int | None = None, **changes: Any) -> MarketingSpend:
    """Correct what was spent; the rate is that of its day. Raises Forbidden, StaleVersion, FxRateMissing, ValidationError."""
    locked = MarketingSpend.objects.select_for_update(of=("self",)).get(pk=spend.pk)
    if not (actor.has_perm("channels.change", locked) or actor.has_perm("channels.spend")):
        raise Forbidden(_("You may not record marketing spend. Ask your administrator."))
    if version is not None and locked.version != version:
        raise StaleVersion(_("Someone changed this while you had it open. Reload it and try again."))
    for name, value in changes.items():
        setattr(locked, name, value)
    base = _base()
    locked.currency = locked.currency or base
    return _saved(locked, base)


@transaction.atomic
def import_spend(*, actor: Actor, table: Rows) -> tuple[int, int]:
    """Record the rows of a file: how many, and how many were in the books already. All or none. Raises Forbidden, WrongRows, Refusal.

    A row names the day, the channel (by code or name) and the amount; perhaps campaign, currency and note.
    """
    columns: dict[str, str] = {}
    for header in table.headers:
        if (name := FIELD_OF.get(bare(header), "")) and name not in columns.values():
            columns[header] = name
    if missing := {"spend_date", "channel", "amount"} - set(columns.values()):
        named = {"spend_date": _("Date"), "channel": _("Source"), "amount": _("Amount")}
        sentence = _("The file has no column for: %(names)s.")
        raise Refusal(sentence % {"names": ", ".join(str(named[name]) for name in sorted(missing))}, code="invalid_input", field="file")
    rows = [(row.line, {columns[header]: cell.strip() for header, cell in row.cells.items() if header in columns}) for row in table.rows]
    if len(rows) > MOST_ROWS:
        raise Refusal(_("The file has more than 5,000 rows. Divide it."), code="too_many_rows", field="file")
    reader, wrong, added, known = _Reader([cells.get("spend_date", "") for _line, cells in rows]), [], 0, 0
    booked = {_mark(spend) for spend in reader.booked()}
    for line, cells in rows:
        try:
            fields = reader.read(cells)
            if _mark(MarketingSpend(**fields)) in booked:
                known += 1
                continue
            booked.add(_mark(record_spend(actor=actor, **fields)))
        except ValidationError as error:
            wrong.append(Wrong(line, error.messages[0]))
        except Forbidden:
            raise
        except Refusal as refusal:
            wrong.append(Wrong(line, str(refusal)))
        else:
            added += 1
    if wrong:
        raise WrongRows(wrong)
    return added, known


class _Reader:
    """Cells of a row as fields of a spend."""

    def __init__(self, dates: Sequence[str]) -> None:
        tenant = Tenant.objects.get(pk=current_tenant_id())
        self.order, self.zone, self.base = date_order_of(dates), ZoneInfo(tenant.time_zone), tenant.base_currency
        self.days = {day.date() for text in dates if (day := moment(text, order=self.order, zone=self.zone))}
        self.channels: dict[str, Channel] = {}
        for channel in Channel.objects.all():
            self.channels[bare(channel.name)] = self.channels[bare(channel.code)] = channel
        self.campaigns = {(each.channel_id, bare(each.name)): each for each in Campaign.objects.all()}

    def booked(self) -> QuerySet[MarketingSpend]:
        """What is in the books of the days of the file."""
        return MarketingSpend.objects.filter(spend_date__in=self.days)

    def read(self, cells: Mapping[str, str]) -> dict[str, Any]:
        """Raises Refusal in words."""
        day = moment(cells.get("spend_date", ""), order=self.order, zone=self.zone)
        channel = self.channels.get(bare(cells.get("channel", "")))
        number = number_of(cells.get("amount", "").lstrip("¥$€ "))
        currency = cells.get("currency", "").upper() or self.base
        if day is None:
            raise _refused(_("“%(value)s” is no date."), cells, "spend_date")
        if channel is None:
            raise _refused(_("There is no source “%(value)s”."), cells, "channel")
        if number is None:
            raise _refused(_("“%(value)s” is no amount."), cells, "amount")
        if currency not in CURRENCIES:
            raise _refused(_("“%(value)s” is no currency."), cells, "currency")
        campaign = None
        if cells.get("campaign"):
            campaign = self.campaigns.get((channel.pk, bare(cells["campaign"])))
            if campaign is None:
                raise _refused(_("This source has no campaign “%(value)s”."), cells, "campaign")
        amount = Decimal(str(number))
        fields = {"channel": channel, "campaign": campaign, "spend_date": day.date(), "amount": amount, "currency": currency}
        return {**fields, "note": cells.get("note", "")[:200]}


def _mark(spend: MarketingSpend) -> tuple[Any, ...]:
    """By what a spend is known again in a file."""
    return spend.channel_id, spend.campaign_id, spend.spend_date, spend.amount, spend.currency, spend.note


def _refused(sentence: str, cells: Mapping[str, str], name: str) -> Refusal:
    return Refusal(sentence % {"value": cells.get(name, "")[:60]}, code="invalid_input", field=name)


def _base() -> str:
    return Tenant.objects.values_list("base_currency", flat=True).get(pk=current_tenant_id())


def _check(spend: MarketingSpend, *, exclude: Sequence[str] = ()) -> None:
    if spend.campaign is not None and spend.campaign.channel_id != spend.channel_id:
        raise ValidationError({"campaign": _("This campaign belongs to another source.")})
    spend.full_clean(exclude=exclude)


def _saved(spend: MarketingSpend, base: str) -> MarketingSpend:
    spend.fx_rate = exchange_rate(from_currency=spend.currency, to_currency=base, on=spend.spend_date).rate
    spend.base_amount = convert(spend.amount, spend.fx_rate, to_currency=base)
    _check(spend)
    spend.save()
    return spend
