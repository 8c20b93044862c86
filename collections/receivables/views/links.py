"""The pages of customer links, and the lists of them beside an invoice."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from ltc.web import cells, formats
from ltc.web.additions import adds_related
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage, url_for
from receivables.filters import InvoiceLinkFilters
from receivables.models import Invoice, InvoiceLink
from receivables.views.invoices import customer_cell

LINK_HUES = {InvoiceLink.State.ACTIVE: "green", InvoiceLink.State.REVOKED: "rose"}
LINKS = RecordPage(
    model=InvoiceLink,
    plural="invoice-links",
    icon="link",
    label=gettext_lazy("Customer link"),
    label_plural=gettext_lazy("Customer links"),
    hue="teal",
    search=("invoice__number__istartswith", "recipient__icontains"),
    joins=("invoice__order", "invoice__customer", "customer"),
    title=lambda link: str(link.invoice),
    subtitle=lambda link: link.recipient,
    tag=lambda link: {"label": link.get_state_display(), "hue": LINK_HUES[link.state]},
)


def invoice_cell(link: Any) -> Cell:
    return cells.link(link.invoice, url_for(link.invoice))


def language_cell(link: Any) -> Cell:
    return cells.text(dict(settings.LANGUAGES).get(link.language, link.language))


class LinkList(RecordListView):
    select = ("invoice__order", "invoice__customer", "customer")
    filterset_class = InvoiceLinkFilters
    filter_names = ("state",)
    columns = (
        Column("invoice", gettext_lazy("Invoice"), cell=invoice_cell, sort="id"),
        Column("recipient", gettext_lazy("Sent to")),
        Column("state", gettext_lazy("State"), "tag", hues=LINK_HUES),
        Column("mailed_at", gettext_lazy("Sent"), "date"),
        Column("viewed_at", gettext_lazy("First viewed"), "date"),
        Column("views", gettext_lazy("Views"), "number", hide_small=True),
        Column("expires_at", gettext_lazy("Expires"), "date", hide_small=True),
    )
    views = (
        NamedView("all", gettext_lazy("All"), lambda links, actor: links),
        NamedView("unseen", gettext_lazy("Not viewed"), lambda links, actor: links.filter(mailed_at__isnull=False, viewed_at=None)),
    )
    empty_text = gettext_lazy("Send an invoice, and the customer gets a link to it.")


class LinkRecord(RecordView):
    select = ("invoice__order", "invoice__customer", "customer")
    state_hues = LINK_HUES
    props = (
        Column("invoice", gettext_lazy("Invoice"), icon="receipt", cell=invoice_cell),
        Column("customer", gettext_lazy("Customer"), icon="building-2", cell=customer_cell),
        Column("recipient", gettext_lazy("Sent to"), icon="at-sign"),
        Column("language", gettext_lazy("Language"), icon="languages", cell=language_cell),
        Column("mailed_at", gettext_lazy("Sent"), "moment", icon="mail"),
        Column("viewed_at", gettext_lazy("First viewed"), "moment", icon="eye"),
        Column("last_viewed_at", gettext_lazy("Last viewed"), "moment", icon="eye"),
        Column("views", gettext_lazy("Views"), "number", icon="hash"),
        Column("expires_at", gettext_lazy("Expires"), "moment", icon="calendar"),
        Column("message", gettext_lazy("Message"), icon="message-circle"),
    )

    def notices(self, record: Any) -> list[dict[str, Any]]:
        if url := record.url:
            return [{"tone": "ok", "text": _("The customer's address"), "url": url, "action": pgettext("verb", "Open")}]
        return [{"tone": "warn", "text": _("The address does not work any more. Renew the link.")}]


@adds_related(Invoice)
def links_of_invoice(invoice: Any, actor: Any) -> Iterator[dict[str, Any]]:
    found = InvoiceLink.objects.filter(invoice=invoice).order_by("-created_at", "-pk")[:20]
    if rows := [link_row(link) for link in found]:
        yield {"title": _("Customer links"), "rows": rows}


def link_row(link: Any) -> dict[str, Any]:
    """A link in a list beside its invoice, with the last that is known of it."""
    if link.viewed_at:
        detail = _("viewed %(when)s") % {"when": formats.day(link.viewed_at)}
    else:
        detail = _("sent %(when)s") % {"when": formats.day(link.mailed_at)} if link.mailed_at else ""
    return {
        "icon": "link", "label": link.recipient or _("Customer link"), "detail": detail, "url": url_for(link),
        "tag": {"label": link.get_state_display(), "hue": LINK_HUES[link.state]},
    }  # fmt: skip
