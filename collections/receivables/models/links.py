from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ltc.tenancy.fields import TenantForeignKey
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.models import StatefulModel
from receivables.models.invoices import Invoice

LINK_SALT: Final = "collections.invoice-link"
LINK_AGE: Final = timedelta(days=30)


class InvoiceLink(StatefulModel):
    """An address under which a customer sees one invoice, what is open of it and its PDF, until it expires or is revoked.

    The address is signed and names a generation: after a revocation a renewed link has another address, and the old one stays shut.
    """

    permission_area = "receivables"
    visible_through = "customer__"

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("link", "Open")
        REVOKED = "revoked", _("Revoked")

    invoice = TenantForeignKey(Invoice, models.PROTECT, related_name="links", verbose_name=_("Invoice"))
    customer = TenantForeignKey("customers.Customer", models.PROTECT, related_name="invoice_links", verbose_name=_("Customer"))
    recipient = models.CharField(_("Sent to"), max_length=254, blank=True)
    language = models.CharField(_("Language"), max_length=10)
    message = models.CharField(_("Message"), max_length=2000, blank=True)
    state = StateField(_("State"), choices=State, default=State.ACTIVE)
    generation = models.PositiveSmallIntegerField(default=1, editable=False)
    expires_at = models.DateTimeField(_("Expires"))
    mailed_at = models.DateTimeField(_("Sent"), null=True, blank=True, editable=False)
    viewed_at = models.DateTimeField(_("First viewed"), null=True, blank=True, editable=False)
    last_viewed_at = models.DateTimeField(_("Last viewed"), null=True, blank=True, editable=False)
    views = models.PositiveIntegerField(_("Views"), default=0, editable=False)

    class Meta:
        verbose_name = _("Customer link")
        verbose_name_plural = _("Customer links")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["tenant", "-created_at", "-id"], name="invoice_links_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(viewed_at__isnull=True, views=0) | Q(viewed_at__isnull=False, views__gt=0),
                name="a_viewed_link_counts_its_views",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} → {self.recipient or self.customer}"

    @transition(
        state, source=State.ACTIVE, target=State.REVOKED, permission="receivables.send", label=_("Revoke"), icon="ban", danger=True,
        confirm=_("The address stops working at once."),
    )  # fmt: skip
    def revoke(self) -> None:
        """The address opens nothing any more."""
        self.generation += 1

    @transition(
        state, source=[State.ACTIVE, State.REVOKED], target=State.ACTIVE, permission="receivables.send", label=_("Renew"),
        icon="refresh-cw", primary=True,
    )  # fmt: skip
    def renew(self, *, at: datetime) -> None:
        """It is open for another thirty days; one that was revoked gets a new address."""
        self.expires_at = at + LINK_AGE

    @property
    def is_open(self) -> bool:
        return self.state == self.State.ACTIVE and self.expires_at > timezone.now()

    @property
    def token(self) -> str:
        """What names this link and nothing else, signed."""
        return signing.dumps([self.tenant_id, str(self.pk), self.generation], salt=LINK_SALT)

    @property
    def url(self) -> str:
        """The address for the customer; empty if it would open nothing."""
        return f"{settings.PUBLIC_URL}/portal/invoice/{self.token}/" if self.is_open else ""
