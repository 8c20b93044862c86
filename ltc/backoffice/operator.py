"""The operator's console: every tenant, every job. Reads across tenants, as the platform's role; only operators enter."""

from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import connections
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ltc.events import outbox
from ltc.events.models import Clockwork, Work
from ltc.events.schedule import schedules
from ltc.tenancy.context import acting_for, all_tenants
from ltc.tenancy.models import Tenant

JOBS = """
SELECT kind,
       max(done_at) AS last_run,
       (array_agg(done_at - started_at ORDER BY done_at DESC NULLS LAST))[1] AS last_duration,
       count(*) FILTER (WHERE state = 'done' AND done_at > now() - interval '1 day') AS done_today,
       count(*) FILTER (WHERE state = 'pending' AND available_at <= now()) AS waiting,
       count(*) FILTER (WHERE state = 'dead') AS given_up,
       count(*) FILTER (WHERE state = 'pending' AND attempts > 0) AS failing
FROM events_work GROUP BY kind ORDER BY kind
"""

TENANTS = """
SELECT t.id, t.code, t.name, t.state, t.time_zone, t.base_currency, t.created_at, count(s.id) AS seats
FROM tenancy_tenant t LEFT JOIN users_seat s ON s.workspace_id = t.id GROUP BY t.id ORDER BY t.name LIMIT 500
"""


@dataclass(frozen=True)
class Job:
    """One kind of work over all tenants: when it last ran, how long that took (seconds), what waits and what failed."""

    kind: str
    last_run: datetime | None
    seconds: float | None
    done_today: int
    waiting: int
    given_up: int
    failing: int
    when: str


def operators_only(view: Any) -> Any:
    """For everyone else the console does not exist. Outside the demo an operator needs a second factor."""

    @never_cache
    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_operator:
            raise Http404
        if not settings.DEMO and not is_mfa_enabled(request.user):
            messages.warning(request, _("The console shows every company. Set up a second factor first."))
            return redirect("mfa_index")
        return view(request, *args, **kwargs)

    return guarded


def jobs() -> list[Job]:
    """All kinds of work, those that never ran included."""
    timetable = {
        schedule.kind: schedule.at.strftime("%H:%M") if schedule.at else f"{int(schedule.every.total_seconds() // 60)} min"  # type: ignore[union-attr]
        for schedule in schedules()
    }
    with connections["platform"].cursor() as cursor:
        cursor.execute(JOBS)
        found = {
            row[0]: Job(
                row[0],
                row[1],
                row[2].total_seconds() if row[2] is not None else None,
                row[3],
                row[4],
                row[5],
                row[6],
                timetable.get(row[0], ""),
            )
            for row in cursor.fetchall()
        }
    for kind in outbox.kinds_of_work() - found.keys():
        found[kind] = Job(kind, None, None, 0, 0, 0, 0, timetable.get(kind, ""))
    return [found[kind] for kind in sorted(found)]


@operators_only
def tenants_page(request: Any) -> HttpResponse:
    with connections["platform"].cursor() as cursor:
        cursor.execute(TENANTS)
        columns = [column.name for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return render(request, "backoffice/operator_tenants.html", {"tenants": rows, "states": Tenant.State.choices, "section": "tenants"})


@operators_only
def jobs_page(request: Any) -> HttpResponse:
    with all_tenants():
        failed = list(Work.objects.using("platform").filter(state=Work.State.DEAD).select_related("tenant").order_by("-started_at")[:100])
        clockwork = Clockwork.objects.using("platform").first()
    late = clockwork is None or (timezone.now() - clockwork.ticked_at).total_seconds() > 300
    context = {"jobs": jobs(), "failed": failed, "clockwork": clockwork, "late": late, "section": "jobs"}
    return render(request, "backoffice/operator_jobs.html", context)


@operators_only
@require_POST
def retry(request: Any, tenant: int, work_id: int) -> HttpResponse:
    with acting_for(get_object_or_404(Tenant, pk=tenant)):
        outbox.retry(get_object_or_404(Work, pk=work_id, state=Work.State.DEAD))
    return redirect("operator-jobs")


@operators_only
@require_POST
def set_tenant_state(request: Any, tenant: int) -> HttpResponse:
    state = request.POST.get("state", "")
    if state not in Tenant.State.values:
        raise Http404
    changed = get_object_or_404(Tenant, pk=tenant)
    changed.state = state
    changed.save(update_fields=["state"])
    return redirect("operator-tenants")
