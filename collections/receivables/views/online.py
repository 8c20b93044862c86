"""The pages of payment accounts and of what customers pay with them."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.web import cells, formats
from ltc.web.additions import adds_related
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage, url_for
from receivables.company import own_company
from receivables.filters import OnlinePaymentFilters
from receivables.models import Invoice, OnlineAccount, OnlinePayment
from receivables.online import choices, notice_url
from receivables.services.online import set_up_account
from receivables.views.invoices import customer_cell

ACCOUNT_HUES = {OnlineAccount.State.OFF: "slate", OnlineAccount.State.ON: "green"}
WISH_HUES = {
    OnlinePayment.State.BEGUN: "slate", OnlinePayment.State.PAID: "green", OnlinePayment.State.FAILED: "rose",
    OnlinePayment.State.IN_QUESTION: "amber",
}  # fmt: skip
ACCOUNTS = RecordPage(
    model=OnlineAccount,
    plural="payment-accounts",
    icon="credit-card",
    label=gettext_lazy("Payment account"),
    label_plural=gettext_lazy("Payment accounts"),
    hue="violet",
    search=("name__icontains",),
    subtitle=lambda account: account.bank_account,
    tag=lambda account: {"label": account.get_state_display(), "hue": ACCOUNT_HUES[account.state]},
)
WISHES = RecordPage(
    model=OnlinePayment,
    plural="online-payments",
    icon="credit-card",
    label=gettext_lazy("Online payment"),
    label_plural=gettext_lazy("Online payments"),
    hue="violet",
    group="collect",
    order=55,
    search=("invoice__number__istartswith", "charge__istartswith", "customer__name__icontains"),
    joins=("invoice__order", "invoice__customer", "customer", "account"),
    subtitle=lambda wish: wish.customer.name,
    tag=lambda wish: {"label": wish.get_state_display(), "hue": WISH_HUES[wish.state]},
)


def notice_cell(account: Any) -> Cell:
    return cells.text(notice_url(account, own_company().code))


class AccountForm(forms.Form):
    """Our account with a payment provider."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    provider = forms.ChoiceField(label=gettext_lazy("Provider"))
    bank_account = forms.CharField(label=gettext_lazy("Our bank account"), max_length=60)
    currencies = forms.CharField(
        label=gettext_lazy("Currencies"), max_length=100, required=False, help_text=gettext_lazy("All if empty; else CNY, USD …")
    )
    secret = forms.CharField(
        label=gettext_lazy("Secret"), max_length=200, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("As the provider shows it; one is made if empty."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = choices(own_company())  # type: ignore[attr-defined]


class AccountList(RecordListView):
    columns = (
        Column("name", gettext_lazy("Name"), sort="id"),
        Column("provider", gettext_lazy("Provider")),
        Column("bank_account", gettext_lazy("Our bank account")),
        Column("state", gettext_lazy("State"), "tag", hues=ACCOUNT_HUES),
    )
    new_label = gettext_lazy("Set up an account")
    empty_text = gettext_lazy("With an account at a payment provider customers pay invoices on their own pages.")


class AccountRecord(RecordView):
    state_hues = ACCOUNT_HUES
    props = (
        Column("provider", gettext_lazy("Provider"), icon="credit-card"),
        Column("bank_account", gettext_lazy("Our bank account"), icon="landmark"),
        Column("currencies", gettext_lazy("Currencies"), icon="coins"),
        Column("notices", gettext_lazy("Address for notices"), icon="link", cell=notice_cell),
    )


class AccountCreate(CreateView):
    form_class = AccountForm
    permission = "ledger.set_up"
    title = gettext_lazy("Set up an account")
    submit_label = gettext_lazy("Set up")

    def save(self, form: Any, record: Any) -> OnlineAccount:
        return set_up_account(actor=self.actor, **form.cleaned_data)


def payment_cell(wish: Any) -> Cell:
    return cells.link(wish.payment, url_for(wish.payment)) if wish.payment else cells.text("")


def invoice_cell(wish: Any) -> Cell:
    return cells.link(wish.invoice, url_for(wish.invoice))


class WishList(RecordListView):
    select = ("invoice__order", "invoice__customer", "customer", "account", "payment")
    filterset_class = OnlinePaymentFilters
    filter_names = ("state",)
    columns = (
        Column("invoice", gettext_lazy("Invoice"), cell=invoice_cell, sort="id"),
        Column("customer", gettext_lazy("Customer"), cell=customer_cell),
        Column("amount", gettext_lazy("Amount"), "money"),
        Column("state", gettext_lazy("State"), "tag", hues=WISH_HUES),
        Column("payment", gettext_lazy("Payment"), cell=payment_cell),
        Column("charge", gettext_lazy("Provider's reference"), hide_small=True),
        Column("created_at", gettext_lazy("Begun"), "date", hide_small=True),
    )
    views = (
        NamedView("all", gettext_lazy("All"), lambda wishes, actor: wishes),
        NamedView(
            "in_question", gettext_lazy("To be looked at"),
            lambda wishes, actor: wishes.filter(state=OnlinePayment.State.IN_QUESTION), counted=True,
        ),
    )  # fmt: skip
    empty_text = gettext_lazy("Set up a payment account, and customers can pay the invoices that you send.")

    def extra_actions(self) -> list[dict[str, Any]]:
        if not self.actor.has_perm("ledger.view"):
            return []
        return [{"label": _("Payment accounts"), "icon": "credit-card", "url": ACCOUNTS.url("list")}]


class WishRecord(RecordView):
    select = ("invoice__order", "invoice__customer", "customer", "account", "payment")
    state_hues = WISH_HUES
    path_states = (OnlinePayment.State.BEGUN, OnlinePayment.State.PAID)
    path_lost = (OnlinePayment.State.FAILED, OnlinePayment.State.IN_QUESTION)
    props = (
        Column("invoice", gettext_lazy("Invoice"), icon="receipt", cell=invoice_cell),
        Column("customer", gettext_lazy("Customer"), icon="building-2", cell=customer_cell),
        Column("amount", gettext_lazy("Amount"), "money", icon="coins"),
        Column("told_amount", gettext_lazy("Amount as told"), "money", currency="told_currency", icon="coins"),
        Column("payment", gettext_lazy("Payment"), icon="wallet", cell=payment_cell),
        Column("charge", gettext_lazy("Provider's reference"), icon="hash"),
        Column("reason", gettext_lazy("Reason"), icon="message-square"),
    )


@adds_related(Invoice)
def online_payments_of_invoice(invoice: Any, actor: Any) -> Iterator[dict[str, Any]]:
    found = OnlinePayment.objects.filter(invoice=invoice).select_related("account").order_by("-created_at", "-pk")[:10]
    if rows := [
        {
            "icon": "credit-card", "label": wish.account.name, "detail": formats.money(wish.amount, wish.currency), "url": url_for(wish),
            "tag": {"label": wish.get_state_display(), "hue": WISH_HUES[OnlinePayment.State(wish.state)]},
        }
        for wish in found
    ]:  # fmt: skip
        yield {"title": _("Online payments"), "rows": rows}
