from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.models import Membership
from ltc.users.visibility import Visible


class CustomField(Visible, TenantRecord):
    """An attribute that a tenant has added to a kind of record. Its values stand in the record's `attributes`, by code."""

    permission_area = "attributes"

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        CHOICE = "choice", _("Choice")
        FLAG = "flag", _("Yes or no")
        DATE = "date", _("Date")

    entity = models.CharField(_("of"), max_length=60, default="leads.lead", editable=False)
    code = models.CharField(
        _("code"),
        max_length=60,
        validators=[RegexValidator(r"^[^\W_][\w-]*$", _("Use letters, digits, - and _, beginning with a letter or digit."))],
    )
    label = models.CharField(_("label"), max_length=120)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind, default=Kind.TEXT)
    options = models.JSONField(_("options"), default=list, blank=True)
    is_feature = models.BooleanField(
        _("used to learn from"), default=False, help_text=_("The learned score may look at it from the next training on.")
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ("label", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "entity", "code"],
                name="custom_field_code_is_unique",
                violation_error_message=_("There is an attribute with this code."),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class SavedView(Visible, TenantRecord):
    """A list as somebody likes to see it: filters, search, order and columns under a name; shared ones are everyone's."""

    permission_area = "views"

    name = models.CharField(_("name"), max_length=60)
    place = models.CharField(max_length=60, editable=False)
    query = models.CharField(max_length=2000, blank=True, editable=False)
    owner = TenantForeignKey(Membership, models.CASCADE, related_name="+", editable=False)
    shared = models.BooleanField(_("for everyone"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "owner", "place", "name"], name="saved_view_name_is_unique"),
        ]
        indexes = [models.Index(fields=["tenant", "place", "name"], name="saved_views_of_a_list")]

    def __str__(self) -> str:
        return self.name
