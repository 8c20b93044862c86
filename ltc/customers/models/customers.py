from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import django_fsm
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ltc.calendars.periods import local_day
from ltc.customers.events import CreditHoldCleared, CreditHoldSet, CustomerActivated, CustomerBlacklisted
from ltc.customers.names import initials, normalise_name, normalise_name_without_region, sort_key
from ltc.customers.origin import Originated
from ltc.customers.ties import kept_among
from ltc.customers.uscc import is_valid_uscc, normalise_uscc
from ltc.money.fields import AmountField, CurrencyField
from ltc.refusals import Refusal
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.models import Membership, Team
from ltc.workflow.declare import guard, transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel

# Folding may lengthen a name, and the pinyin of a character has up to six letters and a blank.
LONGEST_NAME, LONGEST_SOUND = 200, 1400

REASON = Input("reason", _("Reason"), max_length=300)


def validate_time_zone(name: str) -> None:
    """Refuse a zone that the IANA database does not have."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone. Give one such as Asia/Shanghai."), params={"name": name})


class Customer(Originated, StatefulModel):
    """Someone who buys, or may: a company, authority, institution or person, in the books once."""

    permission_area = "customers"

    class State(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")
        ACTIVE = "active", pgettext_lazy("customer", "Active")
        DORMANT = "dormant", _("Dormant")
        BLACKLISTED = "blacklisted", _("Blacklisted")
        MERGED = "merged", _("Merged")

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        PERSON = "person", _("Individual")
        GOVERNMENT = "government", _("Authority")
        INSTITUTION = "institution", _("Institution")

    class EnterpriseClass(models.TextChoices):
        LARGE = "large", _("Large enterprise")
        MEDIUM = "medium", _("Medium-sized enterprise")
        SMALL = "small", _("Small enterprise")
        MICRO = "micro", _("Micro enterprise")
        GOVERNMENT = "government", _("Public sector")
        UNKNOWN = "unknown", _("Unknown")

    name = models.CharField(_("Name"), max_length=LONGEST_NAME)
    name_en = models.CharField(_("English name"), max_length=LONGEST_NAME, blank=True)
    normalized_name = models.CharField(max_length=LONGEST_NAME, editable=False, db_collation="C")
    likeness_name = models.CharField(max_length=LONGEST_NAME, editable=False)
    sort_key = models.CharField(max_length=LONGEST_SOUND, editable=False, db_collation="C")
    initials = models.CharField(max_length=LONGEST_NAME, editable=False, db_collation="C")
    state = StateField(_("State"), choices=State, default=State.PROSPECT)
    state_before_blacklist = models.CharField(max_length=30, blank=True, editable=False)
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind, default=Kind.COMPANY)
    uscc = models.CharField(_("Unified social credit code"), max_length=18, blank=True)
    tax_id = models.CharField(_("Tax number"), max_length=40, blank=True)
    industry = models.CharField(_("Industry"), max_length=60, blank=True)
    size_employees = models.PositiveIntegerField(_("Employees"), null=True, blank=True)
    enterprise_class = models.CharField(_("Size class"), max_length=12, choices=EnterpriseClass, default=EnterpriseClass.UNKNOWN)
    region = models.CharField(_("Region"), max_length=80, blank=True)
    country = models.CharField(
        _("Country"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Give the country by two letters, such as CN."))],
    )
    time_zone = models.CharField(_("Time zone"), max_length=64, blank=True, validators=[validate_time_zone])
    language = models.CharField(_("Language"), max_length=10, blank=True)
    currency_default = CurrencyField(_("Currency"), blank=True)
    owner = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Owner"))
    team = TenantForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Team"))
    source_channel_code = models.CharField(_("Channel"), max_length=40, blank=True)
    origin = models.CharField(_("Origin"), max_length=40, blank=True)
    credit_limit = AmountField(_("Credit limit"), null=True, blank=True, validators=[MinValueValidator(0)])
    credit_hold = models.BooleanField(_("Credit hold"), default=False, editable=False)
    credit_hold_reason = models.CharField(_("Reason of the hold"), max_length=300, blank=True, editable=False)
    blacklist_reason = models.CharField(_("Reason of the blacklisting"), max_length=300, blank=True, editable=False)
    invoice_title = models.CharField(_("Invoice title"), max_length=200, blank=True)
    merged_into = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_from", editable=False)
    last_activity_at = models.DateTimeField(_("Last activity"), null=True, blank=True, editable=False)
    first_order_at = models.DateTimeField(_("First order"), null=True, blank=True, editable=False)
    owned_since = models.DateTimeField(null=True, editable=False)
    state_changed_at = models.DateTimeField(null=True, editable=False)
    protected_until = models.DateField(_("Protected until"), null=True, editable=False)
    source_system = models.CharField(max_length=40, blank=True)
    external_ref = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["sort_key", "id"]
        indexes = [
            models.Index(fields=["tenant", "sort_key", "id"], name="customers_in_order"),
            models.Index(fields=["tenant", "initials"], name="customers_by_initials"),
            models.Index(fields=["tenant", "normalized_name"], name="customers_by_name"),
            GinIndex("tenant", OpClass("likeness_name", name="gin_trgm_ops"), name="customers_by_likeness"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "uscc"],
                condition=~Q(uscc="") & ~Q(state="merged"),
                name="customer_uscc_is_unique",
                violation_error_message=_("There is a customer with this credit code."),
            ),
            models.UniqueConstraint(
                fields=["tenant", "source_system", "external_ref"],
                condition=~Q(external_ref=""),
                name="customer_external_ref_is_unique",
            ),
            models.CheckConstraint(condition=Q(credit_limit__isnull=True) | Q(credit_limit__gte=0), name="credit_limit_is_not_negative"),
            models.CheckConstraint(condition=Q(credit_hold=False) | ~Q(credit_hold_reason=""), name="a_credit_hold_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False) | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="a_merged_customer_has_a_survivor",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The forms of the name that are compared, sorted and searched follow the name, whoever writes it."""
        derived = self.fold_name()
        if (fields := kwargs.get("update_fields")) is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, *derived}
        super().save(*args, **kwargs)

    def fold_name(self) -> tuple[str, ...]:
        """Bring the derived forms of the name up to date; their field names."""
        self.normalized_name = normalise_name(self.name)[:LONGEST_NAME]
        self.likeness_name = normalise_name_without_region(self.name)[:LONGEST_NAME]
        self.sort_key = sort_key(self.name)[:LONGEST_SOUND]
        self.initials = initials(self.name)[:LONGEST_NAME]
        return "normalized_name", "likeness_name", "sort_key", "initials"

    def clean(self) -> None:
        """The credit code is stored folded, and its check digit holds."""
        self.uscc = normalise_uscc(self.uscc)
        if self.uscc and not is_valid_uscc(self.uscc):
            sentence = _("This credit code has a wrong character: its check digit does not fit. Compare it with the business licence.")
            raise ValidationError({"uscc": ValidationError(sentence, code="tax_id_invalid")})

    @classmethod
    def shared_with(cls, actor: Any, prefix: str = "") -> Q | None:
        """The customers that an actor works on beside their owners."""
        shared = shared_customers(actor)
        return Q(**{f"{prefix}pk__in": shared}) if shared else None

    def is_shared_with(self, actor: Any) -> bool:
        return self.pk in shared_customers(actor)

    def refuse_first(self, name: str, actor: Any) -> None:
        """Who is too late to claim a customer reads that, not that they may not have it."""
        if name == "claim" and self.owner_id is not None and actor.has_perm("customers.claim"):
            raise Refusal(_("Someone else was quicker: this one has an owner already. Take the next one."), code="already_claimed")

    @guard(_("This customer has an owner already."))
    def has_no_owner(self) -> bool:
        return self.owner_id is None

    @guard(_("This customer has no owner."))
    def has_an_owner(self) -> bool:
        return self.owner_id is not None

    @guard(_("Something is open with this customer: an opportunity, an order or a receivable. Transfer it instead."))
    def has_nothing_open(self) -> bool:
        return not kept_among([self.pk])

    @guard(_("This customer is not protected."))
    def is_protected(self) -> bool:
        return self.protected_until is not None and self.protected_until >= local_day(timezone.now(), ZoneInfo(self.tenant.time_zone))

    @guard(_("This customer is protected already."))
    def is_not_protected(self) -> bool:
        return not self.is_protected()

    @guard(_("This customer is not on hold."))
    def is_on_hold(self) -> bool:
        return self.credit_hold

    @guard(_("This customer is on hold already."))
    def is_not_on_hold(self) -> bool:
        return not self.credit_hold

    @transition(
        state, source=[State.PROSPECT, State.DORMANT, State.ACTIVE], target=State.ACTIVE, permission="customers.activate",
        label=_("Activate"), automatic=True, event=CustomerActivated,
    )  # fmt: skip
    def activate(self, at: datetime) -> None:
        """A contract came into force or an order was confirmed: the customer buys. The first time is kept."""
        self.first_order_at = self.first_order_at or at

    @transition(state, source=State.ACTIVE, target=State.DORMANT, permission="customers.sleep", label=_("Set to dormant"), automatic=True)
    def sleep(self) -> None:
        """Nothing ordered for a year and nothing open."""

    @transition(
        state, source=[State.PROSPECT, State.ACTIVE, State.DORMANT, State.BLACKLISTED], target=None, permission="customers.hold",
        label=_("Set on credit hold"), conditions=[is_not_on_hold], event=CreditHoldSet, icon="pause", danger=True,
        inputs=[REASON],
    )  # fmt: skip
    def set_hold(self, reason: str) -> None:
        """Orders are not confirmed and nothing is shipped until the hold is cleared."""
        self.credit_hold, self.credit_hold_reason = True, reason

    @transition(
        state, source=[State.PROSPECT, State.ACTIVE, State.DORMANT, State.BLACKLISTED], target=None, permission="customers.release_hold",
        label=_("Clear the credit hold"), conditions=[is_on_hold], event=CreditHoldCleared, icon="play",
        inputs=[REASON],
    )  # fmt: skip
    def clear_hold(self, reason: str) -> None:
        """The customer may be supplied again. The reason stays in the history."""
        self.credit_hold, self.credit_hold_reason = False, ""

    @transition(
        state, source=[State.PROSPECT, State.ACTIVE, State.DORMANT], target=State.BLACKLISTED, permission="customers.blacklist",
        label=_("Blacklist"), event=CustomerBlacklisted, icon="ban", danger=True,
        confirm=_("No new quotes can be written for this customer."), inputs=[REASON],
    )  # fmt: skip
    def blacklist(self, reason: str) -> None:
        """No more business with this customer."""
        self.state_before_blacklist, self.blacklist_reason = self.state, reason

    @transition(
        state, source=State.BLACKLISTED,
        target=django_fsm.GET_STATE(lambda self, **_inputs: self.state_before_blacklist, states=["prospect", "active", "dormant"]),
        permission="customers.blacklist", label=_("Take off the blacklist"), icon="rotate-ccw",
        inputs=[REASON],
    )  # fmt: skip
    def unlist(self, reason: str) -> None:
        """Business is possible again: the customer is what it was before."""
        self.blacklist_reason = ""

    @transition(
        state, source=[State.PROSPECT, State.DORMANT], target=None, permission="customers.claim", label=_("Claim"),
        conditions=[has_no_owner], icon="hand", primary=True,
    )  # fmt: skip
    def claim(self, *, owner: Membership, at: datetime) -> None:
        """A salesperson takes the customer out of the pool."""
        self.owner, self.team, self.owned_since, self.protected_until = owner, owner.team, at, None

    @transition(
        state, source=[State.PROSPECT, State.DORMANT], target=None, permission="customers.to_pool", label=_("Return to the pool"),
        conditions=[has_an_owner, has_nothing_open], icon="undo-2", inputs=[REASON],
    )  # fmt: skip
    def to_pool(self) -> None:
        """Nobody is responsible any more, and anyone may claim the customer."""
        self.owner = self.team = self.owned_since = self.protected_until = None

    @transition(
        state, source=[State.PROSPECT, State.DORMANT], target=None, permission="customers.protect", label=_("Protect"),
        conditions=[has_an_owner, is_not_protected], icon="shield",
        inputs=[Input("until", _("Until"), InputKind.DATE, required=False, help=_("Empty: as long as the pool allows."))],
    )  # fmt: skip
    def protect(self, *, until: date) -> None:
        """The customer stays with its owner for a while, whatever the pool's rules say."""
        self.protected_until = until

    @transition(
        state, source=[State.PROSPECT, State.DORMANT], target=None, permission="customers.protect", label=_("End the protection"),
        conditions=[is_protected], icon="shield-off",
    )  # fmt: skip
    def unprotect(self) -> None:
        """The pool's rules apply again."""
        self.protected_until = None

    @transition(
        state, source=[State.PROSPECT, State.ACTIVE, State.DORMANT], target=State.MERGED, permission="customers.merge",
        label=_("Merge into another"), icon="git-merge", danger=True,
        confirm=_("Everything of this customer moves to the other one. This cannot be undone."),
        inputs=[Input("survivor", _("Customer that stays"), InputKind.RECORD, model="customers.Customer")],
    )  # fmt: skip
    def merge(self, survivor: "Customer") -> None:
        """This record was the same customer as another one, which has all of its business from now on."""
        self.merged_into = survivor


class CustomerTeamMember(TenantRecord):
    """A colleague who works on a customer beside its owner, and sees it as the owner does."""

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="team_members", verbose_name=_("Customer"))
    member = TenantForeignKey(Membership, models.CASCADE, related_name="+", verbose_name=_("Member"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "customer", "member"], name="colleague_joins_a_customer_once")]

    def __str__(self) -> str:
        return str(self.member)


def shared_customers(actor: Any) -> frozenset[Any]:
    """The customers that a member works on beside their owners; asked once for each actor."""
    if not isinstance(actor, Membership):
        return frozenset()
    kept: frozenset[Any] | None = actor.__dict__.get("_shared_customers")
    if kept is None:
        kept = frozenset(CustomerTeamMember.objects.filter(member=actor).values_list("customer", flat=True))
        actor.__dict__["_shared_customers"] = kept
    return kept
