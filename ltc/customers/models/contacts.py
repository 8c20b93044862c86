from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.customers.contact_points import NotAnEmailAddress, NotAPhoneNumber, normalise_email, normalise_phone
from ltc.customers.models.customers import Customer
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.visibility import Visible


class OfCustomer(Visible, TenantRecord):
    """What belongs to a customer and is seen by whoever sees the customer."""

    permission_area = "customers"
    visible_through = "customer__"

    class Meta:
        abstract = True

    @classmethod
    def in_pool_of(cls, actor: Any, prefix: str = "") -> Q:
        """Nobody reads the contact data of a customer in the pool before they have claimed it."""
        return Q(pk__in=[])

    def _is_pooled(self, bearer: Any, actor: Any) -> bool:
        return False

    @classmethod
    def shared_with(cls, actor: Any, prefix: str = "") -> Q | None:
        """What belongs to customers that the actor works on beside their owner."""
        return Customer.shared_with(actor, prefix)

    def clean(self) -> None:
        """A telephone number is stored as E.164."""
        phone: Any = getattr(self, "phone", "")
        if phone:
            try:
                self.phone = normalise_phone(phone, country=self.customer.country or "CN")  # type: ignore[attr-defined]
            except NotAPhoneNumber as refusal:
                raise ValidationError({"phone": ValidationError(refusal.message, code=refusal.code)}) from refusal


class Contact(OfCustomer):
    """A person at a customer."""

    class Seniority(models.TextChoices):
        DECISION_MAKER = "decision_maker", _("Decision maker")
        MANAGER = "manager", _("Manager")
        ENGINEER = "engineer", _("Engineer")
        OTHER = "other", _("Other")

    class Consent(models.TextChoices):
        UNKNOWN = "unknown", _("Unknown")
        GIVEN = "given", _("Consented")
        WITHDRAWN = "withdrawn", _("Consent withdrawn")

    class EmailStatus(models.TextChoices):
        OK = "ok", _("Reachable")
        SOFT_BOUNCE = "soft_bounce", _("Not reachable for now")
        HARD_BOUNCE = "hard_bounce", _("Does not exist")

    customer = TenantForeignKey(Customer, models.PROTECT, related_name="contacts", verbose_name=_("Customer"))
    name = models.CharField(_("Name"), max_length=120)
    title = models.CharField(_("Job title"), max_length=120, blank=True)
    seniority = models.CharField(_("Seniority"), max_length=14, choices=Seniority, default=Seniority.OTHER)
    phone = models.CharField(_("Phone"), max_length=30, blank=True)
    email = models.CharField(_("E-mail"), max_length=254, blank=True)
    is_billing = models.BooleanField(_("Gets invoices"), default=False)
    is_dunning = models.BooleanField(_("Gets reminders"), default=False)
    language = models.CharField(_("Language"), max_length=10, blank=True)
    consent_marketing = models.CharField(_("Marketing consent"), max_length=9, choices=Consent, default=Consent.UNKNOWN)
    consent_at = models.DateTimeField(_("Consent changed"), null=True, blank=True)
    email_status = models.CharField(_("E-mail works"), max_length=11, choices=EmailStatus, default=EmailStatus.OK)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["tenant", "phone"], condition=~Q(phone=""), name="contacts_by_phone"),
            models.Index(fields=["tenant", "email"], condition=~Q(email=""), name="contacts_by_email"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(phone="") | Q(phone__startswith="+"), name="contact_phone_is_international"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Phone and e-mail are stored in one form, so that the same person is found again."""
        super().clean()
        if self.email:
            try:
                self.email = normalise_email(self.email)
            except NotAnEmailAddress as refusal:
                raise ValidationError({"email": ValidationError(refusal.message, code=refusal.code)}) from refusal


class CustomerAddress(OfCustomer):
    """Where a customer is billed, gets its goods, or has its plant."""

    class Kind(models.TextChoices):
        BILL = "bill", _("Billing address")
        SHIP = "ship", _("Shipping address")
        SITE = "site", _("Site")

    customer = TenantForeignKey(Customer, models.PROTECT, related_name="addresses", verbose_name=_("Customer"))
    kind = models.CharField(_("Kind"), max_length=4, choices=Kind)
    lines = models.TextField(_("Address"), max_length=500)
    region = models.CharField(_("Region"), max_length=80, blank=True)
    receiver = models.CharField(_("Receiver"), max_length=120, blank=True)
    phone = models.CharField(_("Phone"), max_length=30, blank=True)

    class Meta:
        ordering = ["kind", "id"]
        verbose_name_plural = "customer addresses"

    def __str__(self) -> str:
        return self.lines.replace("\n", ", ")
