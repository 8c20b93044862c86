from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    name = "ltc.events"
    label = "events"

    def ready(self) -> None:
        """Fill the registries: what a tenant starts with, subscribers, work, schedules, metrics. All models are loaded by now."""
        autodiscover_modules("seeds", "tasks", "handlers", "metrics")
