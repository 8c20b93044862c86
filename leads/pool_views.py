"""The pages of the public pools, and of trying their rules out."""

import uuid
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.filters import PoolFilters
from leads.models import Lead, PublicPool
from leads.models.choices import LeadState
from leads.models.pools import RULES
from leads.pool import Cause
from leads.pool_forms import PoolForm, SimulationForm
from leads.pools import create_pool, update_pool
from leads.sweeping import Sweeper
from ltc.calendars.selectors import today
from ltc.web import cells
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage
from ltc.web.workspace import RecordWorkspaceView

TRIED = ("idle_days", "no_progress_days", "warn_before_days")
SAID = {
    Cause.IDLE: gettext_lazy("no touch"),
    Cause.NO_PROGRESS: gettext_lazy("no progress"),
    Cause.PROTECTED: gettext_lazy("protected"),
    Cause.ON_LEAVE: gettext_lazy("owner on leave"),
    Cause.OPEN_BUSINESS: gettext_lazy("something is open"),
    Cause.FRESH: gettext_lazy("just captured"),
}
POOLS = RecordPage(
    model=PublicPool,
    plural="pools",
    icon="waves",
    label=gettext_lazy("Pool"),
    label_plural=gettext_lazy("Pools"),
    hue="teal",
    search=("name__icontains",),
)


class PoolList(RecordListView):
    filterset_class = PoolFilters
    filter_names = ("active",)
    default_sort = "name"
    columns = (
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("is_default", gettext_lazy("Default"), "flag"),
        Column("active", gettext_lazy("Active"), "flag"),
        Column("idle_days", gettext_lazy("Days without a touch"), "number"),
        Column("daily_claim_limit", gettext_lazy("Claims a day"), "number"),
        Column("holding_cap", gettext_lazy("Leads at once"), "number"),
    )
    empty_text = gettext_lazy("Without a pool of your own the usual rules apply: 15 days without a touch, ten claims a day.")


class PoolRecord(RecordView):
    props = tuple(
        Column(name, PublicPool._meta.get_field(name).verbose_name, "number", icon="hash")  # type: ignore[union-attr]
        for name in RULES
    )

    def queryset(self) -> Any:
        return super().queryset().prefetch_related("members__team", "members__member")

    def tags(self, record: Any) -> list[dict[str, Any]]:
        found = [{"label": _("Default"), "hue": "teal"}] if record.is_default else []
        return found if record.active else [*found, {"label": _("Switched off"), "hue": "slate"}]

    def menu(self, record: Any) -> list[dict[str, Any]]:
        if not self.actor.has_perm("pools.simulate"):
            return []
        return [{"label": _("Try the rules out"), "icon": "flask-conical", "url": self.page.url("simulate", record.pk)}]

    def related(self, record: Any) -> list[dict[str, Any]]:
        members = [{"icon": "network", "label": team.name, "url": ""} for team in record.teams]
        members += [{"icon": "user-round", "label": person.name, "url": ""} for person in record.people]
        everyone = _("Everyone") if record.open_to_all or record.is_default else _("Nobody yet")
        here = Q(pool=record) | Q(pool__isnull=True) if record.is_default else Q(pool=record)
        waiting = Lead.objects.filter(here, owner__isnull=True, state=LeadState.NEW).count()
        return [
            {"title": _("Members"), "rows": members, "empty": everyone},
            {
                "title": _("Waiting here"),
                "rows": [{"icon": "user-round-plus", "label": _("Leads"), "tag": {"label": waiting, "hue": "slate"}, "url": ""}],
            },
        ]


class PoolCreate(CreateView):
    form_class = PoolForm

    def save(self, form: PoolForm, record: Any) -> PublicPool:
        return create_pool(actor=self.actor, **form.cleaned_data)


class PoolEdit(EditView):
    form_class = PoolForm

    def save(self, form: PoolForm, record: Any) -> PublicPool:
        return update_pool(record, actor=self.actor, **form.cleaned_data)


class SimulationView(RecordWorkspaceView):
    """What the nightly sweep would do by other rules, or on another day. Nothing is changed."""

    permission = "pools.simulate"

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        pool = self.record_or_404(pk)
        tomorrow = today(request.tenant, at=timezone.now()) + timedelta(days=1)  # type: ignore[attr-defined]
        start = {"on": tomorrow.isoformat(), **{name: str(getattr(pool, name)) for name in TRIED}}
        form = SimulationForm({name: request.GET.get(name) or value for name, value in start.items()})
        context: dict[str, Any] = {"form": form, "pool": pool}
        if form.is_valid():
            changes = {name: form.cleaned_data[name] for name in TRIED}
            forecast = Sweeper(form.cleaned_data["on"], changes={pool.pk: changes}, only=pool.pk).forecast(first=50)
            context |= described(forecast)
        page = {
            "title": _("Try the rules out"),
            "breadcrumb": [
                {"label": self.page.label_plural, "url": self.page.url("list")},
                {"label": pool.name, "url": self.page.url("record", pool.pk)},
            ],
        }
        return self.show("leads/simulation.html", {"page": page, **context}, status=200 if form.is_valid() else 422)


def described(forecast: Any) -> dict[str, Any]:
    """A forecast as its template shows it."""
    names = {lead.pk: lead for lead in Lead.objects.filter(pk__in=[each.id for each in forecast.first if each.kind == "lead"])}
    return {
        "forecast": forecast,
        "back": sum(forecast.reclaimed.values()),
        "warned": sum(forecast.warned.values()),
        "kept": [(SAID[cause], count) for cause, count in forecast.kept.most_common()],
        "owners": forecast.owners.most_common(20),
        "rows": [
            {"lead": names[each.id], "owner": cells.person(each.owner), "verdict": each.verdict, "why": SAID.get(each.verdict.cause)}
            for each in forecast.first
            if each.id in names
        ],
    }
