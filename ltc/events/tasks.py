from celery import shared_task
from django.utils import timezone

from ltc.events import outbox, schedule


@shared_task(scope="platform", ignore_result=True)
def run_work(tenant: int, work_id: int) -> None:
    """Carry out one work row. Ids only: the row knows the rest."""
    outbox.run(tenant, work_id)


@shared_task(scope="platform", ignore_result=True)
def tick() -> None:
    """Write what the clock asks for."""
    schedule.tick(timezone.now())
