"""The pages of reminders and of the cases that they belong to."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.web import cells, formats
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage, url_for
from receivables.filters import ReminderFilters
from receivables.models import DunningCase, DunningMessage, DunningNotice
from receivables.views.invoices import customer_cell

NOTICE_HUES = {
    DunningNotice.State.WAITING_APPROVAL: "amber", DunningNotice.State.QUEUED: "blue", DunningNotice.State.DONE: "green",
    DunningNotice.State.CANCELLED: "slate",
}  # fmt: skip
CASE_HUES = {
    DunningCase.State.IDLE: "slate", DunningCase.State.ACTIVE: "blue", DunningCase.State.PROMISE: "violet",
    DunningCase.State.PAUSED: "amber", DunningCase.State.ESCALATED: "rose", DunningCase.State.LEGAL: "rose",
}  # fmt: skip
Status = DunningMessage.Status
REMINDERS = RecordPage(
    model=DunningNotice,
    plural="reminders",
    icon="mail-warning",
    label=gettext_lazy("Reminder"),
    label_plural=gettext_lazy("Reminders"),
    hue="rose",
    group="collect",
    order=60,
    search=("case__customer__name__icontains", "items__item__invoice__number__istartswith"),
    match=lambda notices, words, actor: notices.filter(case__customer__name__icontains=words),
    joins=("case__customer",),
    title=lambda notice: notice.case.customer.name,
    subtitle=lambda notice: _("Level %(level)s") % {"level": notice.level},
    tag=lambda notice: {"label": notice.get_state_display(), "hue": NOTICE_HUES[notice.state]},
)
CASES = RecordPage(
    model=DunningCase,
    plural="reminder-cases",
    icon="mail-question",
    label=gettext_lazy("Reminder case"),
    label_plural=gettext_lazy("Reminder cases"),
    hue="rose",
    search=("customer__name__icontains",),
    joins=("customer",),
    title=lambda case: case.customer.name,
    subtitle=lambda case: case.currency,
)


class ReminderList(RecordListView):
    select = ("case__customer",)
    filterset_class = ReminderFilters
    filter_names = ("state",)
    default_sort = "-run_date"
    columns = (
        Column("customer", gettext_lazy("Customer"), sort="id"),
        Column("run_date", gettext_lazy("Day"), "date", sort="run_date"),
        Column("level", gettext_lazy("Level"), "number", sort="level"),
        Column("state", gettext_lazy("State"), "tag", hues=NOTICE_HUES),
        Column("message", gettext_lazy("Message"), cell=lambda notice: cells.text(message_state(notice))),
        Column("recipient", gettext_lazy("To"), cell=lambda notice: cells.text(recipient(notice)), hide_small=True),
    )
    views = (
        NamedView("all", gettext_lazy("All"), lambda notices, actor: notices),
        NamedView(
            "approval", gettext_lazy("To approve"),
            lambda notices, actor: notices.filter(state=DunningNotice.State.WAITING_APPROVAL), counted=True,
        ),
        NamedView(
            "doubt", gettext_lazy("In doubt"),
            lambda notices, actor: notices.filter(messages__status__in=[Status.UNCERTAIN, Status.FAILED]), counted=True,
        ),
    )  # fmt: skip
    empty_text = gettext_lazy("Reminders are planned every hour for invoices that were sent and are due.")

    def queryset(self) -> QuerySet[DunningNotice]:
        """With the messages, which there is one of per way."""
        return super().queryset().prefetch_related("messages")


def message_state(notice: Any) -> str:
    """How far the message of a reminder is."""
    return next((str(message.get_status_display()) for message in notice.messages.all()), "")


def recipient(notice: Any) -> str:
    return next((message.recipient for message in notice.messages.all()), "")


class ReminderRecord(RecordView):
    select = ("case__customer",)
    state_hues = NOTICE_HUES
    props = (
        Column("customer", gettext_lazy("Customer"), icon="building-2",
               cell=lambda notice: cells.link(notice.case.customer, url_for(notice.case.customer))),
        Column("run_date", gettext_lazy("Day"), "date", icon="calendar"),
        Column("level", gettext_lazy("Level"), "number", icon="gauge"),
        Column("message", gettext_lazy("Message"), icon="mail", cell=lambda notice: cells.text(message_state(notice))),
        Column("recipient", gettext_lazy("To"), icon="at-sign", cell=lambda notice: cells.text(recipient(notice))),
    )  # fmt: skip

    def actions(self, record: Any) -> list[dict[str, Any]]:
        """What is in doubt or came back may be sent again; what is out is not offered to be."""
        found = {message.status for message in record.messages.all()}
        hidden = set() if found & {Status.UNCERTAIN, Status.FAILED, Status.BOUNCED} else {"resend"}
        hidden |= set() if Status.UNCERTAIN in found else {"confirm"}
        return [button for button in super().actions(record) if button["name"] not in hidden]

    def sections(self, record: Any) -> list[dict[str, Any]]:
        items = list(record.items.select_related("item__invoice").order_by("-level"))
        return [
            {"title": "", "template": "collections/reminded_items.html", "place": "main", "items": items},
            {"title": "", "template": "collections/messages.html", "place": "main", "messages": list(record.messages.all())},
        ]

    def more_context(self, record: Any) -> dict[str, Any]:
        return {"currency": record.case.currency}


class CaseList(RecordListView):
    select = ("customer",)
    columns = (
        Column("customer", gettext_lazy("Customer"), sort="id"),
        Column("currency", gettext_lazy("Currency")),
        Column("state", gettext_lazy("State"), "tag", hues=CASE_HUES),
        Column("paused_until", gettext_lazy("Paused until"), "date"),
        Column("last_reminded_on", gettext_lazy("Reminded on"), "date"),
    )


class CaseRecord(RecordView):
    select = ("customer",)
    state_hues = CASE_HUES
    props = (
        Column("customer", gettext_lazy("Customer"), icon="building-2", cell=customer_cell),
        Column("currency", gettext_lazy("Currency"), icon="coins"),
        Column("paused_until", gettext_lazy("Paused until"), "date", icon="pause"),
        Column("pause_reason", gettext_lazy("Reason"), icon="message-square"),
        Column("last_reminded_on", gettext_lazy("Reminded on"), "date", icon="mail"),
    )

    def related(self, record: Any) -> list[dict[str, Any]]:
        rows = [reminder_row(notice) for notice in record.notices.select_related("case__customer").prefetch_related("messages")[:20]]
        return [{"title": REMINDERS.label_plural, "rows": rows}]


def reminder_row(notice: Any) -> dict[str, Any]:
    """A reminder in a list beside a record."""
    return {
        "icon": "mail-warning",
        "label": _("Level %(level)s") % {"level": notice.level},
        "tag": {"label": message_state(notice) or notice.get_state_display(), "hue": NOTICE_HUES[notice.state]},
        "detail": formats.day(notice.run_date),
        "url": url_for(notice),
    }
