"""Carriers of the leads' own transitions, and what a new tenant starts with, register on import."""

from leads import distribution, merging, seeds

__all__ = ["distribution", "merging", "seeds"]
