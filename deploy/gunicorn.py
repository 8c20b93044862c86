"""gunicorn's settings, the same for `./dev demo`, Procfile and containers. WEB_CONCURRENCY sets the number of processes."""

import os
from typing import Any

from gunicorn.glogging import Logger

from ltc.web.discretion import discreet


class Discreet(Logger):
    """The log of requests, without the addresses that open something by themselves."""

    def atoms(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        known = super().atoms(*args, **kwargs)
        return known | {name: discreet(str(known[name])) for name in ("r", "U", "f")}


worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
timeout = 30
graceful_timeout = 30
keepalive = 5
max_requests = 2000
max_requests_jitter = 200
limit_request_line = 8190
limit_request_field_size = 8190
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
accesslog = "-"
logger_class = Discreet
control_socket_disable = True  # it would want a home directory, and nobody drives it
if os.access("/dev/shm", os.W_OK):  # noqa: S108  a worker's heartbeat must not wait for a disk
    worker_tmp_dir = "/dev/shm"  # noqa: S108
