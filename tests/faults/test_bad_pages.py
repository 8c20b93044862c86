"""F19: what nobody should type, in every form, list and import page. It is refused with a sentence, never with a server error."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from leads.forms import UploadForm
from leads.models import Lead
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.web.inputs import form_for
from ltc.web.lists import RecordListView
from ltc.workflow.declare import transitions_of
from tests import make
from tests.contracts.routes import Route, workspace_routes
from tests.contracts.rows import SCOPED, make_row
from tests.faults.outcome import Outcome
from tests.pages import Browser

BAD = {
    "nothing": "",
    "blanks": "   \t ",
    "a null byte": "a\x00b",
    "an unpaired surrogate": "\ud800",
    "very long": "x" * 20_000,
    "markup": "<script>alert(1)</script>",
    "sql": "'; DROP TABLE leads_lead; --",
    "a formula": '=HYPERLINK("http://x")',
    "an emoji": "🧨",
    "right to left": "\u202eabc",
    "not a number": "NaN",
    "infinity": "Infinity",
    "a huge exponent": "1e400",
    "a huge number": "9" * 400,
    "a tiny part": "0." + "0" * 300 + "1",
    "negative": "-1",
    "hexadecimal": "0x10",
    "arabic digits": "١٢٣",
    "no date": "2026-02-30",
    "the year 10000": "10000-01-01",
    "the year zero": "0000-00-00",
    "no id": "not-a-uuid",
    "an id of nothing": "00000000-0000-0000-0000-000000000007",
    "a list": '["a"]',
    "a path": "../../etc/passwd",
    "a template": "{{ settings.SECRET_KEY }}{% now %}%(x)s%s{0}",
}
FORMS = [route for route in workspace_routes() if route.is_form or route.name.startswith("settings-")]
LISTS = [route for route in workspace_routes() if route.view_class and issubclass(route.view_class, RecordListView)]
NAMES = (
    "name",
    "email",
    "role",
    "team",
    "code",
    "time_zone",
    "currency",
    "day",
    "date",
    "days",
    "access",
    "body",
    "id",
    "action",
    "version",
)


@pytest.fixture
def browsers(tenant: Tenant) -> list[Browser]:
    with acting_for(tenant):
        team = make.team("Sales")
        return [Browser(make.member(role, team=team), raise_request_exception=False) for role in ("mgr", "adm", "fin", "dm")]


def send(act: Any, *args: Any, **values: Any) -> tuple[int, str]:
    """The status, and the answer's text; what a client cannot even encode never arrives."""
    try:
        response = act(*args, **values)
    except UnicodeEncodeError:
        return 400, ""
    return response.status_code, response.content.decode(errors="replace") if not response.streaming else ""


def judge(title: str, tried: int, broken: list[str]) -> None:
    print(*broken[:20], sep="\n")
    Outcome(unexpected=len(broken), note=f"{tried} bad inputs {broken[:5] or ''}".strip()).judge(f"F19 {title}", 0)


def address_of(tenant: Tenant, route: Route) -> str:
    if route.page is None:
        return route.address()
    with acting_for(tenant):
        return route.address(make_row(route.page.model).pk)


@pytest.mark.timeout(600)
def test_no_form_breaks_on_bad_input(tenant: Tenant, browsers: list[Browser]) -> None:
    tried, broken = 0, []
    for route in FORMS:
        address = address_of(tenant, route)
        fields = list(getattr(getattr(route.view_class, "form_class", None), "base_fields", ())) or list(NAMES)
        browser = next((browser for browser in browsers if browser.get(address).status_code == 200), browsers[0])
        for name, bad in BAD.items():
            status, said = send(browser.post, address, **dict.fromkeys(fields, bad))
            tried += 1
            if status >= 500 or "<script>alert(1)" in said:
                broken.append(f"POST {route.name}: {name}: {status}")
    judge("forms", tried, broken)


@pytest.mark.timeout(600)
def test_no_list_breaks_on_bad_parameters(tenant: Tenant, browsers: list[Browser]) -> None:
    tried, broken = 0, []
    for route in LISTS:
        browser = next((browser for browser in browsers if browser.get(route.address()).status_code == 200), browsers[0])
        filters = route.view_class.filterset_class
        names = ["q", "sort", "cursor", "view", "column", *(list(filters.base_filters) if filters else [])]
        for name, bad in BAD.items():
            status, said = send(browser.get, route.address(), **dict.fromkeys(names, bad))
            tried += 1
            if status >= 500 or "<script>alert(1)" in said:
                broken.append(f"GET {route.name}: {name}: {status}")
    judge("lists", tried, broken)


@pytest.mark.parametrize("model", [model for model in SCOPED if transitions_of(model)], ids=lambda model: model._meta.label)
def test_no_dialog_of_a_transition_breaks_on_bad_input(inside: Tenant, model: Any) -> None:
    record, member, tried, broken = make_row(model), make.member("adm"), 0, []
    for name, found in transitions_of(model).items():
        for what, bad in BAD.items():
            tried += 1
            try:
                data = {each.name: bad for each in found.declaration.inputs}
                form = form_for(found.declaration.inputs, record, member, {**data, "rows-TOTAL_FORMS": bad, "rows-INITIAL_FORMS": bad})
                if form.is_valid():
                    form.values()
            except Exception as error:
                broken.append(f"{name}: {what}: {type(error).__name__}: {error}"[:200])
    judge(f"dialogs of {model._meta.label}", tried, broken)


FILES = {
    "empty": b"",
    "only a byte order mark": b"\xef\xbb\xbf",
    "only headings": b"Name,Email\n",
    "a null byte": b"Name,Email\nA\x00B,a@example.com\n",
    "not text": bytes(range(256)) * 20,
    "an image": b"\x89PNG\r\n\x1a\n" + b"\x00" * 200,
    "a broken workbook": b"PK\x03\x04" + b"\x00" * 200,
    "an open quote": b'Name,Email\n"open,a@example.com\n',
    "ragged lines": b"Name,Email\nA\nB,b@example.com,extra,extra\n",
    "a line of a megabyte": b"Name,Email\n" + b"x" * 900_000 + b",a@example.com\n",
    "two thousand columns": ",".join(f"c{n}" for n in range(2000)).encode() + b"\n" + b"," * 1999 + b"\n",
    "the same heading twice": b"Email,Email\na@example.com,b@example.com\n",
    "utf-16": "Name,Email\n李雷,a@example.com\n".encode("utf-16"),
    "gb18030": "姓名,邮箱\n李雷,a@example.com\n".encode("gb18030"),
    "formulas": b"Name,Email\n=cmd|' /C calc'!A0,a@example.com\n",
    "no line ends": b"Name,Email\rA,a@example.com\r",
}


def test_no_import_breaks_on_a_bad_file(tenant: Tenant, browsers: list[Browser]) -> None:
    tried, broken = 0, []
    [upload] = [route for route in workspace_routes() if route.name == "leads:imports"]
    browser, usual = browsers[0], {name: field.initial for name, field in UploadForm.base_fields.items() if field.initial}
    for name, content in FILES.items():
        for file_name in ("leads.csv", "leads.xlsx", "../leads\x00.csv", "x" * 300 + ".csv"):
            tried += 1
            uploaded = SimpleUploadedFile("leads.csv", b"")
            uploaded.file, uploaded.size, uploaded._name = io.BytesIO(content), len(content), file_name
            status, _said = send(browser.post, upload.address(), file=uploaded, **usual)
            if status >= 500:
                broken.append(f"{name} as {file_name[:20]!r}: {status}")
    with acting_for(tenant):
        assert not Lead.objects.exists()
    judge("files", tried, broken)
