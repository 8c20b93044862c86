"""Carriers of the leads' own transitions register on import; news of activities arrives here."""

from leads import distribution, merging

__all__ = ["distribution", "merging"]
