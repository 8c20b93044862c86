"""How long the nightly sweep of the pool takes, and its dry run; carried out for real and taken back."""

import time
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.world import Side
from leads.models import Lead
from leads.sweeping import KINDS, Sweeper, sweep_span
from ltc.tenancy.context import acting_for


class TakenBack(Exception):
    """The measurement leaves nothing behind."""


def sweep(side: Side) -> list[str]:
    """Lines for the report: the dry run and the real run over all leads of the large tenant, a month from now."""
    said: list[str] = []
    on = timezone.localdate() + timedelta(days=30)
    try:
        with acting_for(side.tenant):
            held = Lead.objects.filter(owner__isnull=False).count()
            started = time.perf_counter()
            forecast = Sweeper(on).forecast(first=0)
            dry = time.perf_counter() - started
            started, back, most = time.perf_counter(), 0, 0
            for kind in KINDS:
                for after, upto in list(Sweeper(on).spans(kind)):
                    with CaptureQueriesContext(connection) as captured:
                        back += sweep_span(kind, after, upto, on=on, at=timezone.now())[0]
                    most = max(most, len(captured))
            real = time.perf_counter() - started
            foretold = sum(forecast.reclaimed.values())
            said = [
                f"Pool sweep, dry run: {dry:.1f} s for {Lead.objects.count():,} leads, {held:,} of them owned; {foretold:,} would go back.",
                f"Pool sweep: {real:.1f} s; {back:,} went back; at most {most} queries for a thousand records.",
            ]
            raise TakenBack
    except TakenBack:
        return said
