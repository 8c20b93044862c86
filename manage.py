#!/usr/bin/env python
"""Django's command line. Commands that change the schema connect as the schema's owner, all others as the application."""

import os
import sys
from pathlib import Path

OWNER_COMMANDS = {"migrate", "sqlmigrate", "showmigrations", "makemigrations", "dbshell"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ltc.settings")
    sys.path.append(str(Path(__file__).resolve().parent / "collections"))  # the second import root, which holds `receivables`
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ.setdefault("LTC_DATABASE_ROLE", "owner")
    from django.core.management import execute_from_command_line

    import ltc.celery  # noqa: F401  (the Celery application must exist before a task module is imported)

    execute_from_command_line(sys.argv)
