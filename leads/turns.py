"""Whose turn it is: who can take twice as much comes up twice as often, evenly spread. Pure."""

from collections.abc import Mapping


def next_turn(weights: Mapping[str, int], standing: Mapping[str, int]) -> tuple[str | None, dict[str, int]]:
    """Who is next among those with a weight, and the standing to remember until the next time.

    Smooth weighted round robin: everybody gains their weight, the one who stands highest is chosen and pays the total. Equal ones take
    turns by name. Who is left out this time keeps what they had gained; without anybody to choose from nothing changes.
    """
    able = {name: weight for name, weight in weights.items() if weight > 0}
    if not able:
        return None, dict(standing)
    gained = {**standing, **{name: standing.get(name, 0) + weight for name, weight in able.items()}}
    chosen = max(sorted(able), key=lambda name: gained[name])
    gained[chosen] -= sum(able.values())
    return chosen, gained
