from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ltc.workflow.diagrams import page


class Command(BaseCommand):
    help = "Draw the state machines into docs/states.md."

    def handle(self, *args: Any, **options: Any) -> None:
        target = settings.BASE_DIR / "docs" / "states.md"
        target.write_text(page(), encoding="utf-8")
        self.stdout.write(str(target.relative_to(settings.BASE_DIR)))
