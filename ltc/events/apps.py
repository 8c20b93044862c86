from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    name = "ltc.events"
    label = "events"

    def ready(self) -> None:
        """Fill the registries: what a tenant starts with and may choose, subscribers, work, schedules, metrics. Models are loaded."""
        autodiscover_modules("seeds", "options", "tasks", "handlers", "metrics")
