"""A made-up past of a company with so many leads, line by line, for the history import: the same seed gives the same file."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FIRST_DAY = datetime(2024, 1, 1, 9, tzinfo=UTC)
DAYS, PEOPLE, BOUGHT = 700, 20, 0.05
KINDS = ("web", "sem", "exhibition", "referral", "partner", "outbound")
STAGES = ("solution", "bidding", "negotiation", "signing")


def lines_of(leads: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Leads that are assigned, worked on, and disqualified, qualified or bought; a twentieth has an opportunity."""
    chance = random.Random(seed)
    yield {"object": "team", "ref": "T", "name": "Sales"}
    for number in range(PEOPLE):
        person = {"object": "user", "ref": f"U{number}", "email": f"past{seed}-{number}@example.com", "name": f"Person {number}"}
        yield {**person, "role": "rep", "team": "T"}
    for kind in KINDS:
        yield {"object": "channel", "ref": kind, "name": kind.title(), "kind": kind}
    for number in range(leads):
        at = FIRST_DAY + timedelta(days=chance.random() * DAYS)
        ref, owner = f"L{number}", f"U{chance.randrange(PEOPLE)}"
        yield {
            "object": "lead", "ref": ref, "at": at.isoformat(), "channel": chance.choice(KINDS), "company_name": f"Company {number}",
            "contact_name": f"Person {number}", "email": f"{ref.lower()}@example.com", "owner": owner,
        }  # fmt: skip
        yield {"object": "lead_state", "lead": ref, "at": (at + timedelta(hours=2)).isoformat(), "to": "assigned"}
        yield {"object": "lead_state", "lead": ref, "at": (at + timedelta(hours=5)).isoformat(), "to": "working"}
        end = at + timedelta(days=3)
        if chance.random() < BOUGHT:
            yield from _deal(number, ref, owner, end, chance)
        elif chance.random() < 0.5:
            yield {"object": "lead_state", "lead": ref, "at": end.isoformat(), "to": "disqualified", "reason": "no-need"}


def _deal(number: int, lead: str, owner: str, at: datetime, chance: random.Random) -> Iterator[dict[str, Any]]:
    yield {"object": "lead_state", "lead": lead, "at": at.isoformat(), "to": "converted", "opportunity": f"O{number}"}
    yield {"object": "customer", "ref": f"C{number}", "name": f"Company {number}", "at": at.isoformat()}
    yield {
        "object": "opportunity", "ref": f"O{number}", "at": at.isoformat(), "customer": f"C{number}", "lead": lead, "owner": owner,
        "amount": f"{chance.randrange(1, 500) * 1000}.00", "expected_close": (at + timedelta(days=60)).date().isoformat(),
    }  # fmt: skip
    for step, stage in enumerate(STAGES, start=1):
        yield {"object": "opportunity_stage", "opportunity": f"O{number}", "at": (at + timedelta(days=step)).isoformat(), "stage": stage}
    end = {"object": "opportunity_status", "opportunity": f"O{number}", "at": (at + timedelta(days=9)).isoformat()}
    yield {**end, "to": "won"} if chance.random() < 0.4 else {**end, "to": "lost", "reason": "price"}


def write(path: Path, leads: int) -> int:
    """Write the file; how many lines it has."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for line in lines_of(leads):
            file.write(json.dumps(line) + "\n")
            count += 1
    return count
