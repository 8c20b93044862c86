"""The pages of statements of account."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.customers.models import Customer
from ltc.web import formats
from ltc.web.additions import adds_actions
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage
from receivables.filters import StatementFilters
from receivables.forms import StatementForm
from receivables.models import Statement
from receivables.services.account_statements import draw_up
from receivables.statements import label_of
from receivables.views.documents import other_language
from receivables.views.invoices import customer_cell
from receivables.views.promises import identifier

State = Statement.State
STATEMENT_HUES = {State.GENERATED: "slate", State.SENT: "blue", State.CONFIRMED: "green", State.OBJECTED: "rose"}
STATEMENTS = RecordPage(
    model=Statement,
    plural="account-statements",
    icon="scroll-text",
    label=gettext_lazy("Statement of account"),
    label_plural=gettext_lazy("Statements of account"),
    hue="blue",
    group="collect",
    order=62,
    search=("customer__name__icontains",),
    joins=("customer",),
    title=lambda statement: statement.customer.name,
    subtitle=lambda statement: statement.period,
    tag=lambda statement: {"label": statement.get_state_display(), "hue": STATEMENT_HUES[statement.state]},
)


class StatementList(RecordListView):
    select = ("customer",)
    filterset_class = StatementFilters
    filter_names = ("state",)
    columns = (
        Column("customer", gettext_lazy("Customer"), sort="id"),
        Column("first", gettext_lazy("From"), "date"),
        Column("last", gettext_lazy("To"), "date", sort="last"),
        Column("closing", gettext_lazy("Closing balance"), "money"),
        Column("state", gettext_lazy("State"), "tag", hues=STATEMENT_HUES),
        Column("answered_on", gettext_lazy("Answered on"), "date", hide_small=True),
        Column("answered_by", gettext_lazy("Answered by"), hide_small=True),
    )
    views = (
        NamedView("all", gettext_lazy("All"), lambda found, actor: found),
        NamedView("objected", gettext_lazy("Objected to"), lambda found, actor: found.filter(state=State.OBJECTED), counted=True),
        NamedView("waiting", gettext_lazy("Not answered"), lambda found, actor: found.filter(state=State.SENT)),
    )
    empty_text = gettext_lazy("Draw one up from the customer's page, and let the customer confirm it.")


class StatementRecord(RecordView):
    select = ("customer",)
    state_hues = STATEMENT_HUES
    path_states = (State.GENERATED, State.SENT, State.CONFIRMED)
    path_lost = (State.OBJECTED,)
    props = (
        Column("customer", gettext_lazy("Customer"), icon="building-2", cell=customer_cell),
        Column("first", gettext_lazy("From"), "date", icon="calendar"),
        Column("last", gettext_lazy("To"), "date", icon="calendar"),
        Column("closing", gettext_lazy("Closing balance"), "money", icon="wallet"),
        Column("answered_by", gettext_lazy("Answered by"), icon="user-round"),
        Column("answered_on", gettext_lazy("Answered on"), "date", icon="calendar"),
        Column("objection", gettext_lazy("What is different"), icon="message-square-warning"),
    )

    def sections(self, record: Any) -> list[dict[str, Any]]:
        return [{"title": "", "template": "collections/account_statement.html", "place": "main", "lines": shown_lines(record)}]

    def more_context(self, record: Any) -> dict[str, Any]:
        return {"currency": record.currency}

    def menu(self, record: Any) -> list[dict[str, Any]]:
        return other_language(record)


def shown_lines(statement: Statement) -> list[dict[str, Any]]:
    """The movements with the balance after each."""
    balance, found = statement.opening, []
    for line in statement.lines:
        balance += Decimal(line["amount"])
        found.append(
            {
                **line,
                "what": label_of(line),
                "date": date.fromisoformat(line["date"]),
                "amount": Decimal(line["amount"]),
                "balance": balance,
            }
        )
    return found


class StatementCreate(CreateView):
    form_class = StatementForm
    title = gettext_lazy("Statement of account")
    submit_label = gettext_lazy("Draw up")

    def initial(self, record: Any) -> dict[str, Any]:
        last = timezone.localdate().replace(day=1) - timedelta(days=1)
        tenant = self.request.tenant  # type: ignore[attr-defined]
        return {
            "customer": identifier(self.request.GET.get("customer", "")), "first": last.replace(day=1), "last": last,
            "currency": tenant.base_currency,
        }  # fmt: skip

    def save(self, form: Any, record: Any) -> Statement:
        return draw_up(actor=self.actor, **form.cleaned_data)


@adds_actions(Customer)
def statement_of_customer(customer: Any, actor: Any) -> Iterator[dict[str, Any]]:
    if actor.has_perm("statements.add", Statement(customer=customer)):
        url = f"{reverse('account-statements:new')}?customer={customer.pk}"
        found = {"name": "draw_up", "label": _("Draw up a statement"), "icon": "scroll-text", "url": url}
        yield {**found, "needs_input": True, "link": False, "primary": False}


def statement_row(statement: Statement) -> dict[str, Any]:
    """A statement in a list beside a record."""
    return {
        "icon": "scroll-text",
        "label": statement.period,
        "tag": {"label": statement.get_state_display(), "hue": STATEMENT_HUES[State(statement.state)]},
        "detail": formats.money(statement.closing, statement.currency),
        "url": reverse("account-statements:record", args=[statement.pk]),
    }
