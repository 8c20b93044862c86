import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ltc.settings")

application = get_wsgi_application()

import ltc.celery  # noqa: E402, F401  (after Django: its settings hold the broker's address)
