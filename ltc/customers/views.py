"""The pages of customers and of the people there."""

import uuid
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.customers.filters import CustomerFilters
from ltc.customers.forms import ContactForm, CustomerForm, NewCustomerForm, TransferForm
from ltc.customers.masking import contact_points
from ltc.customers.models import Contact, Customer
from ltc.customers.names import bare
from ltc.customers.pages import source_columns
from ltc.customers.services import add_contact, create_customer, transfer_customer, update_contact, update_customer
from ltc.web import cells
from ltc.web.answers import onward, refresh
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView, FormView
from ltc.web.lists import NamedView, RecordListView, mine
from ltc.web.records import RecordPage

State = Customer.State
HUES = {State.PROSPECT: "blue", State.ACTIVE: "green", State.DORMANT: "slate", State.BLACKLISTED: "rose", State.MERGED: "slate"}


def place(customer: Any) -> str:
    """Where a customer is and what it does, in a few words."""
    return " · ".join(filter(None, [customer.industry, customer.region]))


def called(customers: Any, words: str, actor: Any) -> Any:
    """The customers whose name contains the words, or whose pinyin begins with them, or with this credit code."""
    folded = bare(words)
    wanted = Q(name__icontains=words) | Q(uscc=words.upper())
    if folded:
        wanted |= Q(normalized_name__contains=folded) | Q(initials__startswith=folded)
    return customers.filter(wanted)


CUSTOMERS = RecordPage(
    model=Customer,
    plural="customers",
    icon="building-2",
    label=gettext_lazy("Customer"),
    label_plural=gettext_lazy("Customers"),
    hue="teal",
    group="sell",
    order=25,
    go="c",
    match=called,
    subtitle=place,
    tag=lambda customer: {"label": customer.get_state_display(), "hue": HUES.get(customer.state, "slate")},
)


class CustomerList(RecordListView):
    select = ("owner",)
    filterset_class = CustomerFilters
    filter_names = ("state", "kind", "owner")
    default_sort = "sort_key"
    columns = (
        Column("name", gettext_lazy("Name"), sort="sort_key"),
        Column("state", gettext_lazy("State"), "tag", hues=HUES),
        Column("kind", gettext_lazy("Kind"), cell=lambda customer: cells.text(customer.get_kind_display())),
        Column("credit_limit", gettext_lazy("Credit limit"), "money", currency="currency_default", sort="credit_limit"),
        Column("owner", gettext_lazy("Owner"), "person"),
        Column("last_activity", gettext_lazy("Last activity"), "ago", path="last_activity_at", sort="last_activity_at"),
        Column("created", gettext_lazy("Created"), "date", path="created_at", sort="created_at"),
        *source_columns(optional=True),
    )
    views = (
        NamedView("all", gettext_lazy("All"), lambda queryset, actor: queryset.exclude(state=State.MERGED)),
        NamedView("mine", gettext_lazy("Mine"), mine),
        NamedView("buying", gettext_lazy("Buying"), lambda queryset, actor: queryset.filter(state=State.ACTIVE)),
        NamedView("hold", gettext_lazy("On credit hold"), lambda queryset, actor: queryset.filter(credit_hold=True), counted=True),
    )
    empty_text = gettext_lazy("Customers come from converted leads, or add one here.")


class CustomerRecord(RecordView):
    select = ("owner", "team", "merged_into")
    state_hues = HUES
    props = (
        Column("kind", gettext_lazy("Kind"), icon="shapes", cell=lambda customer: cells.text(customer.get_kind_display())),
        Column("uscc", gettext_lazy("Unified social credit code"), icon="fingerprint"),
        Column("industry", gettext_lazy("Industry"), icon="factory"),
        Column("region", gettext_lazy("Region"), icon="map-pin"),
        Column("size_employees", gettext_lazy("Employees"), "number", icon="users"),
        Column("owner", gettext_lazy("Owner"), "person", icon="user-round"),
        Column("team", gettext_lazy("Team"), icon="network"),
        Column("credit_limit", gettext_lazy("Credit limit"), "money", currency="currency_default", icon="credit-card"),
        Column("invoice_title", gettext_lazy("Invoice title"), icon="receipt"),
        *source_columns(),
        Column("first_order", gettext_lazy("First order"), "date", path="first_order_at", icon="calendar"),
    )

    def notices(self, record: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        if record.credit_hold:
            found.append({"tone": "warn", "text": _("On credit hold: %(reason)s") % {"reason": record.credit_hold_reason}})
        if record.merged_into is not None:
            url = self.page.url("record", record.merged_into.pk)
            found.append({"tone": "info", "text": _("This customer was merged."), "url": url, "action": record.merged_into.name})
        return found

    def menu(self, record: Any) -> list[dict[str, Any]]:
        if not self.actor.has_perm("customers.transfer", record):
            return []
        return [{"label": _("Transfer"), "icon": "arrow-right-left", "url": self.page.url("transfer", record.pk), "dialog": True}]

    def related(self, record: Any) -> list[dict[str, Any]]:
        may_change = self.actor.has_perm("customers.change", record)
        people = [
            {
                "icon": "user-round",
                "label": contact.name,
                "detail": next(filter(None, contact_points(contact, self.actor).values()), ""),
                "tag": {"label": contact.title, "hue": "slate"} if contact.title else None,
                "url": self.page.url("contact", record.pk, contact.pk) if may_change else "",
            }
            for contact in record.contacts.all()[:20]
        ]
        add_url = self.page.url("new-contact", record.pk) if may_change else None
        return [{"title": _("People"), "rows": people, "add_url": add_url, "add_dialog": True}]


class CustomerCreate(CreateView):
    form_class = NewCustomerForm

    def initial(self, record: Any) -> dict[str, Any]:
        tenant = self.request.tenant  # type: ignore[attr-defined]
        return {"owner": self.actor.pk, "team": self.actor.team_id, "currency_default": tenant.base_currency}

    def save(self, form: NewCustomerForm, record: Any) -> Customer:
        fields = {name: form.cleaned_data[name] for name in NewCustomerForm.Meta.fields if name in form.cleaned_data}
        decided = form.cleaned_data["despite_duplicates"]
        return create_customer(actor=self.actor, contacts=form.contacts(), despite_duplicates=decided, **fields)


class CustomerEdit(EditView):
    form_class = CustomerForm

    def save(self, form: CustomerForm, record: Any) -> Customer:
        return update_customer(record, actor=self.actor, version=self.wanted_version(), **form.cleaned_data)


class TransferView(FormView):
    """Another owner for a customer."""

    form_class = TransferForm

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        customer = self.record_or_404(pk)
        self.require("customers.transfer", customer)
        return self.ask(self.form(customer), customer)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        customer = self.record_or_404(pk)
        form = self.form(customer, data=request.POST)
        if self.attempt(form, customer) is None:
            return self.ask(form, customer, status=422)
        if not self.queryset().filter(pk=pk).exists():
            return onward(request, self.page.url("list"), _("Saved."))
        return refresh(request, self.page.url("record", pk), _("Saved."))

    def initial(self, record: Any) -> dict[str, Any]:
        return {"owner": record.owner}

    def save(self, form: TransferForm, record: Any) -> Customer:
        return transfer_customer(record, actor=self.actor, owner=form.cleaned_data["owner"])

    def ask(self, form: Any, customer: Customer, *, status: int = 200) -> HttpResponse:
        action = {
            "title": _("Transfer %(record)s") % {"record": customer},
            "label": _("Transfer"),
            "url": self.request.get_full_path(),
            "back_url": self.page.url("record", customer.pk),
        }
        return self.show_dialog({"action": action, "form": form}, status=status)


class ContactView(FormView):
    """A person at a customer, in a dialog: new, or changed."""

    form_class = ContactForm

    def get(self, request: HttpRequest, pk: uuid.UUID, contact: uuid.UUID | None = None) -> HttpResponse:
        customer, person = self._open(pk, contact)
        return self.ask(self.form(person), customer, person)

    def post(self, request: HttpRequest, pk: uuid.UUID, contact: uuid.UUID | None = None) -> HttpResponse:
        customer, person = self._open(pk, contact)
        form = self.form(person, data=request.POST)
        self.customer = customer
        if self.attempt(form, person) is None:
            return self.ask(form, customer, person, status=422)
        return refresh(request, self.page.url("record", customer.pk), _("Saved."))

    def save(self, form: ContactForm, record: Any) -> Contact:
        if record is None:
            return add_contact(self.customer, actor=self.actor, **form.cleaned_data)
        return update_contact(record, actor=self.actor, **form.cleaned_data)

    def _open(self, pk: uuid.UUID, contact: uuid.UUID | None) -> tuple[Customer, Contact | None]:
        customer = self.record_or_404(pk)
        self.require("customers.change", customer)
        person = customer.contacts.filter(pk=contact).first() if contact else None
        if contact and person is None:
            raise Http404
        return customer, person

    def ask(self, form: Any, customer: Customer, person: Contact | None, *, status: int = 200) -> HttpResponse:
        """The dialog, or its page where there is no script."""
        action = {
            "title": person.name if person else _("New contact"),
            "label": _("Save"),
            "url": self.request.get_full_path(),
            "back_url": self.page.url("record", customer.pk),
        }
        return self.show_dialog({"action": action, "form": form}, status=status)
