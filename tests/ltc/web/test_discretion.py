import logging
import runpy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.utils.module_loading import import_string
from gunicorn.config import Config

from ltc.web.discretion import discreet

TOKEN = signing.dumps([1, "01a2b3c4-0000-7000-8000-000000000000", 1], salt="x")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"/portal/{TOKEN}/", "/portal/***/"),
        (f"/portal/invoice/{TOKEN}/pdf/", "/portal/invoice/***/pdf/"),
        (f"/portal/till/{TOKEN}/?x=1", "/portal/till/***/?x=1"),
        (f"/u/north/{TOKEN[:32]}/", "/u/north/***/"),
        (f"/f/north/{TOKEN[:32]}/{TOKEN[:32]}/", f"/f/north/{TOKEN[:32]}/***/"),
        (f"/invitations/{TOKEN}/", "/invitations/***/"),
        ("/accounts/password/reset/key/1-cabcdefghijklmn/", "/accounts/password/reset/key/***/"),
        ("/t/north/leads/01a2b3c4-0000-7000-8000-000000000000/", "/t/north/leads/01a2b3c4-0000-7000-8000-000000000000/"),
        ("/api/v1/invoice-links/", "/api/v1/invoice-links/"),
    ],
)
def test_an_address_that_opens_something_stands_in_no_log(address: str, shown: str) -> None:
    assert discreet(f'"GET {address} HTTP/1.1" 200') == f'"GET {shown} HTTP/1.1" 200'


def test_a_refused_request_is_logged_without_its_token() -> None:
    formatters: Any = settings.LOGGING["formatters"]
    described = formatters["plain"]
    formatter = import_string(described["class"])(described["format"], style=described["style"])
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, "%s: %s", ("Gone", f"/portal/{TOKEN}/"), None)
    assert formatter.format(record).endswith("WARNING django.request Gone: /portal/***/")


def test_the_web_servers_own_log_is_as_discreet() -> None:
    known = runpy.run_path(str(Path(settings.BASE_DIR) / "deploy" / "gunicorn.py"))
    logger = known["logger_class"](Config())
    response = type("Response", (), {"status": "200 OK", "headers": [], "sent": 1})()
    environ = {
        "REQUEST_METHOD": "GET", "RAW_URI": f"/portal/{TOKEN}/", "SERVER_PROTOCOL": "HTTP/1.1", "PATH_INFO": f"/portal/{TOKEN}/",
        "HTTP_REFERER": f"https://ltc.example/portal/invoice/{TOKEN}/",
    }  # fmt: skip
    atoms = logger.atoms(response, type("Request", (), {"headers": []})(), environ, timedelta(0))
    assert TOKEN not in f"{atoms['r']} {atoms['U']} {atoms['f']}" and atoms["r"] == "GET /portal/***/ HTTP/1.1"
