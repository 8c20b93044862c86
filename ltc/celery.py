"""The Celery application. Tasks live in the `tasks` module of the app whose work they do."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ltc.settings")

app = Celery("ltc", task_cls="ltc.tenancy.tasks:TenantTask")
app.config_from_object(settings.CELERY)
app.autodiscover_tasks()
