"""The product's relay, ringing again after two seconds instead of twenty, so that a short test sees it do so."""

from datetime import timedelta

import django

django.setup()


import ltc.celery  # noqa: E402, F401  (the application that the bells are rung through)
from ltc.events import relay  # noqa: E402

if __name__ == "__main__":
    relay.NUDGE_AGAIN = timedelta(seconds=2)
    relay.Relay().run()
