"""Mail as files, one for each letter, so that letters can be counted."""

import os
from typing import Any

from django.core.mail.backends import filebased


class EmailBackend(filebased.EmailBackend):
    """Writes where MAILBOX says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, file_path=os.environ["MAILBOX"], **kwargs)
