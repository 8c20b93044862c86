"""The pages of deals: the pipeline as a board and as a table, and the record."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ltc.customers.models import Customer
from ltc.customers.pages import source_columns
from ltc.refusals import Refusal
from ltc.web import cells, formats
from ltc.web.answers import refresh
from ltc.web.boards import BoardView, Lane
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.inputs import form_for
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage, url_for
from ltc.web.workspace import RecordWorkspaceView
from opportunities import path, selectors
from opportunities.filters import OpportunityFilters
from opportunities.forms import LINES, NewOpportunityForm, OpportunityForm, entered_lines
from opportunities.models import Opportunity
from opportunities.services import create_opportunity, update_opportunity

State, Stage = Opportunity.State, Opportunity.Stage
HUES = {State.OPEN: "blue", State.SUSPENDED: "amber", State.WON: "green", State.LOST: "rose", State.CANCELLED: "slate"}
NEAR_DAYS = 200  # a date so near needs no year on a card
STAGE_HUES = {
    Stage.DISCOVERY: "slate", Stage.SOLUTION: "blue", Stage.BIDDING: "violet", Stage.NEGOTIATION: "amber", Stage.SIGNING: "green",
}  # fmt: skip

OPPORTUNITIES = RecordPage(
    model=Opportunity,
    plural="opportunities",
    icon="target",
    label=gettext_lazy("Opportunity"),
    label_plural=gettext_lazy("Opportunities"),
    nav_label=gettext_lazy("Pipeline"),
    hue="violet",
    group="sell",
    order=20,
    go="p",
    entry="board",
    search=("name__icontains", "number__istartswith", "customer__name__icontains"),
    joins=("customer",),
    subtitle=lambda deal: deal.customer.name,
    tag=lambda deal: {"label": deal.get_state_display(), "hue": HUES[deal.state]},
)


def open_ones(deals: Any, actor: Any) -> Any:
    return deals.filter(state=State.OPEN)


def my_open_ones(deals: Any, actor: Any) -> Any:
    return deals.filter(state=State.OPEN, owner=actor.pk)


def past_their_date(deals: Any, actor: Any) -> Any:
    return deals.filter(state=State.OPEN, close_date__lt=timezone.localdate())


def closing_soon(deals: Any, actor: Any) -> Any:
    return deals.filter(state=State.OPEN, close_date__lte=timezone.localdate() + timedelta(days=30))


OPEN_VIEWS = (
    NamedView("open", pgettext_lazy("opportunity", "Open"), open_ones),
    NamedView("mine", gettext_lazy("Mine"), my_open_ones),
    NamedView("soon", gettext_lazy("Closing in 30 days"), closing_soon),
    NamedView("late", gettext_lazy("Past close date"), past_their_date),
)


def close_cell(deal: Any) -> Cell:
    return cells.date(deal.close_date, late=deal.state == State.OPEN and deal.close_date < timezone.localdate())


def customer_cell(record: Any) -> Cell:
    return cells.link(record.customer, url_for(record.customer))


class OpportunityList(RecordListView):
    select = ("customer", "owner")
    filterset_class = OpportunityFilters
    filter_names = ("stage", "owner", "type", "forecast_category")
    default_sort = "close_date"
    columns = (
        Column("name", gettext_lazy("Name"), sort="id"),
        Column("stage", gettext_lazy("Stage"), "tag", hues=STAGE_HUES),
        Column("state", gettext_lazy("State"), "tag", hues=HUES, hide_small=True),
        Column("amount", gettext_lazy("Amount"), "money", sort="amount_base"),
        Column("probability", gettext_lazy("Probability"), "percent", hide_small=True),
        Column("close_date", gettext_lazy("Expected close"), cell=close_cell, sort="close_date"),
        Column("owner", gettext_lazy("Owner"), "person"),
        Column("last_activity", gettext_lazy("Last activity"), "ago", path="last_activity_at", sort="last_activity_at", hide_small=True),
        *source_columns(optional=True),
    )
    views = (
        *OPEN_VIEWS,
        NamedView("suspended", pgettext_lazy("opportunity", "Suspended"), lambda deals, actor: deals.filter(state=State.SUSPENDED)),
        NamedView("won", gettext_lazy("Won"), lambda deals, actor: deals.filter(state=State.WON), sort="-won_at"),
        NamedView("lost", gettext_lazy("Lost"), lambda deals, actor: deals.filter(state=State.LOST), sort="-closed_at"),
        NamedView("all", gettext_lazy("All"), lambda deals, actor: deals, sort="-id"),
    )
    bulk = ("assign", "suspend", "lose")
    empty_text = gettext_lazy("Opportunities come from converted leads, or add one for a customer.")


class Pipeline(BoardView):
    select = ("customer", "owner")
    filterset_class = OpportunityFilters
    filter_names = ("owner", "type", "forecast_category")
    views = OPEN_VIEWS
    lane_field = "stage"
    amount_field = "amount_base"
    card_order = ("close_date", "id")
    empty_text = OpportunityList.empty_text

    def lanes(self) -> Sequence[Lane]:
        return [Lane(stage, Stage(stage).label, STAGE_HUES[Stage(stage)], round(path.PROBABILITY[stage] * 100)) for stage in path.PATH]

    def outcomes(self) -> Sequence[Lane]:
        return [Lane(state, State(state).label, HUES[state]) for state in (State.WON, State.LOST, State.CANCELLED)]

    def heads(self) -> list[dict[str, Any]]:
        """The columns' heads; each deal is weighted by its own probability, which may differ from its stage's."""
        found = selectors.columns(self.chosen_once.select_related(None))
        most = max(column.total for column in found.values())
        return [
            {
                "key": lane.key,
                "label": lane.label,
                "hue": lane.hue,
                "count": found[lane.key].count,
                "sum": found[lane.key].total,
                "weighted": found[lane.key].weighted,
                "probability": lane.probability,
                "currency": self.request.tenant.base_currency,  # type: ignore[attr-defined]
                "share": round(100 * found[lane.key].total / most) if most else 0,
            }
            for lane in self.lanes()
        ]

    def card(self, record: Any) -> dict[str, Any]:
        days = (timezone.now() - record.stage_entered_at).days
        near = abs((record.close_date - timezone.localdate()).days) < NEAR_DAYS
        step = {"label": record.next_step, "due": record.next_step_on} if record.next_step else None
        return {
            "account": record.customer.name,
            "avatar": {"text": formats.initials(record.customer.name), "hue": formats.hue(record.customer.name)},
            "amount": formats.short_money(record.amount, record.currency),
            "close": formats.day(record.close_date, today=record.close_date if near else None),
            "close_late": record.close_date < timezone.localdate(),
            "days": days,
            "stale": days > path.LIMIT_DAYS[record.stage],
            "owner": {"name": str(record.owner)},
            "next": step,
        }

    def move_for(self, record: Any, target: str) -> tuple[str, dict[str, Any]] | None:
        name, inputs = self._way(record, target)
        if not name or not self.actor.has_perm(f"opportunities.{name}", record):
            return None
        return name, inputs

    def _way(self, record: Any, target: str) -> tuple[str, dict[str, Any]]:
        if record.state != State.OPEN:
            return "", {}
        if target in path.PATH:
            ahead = path.position(target) - path.position(record.stage)
            return ("advance" if ahead == 1 else "skip" if ahead > 1 else "move_back" if ahead else ""), {"stage": target}
        won = record.stage in (Stage.NEGOTIATION, Stage.SIGNING) and record.amount > 0
        return {State.WON: "win" if won else "", State.LOST: "lose", State.CANCELLED: "cancel"}.get(target, ""), {}  # type: ignore[call-overload]


class OpportunityRecord(RecordView):
    select = ("customer", "primary_contact", "lead", "channel", "owner", "team", "ar", "sr", "fr", "lost_reason")
    state_hues = HUES
    props = (
        Column(
            "customer", gettext_lazy("Customer"), icon="building-2", cell=lambda deal: cells.link(deal.customer, url_for(deal.customer))
        ),
        Column("primary_contact", gettext_lazy("Contact"), icon="user-round"),
        Column("type", gettext_lazy("Type"), icon="shapes", cell=lambda deal: cells.text(deal.get_type_display())),
        Column("amount_base", gettext_lazy("Amount in base currency"), "number", icon="coins"),
        Column("probability", gettext_lazy("Probability"), "percent", icon="percent"),
        Column("forecast", gettext_lazy("Forecast"), icon="telescope", cell=lambda deal: cells.text(deal.get_forecast_category_display())),
        Column("channel", gettext_lazy("Channel"), icon="megaphone"),
        *source_columns(),
        Column("owner", gettext_lazy("Owner"), "person", icon="user-round"),
        Column("team", gettext_lazy("Team"), icon="network"),
        Column("ar", gettext_lazy("Account responsible"), "person", icon="handshake"),
        Column("sr", gettext_lazy("Solution responsible"), "person", icon="puzzle"),
        Column("fr", gettext_lazy("Fulfilment responsible"), "person", icon="truck"),
        Column("max_stage", gettext_lazy("Furthest stage"), icon="flag", cell=lambda deal: cells.text(deal.get_max_stage_display())),
        Column("created", gettext_lazy("Created on"), "date", path="created_at", icon="calendar"),
    )

    def subtitle_parts(self, record: Any) -> list[dict[str, Any]]:
        late = record.state == State.OPEN and record.close_date < timezone.localdate()
        return [
            {"text": record.customer.name, "kind": "text", "url": url_for(record.customer)},
            {"text": formats.money(record.amount, record.currency), "kind": "money"},
            {"text": formats.day(record.close_date), "kind": "late" if late else "date"},
        ]

    def path(self, record: Any) -> list[dict[str, Any]]:
        spent = selectors.time_in_stages(record, now=timezone.now())
        reached, failed = path.position(record.stage), record.state in (State.LOST, State.CANCELLED)
        steps = []
        for index, stage in enumerate(path.PATH):
            here = "lost" if failed else "done" if record.state == State.WON else "current"
            status = "done" if index < reached else here if index == reached else "todo"
            days = spent[stage].days if stage in spent and index <= reached else None
            steps.append({"label": Stage(stage).label, "status": status, "days": days})
        return steps

    def actions(self, record: Any) -> list[dict[str, Any]]:
        """A deal that is not open has no moves along its path, so they are not shown at all."""
        found = super().actions(record)
        return found if record.state == State.OPEN else [each for each in found if each["name"] not in selectors.MOVES]

    def described(self, record: Any) -> dict[str, Any]:
        page = super().described(record)
        return {**page, "edit_url": None} if record.is_closed else page

    def next_step(self, record: Any) -> dict[str, Any] | None:
        if not record.next_step or record.is_closed:
            return None
        url = self.page.url("edit", record.pk) if self.actor.has_perm("opportunities.change", record) else ""
        return {"label": record.next_step, "due": record.next_step_on, "url": url, "action": _("Change")}

    def notices(self, record: Any) -> list[dict[str, Any]]:
        if record.state == State.SUSPENDED:
            return [{"tone": "warn", "text": _("Suspended until %(day)s.") % {"day": formats.day(record.suspended_until)}}]
        if record.lost_reason is not None:
            words = {"state": record.get_state_display(), "reason": record.lost_reason, "rival": record.lost_to}
            text = _("%(state)s: %(reason)s, to %(rival)s") if record.lost_to else _("%(state)s: %(reason)s")
            return [{"tone": "danger", "text": text % words}]
        return []

    def sections(self, record: Any) -> list[dict[str, Any]]:
        may_edit = self.actor.has_perm("opportunities.change", record) and not record.is_closed
        return [
            {
                "title": "",
                "template": "opportunities/lines.html",
                "place": "main",
                "lines": list(record.lines.select_related("product")),
                "edit_url": self.page.url("lines", record.pk) if may_edit else None,
            }
        ]

    def more_context(self, record: Any) -> dict[str, Any]:
        return {"currency": record.currency}


class OpportunityCreate(CreateView):
    form_class = NewOpportunityForm

    def initial(self, record: Any) -> dict[str, Any]:
        tenant = self.request.tenant  # type: ignore[attr-defined]
        asked = _identifier(self.request.GET.get("customer", ""))
        customer = Customer.objects.visible_to(self.actor).filter(pk=asked).first() if asked else None
        currency = (customer.currency_default if customer else "") or tenant.base_currency
        return {"customer": customer, "currency": currency, "close_date": timezone.localdate() + timedelta(days=60)}

    def save(self, form: Any, record: Any) -> Opportunity:
        return create_opportunity(actor=self.actor, **form.cleaned_data)


class OpportunityEdit(EditView):
    form_class = OpportunityForm

    def save(self, form: Any, record: Any) -> Opportunity:
        return update_opportunity(record, actor=self.actor, version=self.wanted_version(), **form.cleaned_data)


class OpportunityLines(RecordWorkspaceView):
    """The lines of a deal as a grid in a dialog."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        deal = self.record_or_404(pk)
        self.require("opportunities.change", deal)
        return self._ask(deal, form_for(LINES, deal, self.actor))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        deal = self.record_or_404(pk)
        self.require("opportunities.change", deal)
        form = form_for(LINES, deal, self.actor, request.POST)
        if not form.is_valid():
            return self._ask(deal, form, status=422)
        try:
            update_opportunity(deal, actor=self.actor, version=self.wanted_version(), lines=entered_lines(form.values()["lines"]))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self._ask(deal, form, status=422)
        return refresh(request, self.page.url("record", pk), _("Saved."))

    def _ask(self, deal: Any, form: Any, *, status: int = 200) -> HttpResponse:
        action = {
            "label": _("Save"),
            "title": _("Lines: %(record)s") % {"record": deal},
            "url": f"{self.page.url('lines', deal.pk)}?version={self.wanted_version() or deal.version}",
            "back_url": self.page.url("record", deal.pk),
            "wide": True,
        }
        return self.show_dialog({"action": action, "form": form, "record": deal}, status=status)


def _identifier(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
