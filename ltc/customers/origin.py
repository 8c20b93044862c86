"""How somebody met our marketing first and last: kept on the lead, and carried along to customer, opportunity and order."""

from collections.abc import Mapping
from typing import Any

from django.db import models

Touch = Mapping[str, Any]
Ends = dict[str, dict[str, Any]]


class Originated(models.Model):
    """A record that knows the first and the last touch that led to it.

    `touch_ends` is {"first": touch, "last": touch}, empty if nothing is known; a touch is {channel (its code), channel_name, campaign,
    kind, occurred_at, utm}. A lead's follow its touches; a deal and an order keep how it stood when they were made; a customer has
    the earliest and the latest of all its leads.
    """

    touch_ends = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True


def combined(one: Mapping[str, Any], other: Mapping[str, Any]) -> Ends:
    """The earlier first and the later last touch of two records that turned out to be one."""
    known = [dict(ends) for ends in (one, other) if ends]
    if not known:
        return {}
    return {
        "first": min((ends["first"] for ends in known), key=_moment),
        "last": max((ends["last"] for ends in known), key=_moment),
    }


def in_words(ends: Mapping[str, Any], which: str) -> str:
    """A touch as a cell shows it: the channel, the campaign if there was one, else what the address said of the source."""
    touch = ends.get(which) or {}
    more = touch.get("campaign") or (touch.get("utm") or {}).get("source") or ""
    return " · ".join(filter(None, [touch.get("channel_name") or touch.get("channel") or "", more]))


def _moment(touch: Touch) -> str:
    return str(touch["occurred_at"])
