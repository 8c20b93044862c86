from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ltc.analytics.reference import page


class Command(BaseCommand):
    help = "Write docs/metrics.md from the registered metrics."

    def handle(self, *args: Any, **options: Any) -> None:
        target = settings.BASE_DIR / "docs" / "metrics.md"
        target.write_text(page(), encoding="utf-8")
        self.stdout.write(str(target.relative_to(settings.BASE_DIR)))
