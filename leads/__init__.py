"""Leads: who may want to buy, where they came from, and how sure we are."""
