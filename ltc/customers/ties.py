"""What keeps a customer with its owner: each stage tells which customers it has something open with."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

Tie = Callable[[Sequence[Any]], Iterable[Any]]
_ties: list[Tie] = []


def ties(tie: Tie) -> Tie:
    """Register a function that says which of these customers (ids) a stage has something open with; one query."""
    _ties.append(tie)
    return tie


def kept_among(customers: Iterable[Any]) -> frozenset[Any]:
    """Those of these customers (ids) with something open: an opportunity, an order, a receivable. One query for each stage."""
    asked = list(customers)
    return frozenset(customer for tie in _ties for customer in tie(asked)) if asked else frozenset()
