from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.visibility import Visible


def weekend() -> list[int]:
    """Saturday and Sunday as ISO weekdays."""
    return [6, 7]


def validate_weekdays(days: list[int]) -> None:
    """Refuse what is no set of ISO weekdays, or leaves no day to work on."""
    if len(set(days)) != len(days) or not set(days) < set(range(1, 8)):
        raise ValidationError(_("Name weekdays by 1 (Monday) to 7 (Sunday), each once, and leave one to work on."))


class BusinessCalendar(Visible, TenantRecord):
    """The days and hours on which a tenant works, by default or in one country."""

    permission_area = "settings"
    own_fields = ()

    name = models.CharField(_("Name"), max_length=80)
    country = models.CharField(_("Country"), max_length=2, blank=True)
    is_default = models.BooleanField(_("Default"), default=False)
    weekend = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("Weekend"), default=weekend, validators=[validate_weekdays], blank=True
    )
    work_start = models.TimeField(_("Work starts"), default=time(9))
    work_end = models.TimeField(_("Work ends"), default=time(18))

    class Meta:
        ordering = ["-is_default", "name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="business_calendar_name_is_unique"),
            models.UniqueConstraint(fields=["tenant"], condition=Q(is_default=True), name="one_default_business_calendar"),
            models.UniqueConstraint(fields=["tenant", "country"], condition=~Q(country=""), name="one_business_calendar_per_country"),
            models.CheckConstraint(condition=Q(work_start__lt=F("work_end")), name="work_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return self.name


class CalendarDay(Visible, TenantRecord):
    """A day that differs from its weekday: a holiday, or a weekend day that is worked in exchange for one."""

    permission_area = "settings"
    own_fields = ()

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Holiday")
        WORKDAY = "workday", _("Make-up workday")

    calendar = TenantForeignKey(BusinessCalendar, models.CASCADE, related_name="days", verbose_name=_("Calendar"))
    date = models.DateField(_("Date"))
    kind = models.CharField(_("Kind"), max_length=7, choices=Kind)
    name = models.CharField(_("Name"), max_length=80, blank=True)

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["tenant", "calendar", "date"], name="a_calendar_has_each_day_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.name or self.kind}"
