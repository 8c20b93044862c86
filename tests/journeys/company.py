"""A company of a journey, as a program reaches it: REST with a key, and the clock that a test may move."""

import datetime
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.faults.site import Site

PASSWORD = "correct-horse-battery"


@dataclass
class Company:
    """`call` is one request; `act` takes a transition and gives the record as it is then."""

    site: Site
    code: str
    secret: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.site.web_port}"

    @property
    def id(self) -> int:
        return self.site.number("SELECT id FROM tenancy_tenant WHERE code = %s", (self.code,))

    def call(self, method: str, path: str, body: Any = None, expected: int = 200, **headers: str) -> Any:
        request = urllib.request.Request(
            f"{self.address}/api/v1/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.secret}",
                "Content-Type": "application/json",
                **({"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}),
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                status, said = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, said = error.code, error.read()
        assert status == expected, f"{method} {path}: {status} {said.decode(errors='replace')[:1500]}"
        return json.loads(said) if said else None

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def all(self, path: str) -> list[Any]:
        return list(self.get(path)["data"])

    def make(self, path: str, **values: Any) -> Any:
        return self.call("POST", path, values, expected=201)

    def change(self, path: str, **values: Any) -> Any:
        return self.call("PATCH", path, values)

    def act(self, kind: str, record: Any, name: str, /, **inputs: Any) -> Any:
        path = f"{kind}/{record['id']}"
        return self.call("POST", f"{path}/actions/{name}", inputs, If_Match=f'"v{self.get(path)["version"]}"')

    def offers(self, kind: str, record: Any) -> set[str]:
        """The names of what may be done with a record now."""
        return {offer["name"] for offer in self.all(f"{kind}/{record['id']}/actions") if offer["allowed"]}

    def eventually(self, holds: Callable[[], Any], seconds: float = 60) -> Any:
        """What the worker brings about in its own time."""
        found: list[Any] = []

        def seen() -> bool:
            found[:] = [holds()]
            return bool(found[0])

        assert self.site.wait_for(seen, seconds, each=0.5) is not None, self.site.logs()
        return found[0]

    def let_reminders_go_out_any_time(self) -> None:
        """The hours and days on which this test runs are not to decide."""
        statement = "UPDATE collections_dunningpolicy SET windows = '[]', business_days_only = false WHERE tenant_id = %s"
        self.site.rows(statement, (self.id,))

    def let_nobody_be_reminded_today(self) -> None:
        """The planner leaves this day out, so that what a person sends is all that goes out."""
        statement = "UPDATE collections_dunningpolicy SET blackouts = %s WHERE tenant_id = %s"
        today = datetime.date.today()
        days = [(today + datetime.timedelta(days=shift)).isoformat() for shift in (-1, 0)]
        self.site.rows(statement, (json.dumps([[days[0], days[1]]]), self.id))

    def let_days_pass(self, invoice: Any, days: int) -> None:
        """What was agreed for today was agreed for so many days ago; and the clock is asked for its jobs once more."""
        statement = "UPDATE collections_receivableitem SET due_date = due_date - %s WHERE tenant_id = %s AND invoice_id = %s"
        self.site.rows(statement, (days, self.id, invoice["id"]))
        self.ask_the_clock_again()

    def ask_the_clock_again(self) -> None:
        """The jobs of the last two hours are wanted once more, as if nobody had been there to do them."""
        self.site.rows("DELETE FROM events_work WHERE tenant_id = %s AND kind LIKE 'collections.%%reminders'", (self.id,))
        self.site.rows("UPDATE events_clockwork SET ticked_at = now() - interval '2 hours'")
