"""The board of one kind of record: a column per state, sums by one grouped query, the first cards of each column by another."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Count, F, Sum, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ltc.refusals import Refusal
from ltc.web.actions import declared_or_404
from ltc.web.answers import is_htmx, refused, toast
from ltc.web.details import action_button
from ltc.web.inputs import form_for
from ltc.web.lists import RecordListView
from ltc.workflow.engine import Offer, offered, perform

FULL = 100


@dataclass(frozen=True)
class Lane:
    """A column of a board: the value of the state field that its cards have. `probability` (percent) weights its sum."""

    key: str
    label: Any
    hue: str = "slate"
    probability: int | None = None


class BoardView(RecordListView):
    """A board over the same records, views, filters and search as the list. `?column=` shows one column alone, page by page."""

    lane_field: ClassVar[str] = "state"
    amount_field: ClassVar[str] = ""
    card_order: ClassVar[Sequence[str]] = ("-id",)
    lane_limit: ClassVar[int] = 50
    template_name: ClassVar[str] = "records/board.html"

    def lanes(self) -> Sequence[Lane]:
        """The columns, in order."""
        raise NotImplementedError

    def outcomes(self) -> Sequence[Lane]:
        """Ways off the board, offered in the menu of a card: they have no column, and move_for() knows them by their key."""
        return ()

    def card(self, record: Any) -> dict[str, Any]:
        """What stands on a card beside its id, title, address and targets (see ltc.web.templatetags.cards)."""
        raise NotImplementedError

    def move_for(self, record: Any, target: str) -> tuple[str, dict[str, Any]] | None:
        """The transition, with its inputs, that brings a card to a column; None if there is none."""
        return None

    def get(self, request: HttpRequest) -> HttpResponse:
        template = self.template_name + ("#columns" if is_htmx(request) else "")
        return self.show(template, {"page": self.described(), **self.more_context()})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Move a card: {id, target}. The answer redraws the heads of the columns and offers the way back."""
        record, target = self._card_or_404(request.POST.get("id", "")), request.POST.get("target", "")
        before = getattr(record, self.lane_field)
        move = self.move_for(record, target)
        if move is None:
            lane = next((str(lane.label) for lane in self.lanes() if lane.key == target), target)
            return refused(request, Refusal(_("This card cannot go to “%(column)s” from here.") % {"column": lane}))
        name, inputs = move
        needed = [each for each in declared_or_404(self.page.model, name).declaration.inputs if each.name not in inputs]
        if any(each.required and each.initial_for(record, self.actor) is None for each in needed):
            return self._ask(record, name, inputs)
        perform(record, name, actor=self.actor, version=self.wanted_version(), **inputs)
        label = next((lane.label for lane in (*self.outcomes(), *self.lanes()) if lane.key == target), target)
        heads = self.heads()
        page = {"columns": heads, "strip_template": self.strip_template, "strip": self.strip(heads)}
        response = self.show(self.template_name + "#heads", {"page": page})
        undo = {"id": str(record.pk), "target": before} if self.move_for(record, before) else None
        return toast(response, _("%(record)s moved to %(column)s") % {"record": self.page.title(record), "column": label}, undo=undo)

    strip_template: ClassVar[str] = "records/board_strip.html"

    def described(self) -> dict[str, Any]:
        page = super().described()
        page["title"] = self.page.nav_label or page["title"]
        page["layouts"] = [{**layout, "current": layout["key"] == "board"} for layout in page["layouts"]]
        page.update(
            columns=self.columns_described(),
            region="board",
            move_url=self.page.url("board"),
            outcomes=self.outcomes(),
            bulk=[],
            bulk_url=None,
        )
        page.update(strip_template=self.strip_template, strip=self.strip(page["columns"]), clear_url=self.page.url("board"))
        page["count_label"] = sum(column["count"] for column in page["columns"])
        return page

    def rows(self) -> tuple[list[Any], str | None]:
        """A board has cards instead."""
        return [], None

    @cached_property
    def chosen_once(self) -> Any:
        return self.chosen()

    def sums(self) -> dict[str, tuple[int, Decimal | None]]:
        """Number and amount of each column, over all of its cards. One query."""
        grouped = self.chosen_once.select_related(None).order_by().values_list(self.lane_field).annotate(n=Count("pk"))
        if not self.amount_field:
            return {key: (n, None) for key, n in grouped}
        return {key: (n, amount or Decimal(0)) for key, n, amount in grouped.annotate(amount=Sum(self.amount_field))}

    def heads(self) -> list[dict[str, Any]]:
        """The columns without their cards."""
        sums, currency = self.sums(), self.request.tenant.base_currency  # type: ignore[attr-defined]
        most = max((amount for _n, amount in sums.values() if amount), default=Decimal(0))
        heads = []
        for lane in self.lanes():
            count, amount = sums.get(lane.key, (0, Decimal(0) if self.amount_field else None))
            weighted = amount * lane.probability / FULL if amount is not None and lane.probability is not None else None
            heads.append(
                {
                    "key": lane.key,
                    "label": lane.label,
                    "hue": lane.hue,
                    "count": count,
                    "sum": amount,
                    "weighted": weighted,
                    "probability": lane.probability,
                    "currency": currency if self.amount_field else "",
                    "share": round(FULL * amount / most) if amount is not None and most else 0 if self.amount_field else None,
                }
            )
        return heads

    def strip(self, heads: list[dict[str, Any]]) -> dict[str, Any]:
        """The sums over all columns: {sum, weighted, count, currency}; empty for a board without amounts."""
        if not self.amount_field:
            return {}
        weighted = [head["weighted"] for head in heads if head["weighted"] is not None]
        return {
            "sum": sum((head["sum"] for head in heads), Decimal(0)),
            "weighted": sum(weighted, Decimal(0)) if weighted else None,
            "count": sum(head["count"] for head in heads),
            "currency": self.request.tenant.base_currency,  # type: ignore[attr-defined]
        }

    def columns_described(self) -> list[dict[str, Any]]:
        """The columns with their first cards. Two queries, whatever their number."""
        cards = self._cards()
        columns = self.heads()
        for column in columns:
            shown = cards.get(column["key"], [])
            column["cards"] = [self._card(record) for record in shown]
            column["more_url"] = self._more_url(column["key"]) if column["count"] > len(shown) else None
        return columns

    def _cards(self) -> dict[str, list[Any]]:
        keys = [lane.key for lane in self.lanes()]
        within = Window(RowNumber(), partition_by=[F(self.lane_field)], order_by=[_ordering(name) for name in self.card_order])
        records = self.chosen_once.filter(**{f"{self.lane_field}__in": keys}).annotate(place=within).filter(place__lte=self.lane_limit)
        cards: dict[str, list[Any]] = {}
        for record in records.order_by("place"):
            cards.setdefault(getattr(record, self.lane_field), []).append(record)
        return cards

    def _card(self, record: Any) -> dict[str, Any]:
        targets = [
            lane.key
            for lane in (*self.lanes(), *self.outcomes())
            if lane.key != getattr(record, self.lane_field) and self.move_for(record, lane.key)
        ]
        return {
            "id": str(record.pk),
            "url": self.record_url(record),
            "title": self.page.title(record),
            "targets": targets,
            **self.card(record),
        }

    def _more_url(self, key: str) -> str:
        return f"{self.page.url('list')}?{self.lane_field}={key}"

    def _card_or_404(self, text: str) -> Any:
        try:
            return self.record_or_404(text)
        except ValueError as error:
            raise Http404 from error

    def _ask(self, record: Any, name: str, given: dict[str, Any]) -> HttpResponse:
        """A move that needs more than the column: its dialog, with 422 so that the board knows that nothing has happened yet."""
        declared = declared_or_404(self.page.model, name)
        offer = next((offer for offer in offered(record, self.actor) if offer.name == name), None)
        if offer is None or not offer.allowed:
            reasons = " ".join(offer.reasons) if offer else ""
            return refused(self.request, Refusal(reasons or _("This is not possible now.")))
        button = action_button(self.page, record, Offer(name, offer.label, True, (), declared.declaration))
        action = {
            **button,
            "title": f"{declared.declaration.label}: {self.page.title(record)}",
            "text": declared.declaration.confirm,
        }
        form = form_for(declared.declaration.inputs, record, self.actor)
        for key, value in given.items():
            form.fields[key].initial = value
        return self.show("records/action_dialog.html", {"action": action, "form": form, "record": record}, status=422)


def _ordering(name: str) -> Any:
    column = F(name.removeprefix("-"))
    return column.desc(nulls_last=True) if name.startswith("-") else column.asc(nulls_last=True)
