from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.tenancy.models import TenantLog


class IssuedDocument(TenantLog):
    """The PDF of an issued document, in one language: made when it is first asked for, and the same bytes for ever after."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")
        STATEMENT = "statement", _("Statement of account")

    kind = models.CharField(_("Kind"), max_length=11, choices=Kind)
    record = models.UUIDField(_("Record"))
    language = models.CharField(_("Language"), max_length=10)
    content = models.BinaryField(_("Content"))
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("Made"), auto_now_add=True)

    class Meta:
        verbose_name = _("Issued document")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "record", "language"], name="an_issued_document_is_made_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record} {self.language}"
