"""The words that a lead is described with."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LeadState(models.TextChoices):
    NEW = "new", _("New")
    ASSIGNED = "assigned", _("Assigned")
    WORKING = "working", _("Working")
    NURTURING = "nurturing", _("Nurturing")
    QUALIFIED = "qualified", _("Qualified")
    CONVERTED = "converted", _("Converted")
    DISQUALIFIED = "disqualified", _("Disqualified")
    MERGED = "merged", _("Merged")

    @classmethod
    def open(cls) -> tuple["LeadState", ...]:
        """The states in which somebody still has something to do."""
        return (cls.NEW, cls.ASSIGNED, cls.WORKING, cls.NURTURING, cls.QUALIFIED)


class Grade(models.TextChoices):
    A = "A", "A"
    B = "B", "B"
    C = "C", "C"
    D = "D", "D"


class ScoreMode(models.TextChoices):
    RULES = "rules", _("Rules")
    SHADOW = "shadow", _("Rules, with a model on trial")
    MODEL = "model", _("Model")


class IndustryMatch(models.TextChoices):
    TARGET = "target", _("Target industry")
    ADJACENT = "adjacent", _("Related industry")
    OTHER = "other", _("Other industry")
    UNKNOWN = "unknown", _("Unknown")


class Seniority(models.TextChoices):
    DECISION_MAKER = "decision_maker", _("Decision maker")
    MANAGER = "manager", pgettext_lazy("seniority", "Manager")
    ENGINEER = "engineer", _("Engineer")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", _("Unknown")


class Budget(models.TextChoices):
    APPROVED = "approved", _("Approved")
    PLANNED = "planned", _("Planned")
    NONE = "none", _("None")
    UNKNOWN = "unknown", _("Unknown")


class Authority(models.TextChoices):
    DECISION_MAKER = "decision_maker", _("Decides")
    INFLUENCER = "influencer", _("Has a say")
    NONE = "none", _("Has no say")
    UNKNOWN = "unknown", _("Unknown")


class NeedLevel(models.TextChoices):
    CLEAR = "clear", _("Clear")
    VAGUE = "vague", _("Vague")
    NONE = "none", _("None")
    UNKNOWN = "unknown", _("Unknown")


class Timeline(models.TextChoices):
    WITHIN_3_MONTHS = "le3m", _("Within 3 months")
    IN_4_TO_6 = "m4_6", _("In 4 to 6 months")
    IN_7_TO_12 = "m7_12", _("In 7 to 12 months")
    LATER = "gt12m", _("Later than in a year")
    UNKNOWN = "unknown", _("Unknown")


class ContactKind(models.TextChoices):
    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    MEETING = "meeting", _("Meeting")
    EMAIL = "email", _("E-mail")
    WECOM = "wecom", _("WeCom")
