from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.visibility import Visible


class BankFormat(Visible, TenantRecord):
    """How one bank writes the statements of one of our accounts, kept so that a file is only chosen."""

    permission_area = "ledger"
    own_fields = ()

    class Kind(models.TextChoices):
        CSV = "csv", _("CSV file")
        CAMT053 = "camt053", "camt.053"
        MT940 = "mt940", "MT940"
        OFX = "ofx", "OFX"

    name = models.CharField(_("Name"), max_length=100)
    kind = models.CharField(_("Format"), max_length=7, choices=Kind, default=Kind.CSV)
    bank_account = models.CharField(_("Our bank account"), max_length=60)
    currency = models.CharField(_("Currency"), max_length=3, blank=True, help_text=_("Of lines that do not name one."))
    encoding = models.CharField(_("Encoding"), max_length=20, default="utf-8")
    delimiter = models.CharField(_("Delimiter"), max_length=1, default=",")
    date_format = models.CharField(_("Form of dates"), max_length=20, default="%Y-%m-%d")
    decimal_mark = models.CharField(_("Decimal mark"), max_length=1, default=".")
    skip_rows = models.PositiveSmallIntegerField(_("Rows before the head"), default=0)
    columns = models.JSONField(_("Columns"), default=dict, blank=True)

    class Meta:
        verbose_name = _("Bank format")
        verbose_name_plural = _("Bank formats")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="bank_format_name_is_unique"),
            models.CheckConstraint(condition=Q(decimal_mark__in=[".", ","]), name="a_decimal_mark_is_point_or_comma"),
        ]

    def __str__(self) -> str:
        return self.name


class BankImport(Visible, TenantRecord):
    """One statement that was read: what became payments, what was there already, what went out."""

    permission_area = "ledger"
    own_fields = ()

    format = TenantForeignKey(BankFormat, models.PROTECT, related_name="imports", verbose_name=_("Bank format"))
    file_name = models.CharField(_("File"), max_length=200, blank=True)
    sha256 = models.CharField(_("Fingerprint"), max_length=64, editable=False)
    lines = models.PositiveIntegerField(_("Lines"), default=0, editable=False)
    made = models.PositiveIntegerField(_("New payments"), default=0, editable=False)
    known = models.PositiveIntegerField(_("There already"), default=0, editable=False)
    outgoing = models.PositiveIntegerField(_("Money out"), default=0, editable=False)
    recorded_by = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Bank statement")
        verbose_name_plural = _("Bank statements")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "sha256", "format"], name="a_statement_is_imported_once",
                violation_error_message=_("This file was imported already."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.file_name or f"{self.format} {self.created_at:%Y-%m-%d}"


class KnownPayer(Visible, TenantRecord):
    """By which account or name a customer pays, as somebody once said."""

    permission_area = "receivables"
    visible_through = "customer__"

    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="known_payers", verbose_name=_("Customer"))
    key = models.CharField(_("Account or name"), max_length=210)

    class Meta:
        verbose_name = _("Known payer")
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="a_payer_is_known_once")]

    def __str__(self) -> str:
        return self.key


def payer_keys(payer: Any) -> list[str]:
    """What a payer may be known by: first the account, then the name."""
    account = "".join(payer.payer_account.split()).upper()
    name = " ".join(payer.payer_name.split()).casefold()
    return [key for key in (f"account:{account}" if account else "", f"name:{name}" if name else "") if key]
