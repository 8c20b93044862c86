import signal
from typing import Any

from django.core.management.base import BaseCommand

from ltc.events.relay import Relay


class Command(BaseCommand):
    help = "Tell the workers of pending work, until stopped. Two at once are safe."

    def handle(self, *args: Any, **options: Any) -> None:
        relay = Relay()

        def stop(*_: Any) -> None:
            relay.stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        relay.run()
