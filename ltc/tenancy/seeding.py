"""What a new tenant starts with. Each app registers its part; `create_tenant` runs them all, in the order of the layers."""

from collections.abc import Callable

from ltc.tenancy.models import Tenant

Seed = Callable[[Tenant], None]
_seeds: list[Seed] = []


def starts_with(seed: Seed) -> Seed:
    """Register a function that gives the active tenant its defaults. It must be safe to run again."""
    _seeds.append(seed)
    return seed


def seed_tenant(tenant: Tenant) -> None:
    """Give the active tenant everything that a new one starts with."""
    for seed in _seeds:
        seed(tenant)
