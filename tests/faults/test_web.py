"""F4 and F5: web processes that are killed and a broker that refuses or hangs, while programs create leads.

What was acknowledged is there once, and every lead that is there has its work row.
"""

import json
import os
import signal
import statistics
import threading
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from functools import cached_property

import pytest

from tests.faults.outcome import Outcome
from tests.faults.site import Site, kill_and_wait, run, start_servers

WITHOUT_WORK = """
SELECT count(*) FROM leads_lead l WHERE tenant_id = %s AND NOT EXISTS (
    SELECT 1 FROM events_work w WHERE w.tenant_id = l.tenant_id AND w.kind = 'leads.score' AND w.payload->>'lead' = l.id::text)
"""
UNSCORED = "SELECT count(*) FROM leads_lead WHERE tenant_id = %s AND scored_at IS NULL"
CLIENTS = 3


@dataclass
class Client(threading.Thread):
    """Posts leads one after the other with a key of its own; what fails on the way is repeated with the same Idempotency-Key."""

    address: str
    secret: str
    channel: str
    wanted: int
    acknowledged: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        for _number in range(self.wanted):
            email, key, deadline = f"{uuid.uuid4().hex}@example.com", str(uuid.uuid4()), time.monotonic() + 60
            while time.monotonic() < deadline:
                status, said = self.post({"contact_name": "Ms Lin", "email": email, "channel": self.channel}, key)
                if status == 201:
                    self.acknowledged[email] = json.loads(said)["id"]
                    break
                if status:
                    self.refused.append(f"{status} {said[:200]!r}")
                time.sleep(0.2)

    def post(self, body: dict[str, str], key: str) -> tuple[int, bytes]:
        """Status and body; 0 when nobody answered."""
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json", "Idempotency-Key": key}
        request = urllib.request.Request(f"{self.address}/api/v1/leads", data=json.dumps(body).encode(), headers=headers)
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                self.seconds.append(time.monotonic() - began)
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""


@dataclass
class Shop:
    """A tenant with programs that send it leads."""

    site: Site
    id: int
    code: str
    channel: str

    @cached_property
    def secrets(self) -> list[str]:
        """A key for each client, since each key has its own limit of calls."""
        return [run(["manage.py", "create_api_key", self.code], self.site.env).split()[-1] for _ in range(CLIENTS)]

    def clients(self, each: int) -> list[Client]:
        return [Client(f"http://127.0.0.1:{self.site.web_port}", secret, self.channel, each) for secret in self.secrets]


@pytest.fixture
def shop(site: Site) -> Shop:
    site.keep_running("web", 1)
    code = f"shop-{uuid.uuid4().hex[:6]}"
    run(["manage.py", "create_tenant", code, "--name", "Shop", "--time-zone", "Asia/Shanghai", "--currency", "CNY"], site.env)
    site.wait_for_web()
    [(tenant, channel)] = site.rows(
        "SELECT t.id, c.id FROM tenancy_tenant t JOIN leads_channel c ON c.tenant_id = t.id WHERE t.code = %s AND c.active LIMIT 1", (code,)
    )
    return Shop(site, tenant, code, str(channel))


def let_run(clients: list[Client]) -> None:
    for client in clients:
        client.join(180)


def judge(shop: Shop, clients: list[Client], title: str, within: float, note: str, recovered: float | None = 0.0) -> None:
    """Nothing acknowledged is missing, nothing is there twice, and no lead is without its work."""
    rows = dict(shop.site.rows("SELECT email, count(*) FROM leads_lead WHERE tenant_id = %s GROUP BY email", (shop.id,)))
    acknowledged = {email for client in clients for email in client.acknowledged}
    refused = [said for client in clients for said in client.refused]
    orphans = shop.site.number(WITHOUT_WORK, (shop.id,))
    outcome = Outcome(
        lost=len(acknowledged - rows.keys()) + orphans,
        duplicated=sum(count - 1 for count in rows.values()),
        unexpected=len(refused) + sum(client.wanted for client in clients) - len(acknowledged),
        recovered=recovered,
        note=f"{len(rows)} leads, {note} {refused[:3] or ''}".strip(),
    )
    outcome.judge(title, within)


def kill_web_workers(shop: Shop, clients: list[Client], kills: int) -> None:
    """One process that answers requests after the other, while the clients post."""
    for client in clients:
        client.start()
    for _kill in range(kills):
        time.sleep(0.7)
        for pid in shop.site.web_workers()[:1]:
            os.kill(pid, signal.SIGKILL)
        shop.site.revive()
    let_run(clients)


def test_each_lead_has_its_work_though_web_processes_are_killed(shop: Shop) -> None:
    clients = shop.clients(20)
    kill_web_workers(shop, clients, 4)
    judge(shop, clients, "F4 small", 0, "4 web processes killed")


@pytest.mark.faults_full
@pytest.mark.timeout(600)
def test_each_lead_has_its_work_though_forty_web_processes_are_killed(shop: Shop) -> None:
    clients = shop.clients(400)
    kill_web_workers(shop, clients, 40)
    judge(shop, clients, "F4", 0, "40 web processes killed")


def percentile(clients: list[Client]) -> float:
    seconds = sorted(second for client in clients for second in client.seconds)
    return statistics.quantiles(seconds, n=100)[98]


def outage(shop: Shop, title: str, each: int) -> list[float]:
    """The broker refuses, then hangs; the requests go on, and when it is back every job is done. The seconds of 99 % of them."""
    site = shop.site
    site.keep_running("worker", 1)
    site.keep_running("brisk relay", 1)
    pid, slowest, everybody = site.broker_pid(), [], []
    for state in ("refuses", "hangs"):
        if state == "refuses":
            kill_and_wait(pid)
        else:
            start_servers(site.path)
            os.kill(site.broker_pid(), signal.SIGSTOP)
        clients = shop.clients(each)
        for client in clients:
            client.start()
        let_run(clients)
        everybody += clients
        slowest.append(percentile(clients))
    os.kill(site.broker_pid(), signal.SIGCONT)
    recovered = site.wait_for(lambda: site.number(UNSCORED, (shop.id,)) == 0, 90)
    note = f"99 % of the requests within {slowest[0]:.2f} s while it refuses, {slowest[1]:.2f} s while it hangs"
    judge(shop, everybody, title, 90, note, recovered)
    return slowest


def test_requests_go_on_without_a_broker_and_the_work_is_done_afterwards(shop: Shop) -> None:
    outage(shop, "F5 small", 8)


@pytest.mark.faults_full
@pytest.mark.timeout(600)
def test_two_hundred_requests_go_on_without_a_broker(shop: Shop) -> None:
    refusing, hanging = outage(shop, "F5", 34)
    assert (refusing <= 2.5, hanging <= 4.5) == (True, True), (refusing, hanging)
