"""The settings of reminders: policies with their levels, texts, what is different for one customer, and items that are left alone."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.customers.models import Customer
from ltc.refusals import Refusal
from ltc.web import cells
from ltc.web.additions import adds_actions
from ltc.web.answers import onward
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.inputs import ActionForm, form_for
from ltc.web.lists import RecordListView
from ltc.web.navigation import NavItem, register_item
from ltc.web.records import RecordPage
from ltc.web.workspace import WorkspaceView
from ltc.workflow.inputs import Input, Kind
from receivables.letters import ITEM, VARIABLES
from receivables.models import Channel, CustomerDunningSetting, DunningPolicy, DunningStep, DunningTemplate, Invoice, ItemStop
from receivables.services.policies import save_policy, set_customer, stop_item
from receivables.services.writing import restore_text, save_text, text_of
from receivables.texts import LETTERS
from receivables.views.dialogs import DialogView

POLICIES = RecordPage(
    model=DunningPolicy,
    plural="reminder-policies",
    icon="sliders-horizontal",
    label=gettext_lazy("Reminder policy"),
    label_plural=gettext_lazy("Reminder policies"),
    hue="slate",
    group="collect",
    order=68,
    search=("name__icontains",),
    title=lambda policy: policy.name,
)
register_item(
    NavItem("reminder-texts", gettext_lazy("Reminder texts"), "file-text", "reminder-texts", "collect", 69, "reminders.view"),
)
LETTER_NAMES = {
    "L1": gettext_lazy("Before the due date"), "L2": gettext_lazy("On the due date"), "L3": gettext_lazy("Friendly reminder"),
    "L4": gettext_lazy("Second reminder"), "L5": gettext_lazy("Demand for payment"), "L6": gettext_lazy("Formal notice"),
    "L7": gettext_lazy("Last notice"), "broken_promise": gettext_lazy("Broken promise"), "short": gettext_lazy("Short message"),
    "statement": gettext_lazy("Statement of account"),
}  # fmt: skip
PLAIN_FIELDS = (
    "name", "is_default", "min_interval_days", "min_amount", "consolidate", "business_days_only", "calendar", "import_mode", "dispute_mode",
    "unapplied_cash_guard", "interest",
)  # fmt: skip


def of_policy(name: str) -> Any:
    """The initial value of a field: that of the policy, or the model's default."""
    default = getattr(DunningPolicy(), name)
    return lambda policy, actor: getattr(policy, name) if policy is not None else default


def pairs_as_text(name: str) -> Any:
    """Pairs as a line that people can read and write: 09:30–11:30, 14:00–17:00."""
    return lambda policy, actor: ", ".join("–".join(pair) for pair in getattr(policy, name)) if policy is not None else ""


def classes_as_text(policy: Any, actor: Any) -> str:
    return ", ".join(policy.for_classes) if policy is not None else ""


def steps_of(policy: Any, actor: Any) -> list[dict[str, Any]]:
    """The levels as the rows of the form."""
    if policy is None:
        return []
    names = ("level", "offset_days", "channel_mode", "requires_approval")
    return [
        {
            **{name: getattr(step, name) for name in names}, "channels": ", ".join(step.channels), "from_base": step.from_base.normalize(),
            "template_code": step.text, "cc": ", ".join(step.cc),
        }
        for step in policy.steps.all()
    ]  # fmt: skip


POLICY = (
    Input("name", gettext_lazy("Name"), initial=of_policy("name"), max_length=80),
    Input("is_default", gettext_lazy("Default"), Kind.BOOLEAN, required=False, initial=of_policy("is_default")),
    Input("for_classes", gettext_lazy("For customers of these classes"), required=False, initial=classes_as_text,
          help=gettext_lazy("large, medium, small, micro, government: separated by commas.")),
    Input("min_interval_days", gettext_lazy("Least days between two reminders"), Kind.INTEGER, initial=of_policy("min_interval_days")),
    Input("min_amount", gettext_lazy("Smallest amount reminded of"), Kind.MONEY, initial=of_policy("min_amount"),
          help=gettext_lazy("In base currency.")),
    Input("windows", gettext_lazy("Sending hours"), required=False, initial=pairs_as_text("windows"), help="09:30–11:30, 14:00–17:00"),
    Input("blackouts", gettext_lazy("Days without reminders"), required=False, initial=pairs_as_text("blackouts"),
          help="2026-12-24–2026-12-31"),
    Input("consolidate", gettext_lazy("One letter for all items of a customer"), Kind.BOOLEAN, required=False,
          initial=of_policy("consolidate")),
    Input("business_days_only", gettext_lazy("On business days only"), Kind.BOOLEAN, required=False,
          initial=of_policy("business_days_only")),
    Input("calendar", gettext_lazy("Calendar"), Kind.RECORD, required=False, model="calendars.BusinessCalendar",
          initial=of_policy("calendar")),
    Input("import_mode", gettext_lazy("Imported invoices"), Kind.CHOICE, choices=DunningPolicy.ImportMode.choices,
          initial=of_policy("import_mode")),
    Input("dispute_mode", gettext_lazy("Disputed items"), Kind.CHOICE, choices=DunningPolicy.DisputeMode.choices,
          initial=of_policy("dispute_mode")),
    Input("unapplied_cash_guard", gettext_lazy("Wait while unallocated money may have paid it"), Kind.BOOLEAN, required=False,
          initial=of_policy("unapplied_cash_guard")),
    Input("interest", gettext_lazy("Interest"), Kind.CHOICE, choices=DunningPolicy.Interest.choices, initial=of_policy("interest")),
    Input(
        "steps", gettext_lazy("Levels"), Kind.ROWS, initial=steps_of,
        rows=(
            Input("level", gettext_lazy("Level"), Kind.INTEGER),
            Input("offset_days", gettext_lazy("Days after the due date"), Kind.INTEGER),
            Input("channels", gettext_lazy("Ways"), help="email, wecom, sms, call_task, letter_task", initial="email"),
            Input("channel_mode", gettext_lazy("Which of them"), Kind.CHOICE, choices=DunningStep.Mode.choices,
                  initial=DunningStep.Mode.FIRST_REACHABLE),
            Input("template_code", gettext_lazy("Text"), Kind.CHOICE, choices=list(LETTER_NAMES.items())[:7], initial="L3"),
            Input("from_base", gettext_lazy("Smallest item"), Kind.MONEY, required=False),
            Input("requires_approval", gettext_lazy("Needs approval"), Kind.BOOLEAN, required=False),
            Input("cc", gettext_lazy("Copies to"), required=False, help="owner, manager"),
        ),
    ),
)  # fmt: skip


def words(text: str) -> list[str]:
    """The words of a list that is separated by commas."""
    return [word for part in text.replace("，", ",").split(",") if (word := part.strip())]


def pairs(text: str) -> list[list[str]]:
    """Pairs as people write them: 09:30–11:30 (or two dates), separated by commas."""
    found = []
    for word in words(text):
        parts = [part.strip() for part in word.replace("~", "–").split("–")]
        if len(parts) == 1 and ":" in word:
            parts = [part.strip() for part in word.split("-")]
        if len(parts) == 1 and len(word) == 21:
            parts = [word[:10], word[11:]]
        found.append(parts)
    return found


def given_policy(form: ActionForm) -> dict[str, Any]:
    """What the form says, as the service takes it."""
    values, told = form.values(), form.cleaned_data
    given = {name: told[name] for name in PLAIN_FIELDS}
    given |= {"for_classes": words(told["for_classes"]), "windows": pairs(told["windows"]), "blackouts": pairs(told["blackouts"])}
    steps = []
    for row in values["steps"]:
        kept = DunningStep(level=row["level"]).text == row.get("template_code")
        step = {**row, "channels": words(row["channels"]), "cc": words(row.get("cc", "")), "tone": str(row["template_code"]).lower()}
        steps.append({**step, "template_code": "" if kept else row["template_code"]})
    return {**given, "steps": steps}


class PolicyList(RecordListView):
    columns = (
        Column("name", gettext_lazy("Name"), sort="id"),
        Column("is_default", gettext_lazy("Default"), cell=lambda policy: cells.text(_("Yes") if policy.is_default else "")),
        Column("min_interval_days", gettext_lazy("Least days between two reminders"), "number"),
        Column("min_amount", gettext_lazy("Smallest amount reminded of"), "number"),
        Column("classes", gettext_lazy("For customers of these classes"), cell=lambda policy: cells.text(", ".join(policy.for_classes))),
    )


class PolicyRecord(RecordView):
    props = (
        Column("is_default", gettext_lazy("Default"), icon="star",
               cell=lambda policy: cells.text(_("Yes") if policy.is_default else _("No"))),
        Column("min_interval_days", gettext_lazy("Least days between two reminders"), "number", icon="calendar"),
        Column("min_amount", gettext_lazy("Smallest amount reminded of"), "number", icon="coins"),
        Column("windows", gettext_lazy("Sending hours"), icon="clock",
               cell=lambda policy: cells.text(pairs_as_text("windows")(policy, None))),
        Column("import_mode", gettext_lazy("Imported invoices"), icon="upload",
               cell=lambda policy: cells.text(policy.get_import_mode_display())),
        Column("dispute_mode", gettext_lazy("Disputed items"), icon="message-square-warning",
               cell=lambda policy: cells.text(policy.get_dispute_mode_display())),
        Column("interest", gettext_lazy("Interest"), icon="percent", cell=lambda policy: cells.text(policy.get_interest_display())),
    )  # fmt: skip

    def sections(self, record: Any) -> list[dict[str, Any]]:
        ways = dict(Channel.choices)
        steps = [
            {
                "step": step,
                "ways": ", ".join(str(ways.get(way, way)) for way in step.channels),
                "letter": LETTER_NAMES.get(step.text, step.text),
            }
            for step in record.steps.all()
        ]
        return [{"title": "", "template": "collections/policy_steps.html", "place": "main", "steps": steps}]


class PolicyCreate(CreateView):
    form_class = ActionForm
    permission = "reminders.change"

    def form(self, record: Any = None, data: Any = None) -> Any:
        return form_for(POLICY, record, self.actor, data)

    def save(self, form: Any, record: Any) -> DunningPolicy:
        return save_policy(None, actor=self.actor, **given_policy(form))


class PolicyEdit(EditView):
    form_class = ActionForm
    permission = "reminders.change"

    def form(self, record: Any = None, data: Any = None) -> Any:
        return form_for(POLICY, record, self.actor, data)

    def save(self, form: Any, record: Any) -> DunningPolicy:
        return save_policy(record, actor=self.actor, **given_policy(form))


class TextList(WorkspaceView):
    """All letters in both languages, and which of them the workspace has written itself."""

    permission = "reminders.view"
    active = "reminder-texts"

    def get(self, request: HttpRequest) -> HttpResponse:
        own = set(DunningTemplate.objects.values_list("code", "language"))
        letters = [
            {
                "code": code, "name": name,
                "texts": [
                    {"language": language, "label": label, "own": (code, language) in own, "subject": text_of(code, language)[0]}
                    for language, label in DunningTemplate.Language.choices
                ],
            }
            for code, name in LETTER_NAMES.items()
        ]  # fmt: skip
        return self.show("collections/reminder_texts.html", {"letters": letters})


class TextEdit(WorkspaceView):
    """One letter in one language, with the variables that it may name."""

    permission = "reminders.change_texts"
    active = "reminder-texts"

    def get(self, request: HttpRequest, code: str, language: str) -> HttpResponse:
        subject, body = self._text(code, language)
        return self._ask(code, language, {"subject": subject, "body": body})

    def post(self, request: HttpRequest, code: str, language: str) -> HttpResponse:
        self._text(code, language)
        own = DunningTemplate.objects.filter(code=code, language=language).first()
        if request.POST.get("restore"):
            if own is not None:
                restore_text(own, actor=self.actor)
            return onward(request, reverse("reminder-texts"), _("The product's own text is used again."))
        given = {"subject": request.POST.get("subject", "").strip(), "body": request.POST.get("body", "").replace("\r\n", "\n").strip()}
        try:
            save_text(actor=self.actor, code=code, language=language, **given)
        except (Refusal, ValidationError) as refusal:
            errors = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
            return self._ask(code, language, given, errors=errors, status=422)
        return onward(request, reverse("reminder-texts"), _("The text was saved."))

    def _text(self, code: str, language: str) -> tuple[str, str]:
        if code not in LETTERS.get(language, {}):
            raise Http404
        return text_of(code, language)

    def _ask(self, code: str, language: str, given: dict[str, str], *, errors: Any = (), status: int = 200) -> HttpResponse:
        context = {
            "code": code, "name": LETTER_NAMES[code], "language": dict(DunningTemplate.Language.choices)[language], "given": given,
            "errors": errors, "variables": VARIABLES, "item_parts": ITEM,
            "own": DunningTemplate.objects.filter(code=code, language=language).exists(),
        }  # fmt: skip
        return self.show("collections/reminder_text.html", context, status=status)


CUSTOMER = (
    Input("policy", gettext_lazy("Reminder policy"), Kind.RECORD, required=False, model="collections.DunningPolicy"),
    Input("language", gettext_lazy("Language"), Kind.CHOICE, required=False, choices=DunningTemplate.Language.choices),
    Input("excluded", gettext_lazy("Never remind"), Kind.BOOLEAN, required=False),
    Input("paused_until", gettext_lazy("Paused until"), Kind.DATE, required=False),
    Input("reason", gettext_lazy("Reason"), required=False, max_length=300),
    Input("courtesy", gettext_lazy("Remind before the due date, whatever the amount"), Kind.BOOLEAN, required=False),
)


class CustomerSettings(DialogView):
    """What is different for one customer."""

    permission = "reminders.change"
    label, submit_label = gettext_lazy("Reminders of this customer"), gettext_lazy("Save")
    inputs = CUSTOMER

    def initial(self, record: Customer) -> dict[str, Any]:
        setting = CustomerDunningSetting.objects.filter(customer=record).first()
        return {each.name: getattr(setting, each.name) for each in CUSTOMER} if setting else {}

    def carry_out(self, record: Customer, values: dict[str, Any]) -> Any:
        set_customer(record, actor=self.actor, **values)
        return record


def open_of(items: Any, invoice: Any, actor: Any) -> Any:
    return items.filter(invoice=invoice, open_amount__gt=0).select_related("invoice__order")


class StopItem(DialogView):
    """One item of an invoice is left alone for a while."""

    permission = "reminders.change"
    label, submit_label = gettext_lazy("Do not remind of this item"), gettext_lazy("Save")
    inputs = (
        Input("item", gettext_lazy("Item"), Kind.RECORD, model="collections.ReceivableItem", limit=open_of,
              initial=lambda invoice, actor: invoice.items.filter(open_amount__gt=0).order_by("due_date").first()),
        Input("until", gettext_lazy("Until"), Kind.DATE),
        Input("reason", gettext_lazy("Reason"), max_length=300),
    )  # fmt: skip

    def carry_out(self, record: Invoice, values: dict[str, Any]) -> Any:
        stop_item(values["item"], actor=self.actor, until=values["until"], reason=values["reason"])
        return record


@adds_actions(Customer)
def reminders_of_customer(customer: Any, actor: Any) -> Iterator[dict[str, Any]]:
    if actor.has_perm("reminders.change", CustomerDunningSetting(customer=customer)):
        url = reverse("customer-reminders", args=[customer.pk])
        found = {"name": "reminders", "label": _("Reminders"), "icon": "bell-ring", "url": url}
        yield {**found, "needs_input": True, "link": False, "primary": False}


@adds_actions(Invoice)
def stop_of_invoice(invoice: Any, actor: Any) -> Iterator[dict[str, Any]]:
    if invoice.state != Invoice.State.ISSUED or not actor.has_perm("reminders.change"):
        return
    label = _("Do not remind")
    stop = ItemStop.objects.filter(item__invoice=invoice).order_by("-until").first()
    if stop is not None:
        label = _("Not reminded of until %(day)s") % {"day": stop.until}
    url = reverse("stop-reminders", args=[invoice.pk])
    yield {"name": "stop", "label": label, "icon": "bell-off", "url": url, "needs_input": True, "link": False, "primary": False}
