"""The pages of the mailboxes that are looked into, and of the mails that came."""

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.filters import InboundMailFilters, MailboxFilters
from leads.mail.boxes import create_mailbox, try_out, update_mailbox
from leads.mail.taking import CORRECTABLE, retry
from leads.masking import mask_mail
from leads.models import InboundMail, Mailbox
from leads.transition_inputs import sellers
from ltc.users.models import Membership
from ltc.web import cells
from ltc.web.answers import onward
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage
from ltc.web.workspace import RecordWorkspaceView

MAILBOXES = RecordPage(
    model=Mailbox,
    plural="mailboxes",
    icon="mailbox",
    label=gettext_lazy("Mailbox"),
    label_plural=gettext_lazy("Mailboxes"),
    hue="teal",
    search=("name__icontains", "address__icontains"),
    subtitle=lambda mailbox: mailbox.address,
)
MAILS = RecordPage(
    model=InboundMail,
    plural="inbound-mails",
    icon="inbox",
    label=gettext_lazy("Received e-mail"),
    label_plural=gettext_lazy("Received e-mails"),
    hue="teal",
    search=("subject__icontains",),
    joins=("mailbox",),
    subtitle=lambda mail: mail.sender_name,
)
HUES = {"waiting": "blue", "lead": "green", "reply": "green", "bounce": "amber", "ignored": "slate", "failed": "rose"}


class MailboxForm(forms.ModelForm):
    """A mailbox: where it is, how to get in, and whose its leads are."""

    wants_actor = True
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("It is kept encrypted and never shown. Empty: as before."),
    )

    class Meta:
        model = Mailbox
        fields = (
            *("name", "address", "host", "port", "security", "login", "password", "folder", "starts_on"),
            *("channel", "campaign", "owner", "active"),
        )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].required = False
        self.fields["starts_on"].help_text = gettext_lazy("Empty: from today on.")
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = sellers(Membership.objects.all(), None, actor)

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class MailboxList(RecordListView):
    select = ("channel",)
    filterset_class = MailboxFilters
    filter_names = ("active",)
    default_sort = "name"
    columns = (
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("address", gettext_lazy("E-mail address")),
        Column("channel", gettext_lazy("Source")),
        Column("polled", gettext_lazy("Last looked into"), "ago", path="polled_at"),
        Column("error", gettext_lazy("What went wrong"), cell=lambda found: cells.text(found.error, tone="late" if found.error else "")),
        Column("active", gettext_lazy("Active"), "flag"),
    )
    empty_text = gettext_lazy("Mails to a connected mailbox become leads, or answers of leads that are known.")

    def extra_actions(self) -> list[dict[str, Any]]:
        return [{"label": MAILS.label_plural, "icon": MAILS.icon, "url": MAILS.url("list")}] if self.actor.has_perm("forms.view") else []


class MailboxRecord(RecordView):
    select = ("channel", "campaign", "owner")
    props = (
        Column("address", gettext_lazy("E-mail address"), "email", icon="mail"),
        Column("host", gettext_lazy("Server"), icon="server", cell=lambda found: cells.text(f"{found.host}:{found.port}")),
        Column("security", gettext_lazy("Encryption"), icon="lock", cell=lambda found: cells.text(found.get_security_display())),
        Column("login", gettext_lazy("Login"), icon="user-round"),
        Column("folder", gettext_lazy("Folder"), icon="folder"),
        Column("starts_on", gettext_lazy("Mails from this day on"), "date", icon="calendar"),
        Column("channel", gettext_lazy("Source"), icon="megaphone"),
        Column("campaign", gettext_lazy("Campaign"), icon="flag"),
        Column("owner", gettext_lazy("Owner of the leads"), "person", icon="user-check"),
        Column("polled", gettext_lazy("Last looked into"), "moment", path="polled_at", icon="timer"),
        Column("active", gettext_lazy("Active"), "flag", icon="circle-check-big"),
    )

    def notices(self, record: Any) -> list[dict[str, Any]]:
        return [{"tone": "warn", "text": record.error}] if record.error else []

    def menu(self, record: Any) -> list[dict[str, Any]]:
        if not self.actor.has_perm("forms.view"):
            return []
        return [{"label": MAILS.label_plural, "icon": MAILS.icon, "url": f"{MAILS.url('list')}?mailbox={record.pk}"}]

    def actions(self, record: Any) -> list[dict[str, Any]]:
        if not self.actor.has_perm("mailboxes.change", record):
            return super().actions(record)
        button = {"name": "try", "label": _("Try the connection"), "icon": "plug", "url": MAILBOXES.url("try", record.pk)}
        return [{**button, "allowed": True, "needs_input": True}, *super().actions(record)]


class MailboxCreate(CreateView):
    form_class = MailboxForm

    def save(self, form: MailboxForm, record: Any) -> Mailbox:
        return create_mailbox(actor=self.actor, **form.cleaned_data)


class MailboxEdit(EditView):
    form_class = MailboxForm

    def save(self, form: MailboxForm, record: Any) -> Mailbox:
        return update_mailbox(record, actor=self.actor, **form.cleaned_data)


class TryView(RecordWorkspaceView):
    """Connect once and say whether it works."""

    permission = "mailboxes.change"

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        record = self.record_or_404(pk)
        action = {
            "title": _("Try the connection"), "label": _("Try"), "url": MAILBOXES.url("try", pk),
            "back_url": MAILBOXES.url("record", record.pk), "text": f"{record.login} · {record.host}:{record.port}",
        }  # fmt: skip
        return self.show_dialog({"action": action, "form": None})

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        found = try_out(self.record_or_404(pk), actor=self.actor)
        return onward(request, MAILBOXES.url("record", pk), _("The mailbox can be looked into.") if found["ok"] else found["detail"])


class MailList(RecordListView):
    select = ("mailbox", "lead")
    filterset_class = InboundMailFilters
    filter_names = ("outcome", "why", "mailbox")
    default_sort = "-received_at"
    columns = (
        Column("subject", gettext_lazy("Subject")),
        Column("outcome", gettext_lazy("Outcome"), "tag", hues=HUES),
        Column("why", gettext_lazy("Why"), cell=lambda mail: cells.text(mail.get_why_display() or mail.error)),
        Column("mailbox", gettext_lazy("Mailbox"), hide_small=True),
        Column("received", gettext_lazy("Received"), "ago", path="received_at", sort="received_at"),
    )
    empty_text = gettext_lazy("Connect a mailbox first.")

    def row(self, record: Any) -> dict[str, Any]:
        return super().row(mask_mail(record, self.actor))

    def extra_actions(self) -> list[dict[str, Any]]:
        allowed = self.actor.has_perm("mailboxes.view")
        return [{"label": MAILBOXES.label_plural, "icon": MAILBOXES.icon, "url": MAILBOXES.url("list")}] if allowed else []


class MailRecord(RecordView):
    select = ("mailbox", "lead")
    state_name = "outcome"
    state_hues = HUES
    props = (
        Column("sender", gettext_lazy("From"), icon="mail"),
        Column("sender_name", gettext_lazy("Name"), icon="user-round"),
        Column("mailbox", gettext_lazy("Mailbox"), icon="mailbox"),
        Column("received", gettext_lazy("Received"), "moment", path="received_at", icon="calendar"),
        Column("why", gettext_lazy("Why"), icon="triangle-alert", cell=lambda mail: cells.text(mail.get_why_display() or mail.error)),
        Column("attachments", gettext_lazy("Attachments"), icon="paperclip", cell=lambda mail: cells.text(", ".join(mail.attachments))),
        Column("lead", gettext_lazy("Lead"), icon="user-round-plus"),
    )

    def record_or_404(self, pk: Any) -> Any:
        return mask_mail(super().record_or_404(pk), self.actor)

    def notices(self, record: Any) -> list[dict[str, Any]]:
        return [{"tone": "info", "text": _("This mail is too large: only its beginning was read.")}] if record.is_cut else []

    def sections(self, record: Any) -> list[dict[str, Any]]:
        return [{"title": _("Text"), "template": "leads/mail_text.html", "place": "main", "text": record.text}]

    def actions(self, record: Any) -> list[dict[str, Any]]:
        if record.outcome not in ("failed", "ignored") or not self.actor.has_perm("forms.change", record):
            return super().actions(record)
        label = _("Try again") if record.outcome == "failed" else _("Make it a lead")
        button = {"name": "retry", "label": label, "icon": "rotate-ccw", "url": MAILS.url("retry", record.pk)}
        return [{**button, "allowed": True, "primary": True, "needs_input": True}, *super().actions(record)]


class MailRetryView(RecordWorkspaceView):
    """Make a lead of a mail that failed or was left alone, with a corrected sender if need be."""

    permission = "forms.change"

    def _form(self, record: InboundMail, data: Any = None) -> forms.Form:
        form = forms.Form(data)
        for name in CORRECTABLE:
            field: Any = InboundMail._meta.get_field(name)
            form.fields[name] = forms.CharField(
                label=str(field.verbose_name).capitalize(), required=False, initial=getattr(record, name), max_length=field.max_length
            )
        return form

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        record = self.record_or_404(pk)
        return self._ask(record, self._form(record))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        record = self.record_or_404(pk)
        form = self._form(record, request.POST)
        if not form.is_valid():
            return self._ask(record, form, status=422)
        retry(record, actor=self.actor, values=form.cleaned_data)
        return onward(request, MAILS.url("record", pk), _("It is tried again."))

    def _ask(self, record: InboundMail, form: forms.Form, *, status: int = 200) -> HttpResponse:
        action = {
            "title": _("Try again"), "label": _("Try again"), "text": record.error,
            "url": reverse("inbound-mails:retry", args=[record.pk]), "back_url": MAILS.url("record", record.pk),
        }  # fmt: skip
        return self.show_dialog({"action": action, "form": form}, status=status)
