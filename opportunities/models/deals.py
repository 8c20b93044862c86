from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import RETURN_VALUE

from leads.models import CloseReason
from ltc.customers.origin import Originated
from ltc.money.fields import AmountField, CurrencyField, ExchangeRateField, QuantityField, RateField, UnitPriceField
from ltc.refusals import Refusal
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel
from ltc.users.visibility import Visible
from ltc.workflow.declare import guard, transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input, Kind
from ltc.workflow.models import StatefulModel
from opportunities import path
from opportunities.events import (
    OpportunityCancelled,
    OpportunityLost,
    OpportunityReopened,
    OpportunityUnwon,
    OpportunityWon,
    StageChanged,
)

LONGEST_PAUSE = timedelta(days=180)
REOPEN_WITHIN = timedelta(days=180)


def _stages(keep: Any) -> Any:
    """The stages that a dialog offers, by where they stand to the present one."""
    return lambda deal, actor: [choice for choice in Opportunity.Stage.choices if keep(path.position(choice[0]), deal)]


def _reasons(kind: str) -> Any:
    return lambda queryset, deal, actor: queryset.filter(kind=kind, active=True)


LATER = _stages(lambda place, deal: place > path.position(deal.stage) + 1)
EARLIER = _stages(lambda place, deal: place < path.position(deal.stage))
REACHED = _stages(lambda place, deal: place <= path.position(deal.max_stage))
NEXT = _stages(lambda place, deal: place == path.position(deal.stage) + 1)
REASON = Input("reason", _("Reason"), Kind.LONG_TEXT)


class Opportunity(Originated, StatefulModel):
    """A deal that someone works on: a customer, an amount, a date, and how far along its path it is."""

    permission_area = "opportunities"
    own_fields = ("owner", "ar", "sr", "fr")

    class Stage(models.TextChoices):
        DISCOVERY = path.DISCOVERY, _("Discovery")
        SOLUTION = path.SOLUTION, _("Solution")
        BIDDING = path.BIDDING, _("Bidding")
        NEGOTIATION = path.NEGOTIATION, _("Negotiation")
        SIGNING = path.SIGNING, _("Signing")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("opportunity", "Open")
        SUSPENDED = "suspended", pgettext_lazy("opportunity", "Suspended")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")
        CANCELLED = "cancelled", _("Cancelled")

    class Forecast(models.TextChoices):
        OMITTED = path.OMITTED, _("Omitted")
        PIPELINE = path.PIPELINE, _("Pipeline")
        BEST_CASE = path.BEST_CASE, _("Best case")
        COMMIT = path.COMMIT, _("Commit")
        CLOSED = path.CLOSED, _("Closed")

    class Type(models.TextChoices):
        NEW_BUSINESS = "new_business", _("New business")
        EXPANSION = "expansion", _("Expansion")
        RENEWAL = "renewal", _("Renewal")
        REPEAT = "repeat", _("Repeat purchase")

    number = models.CharField(_("Document number"), max_length=40)
    name = models.CharField(_("Name"), max_length=200)
    customer = TenantForeignKey("customers.Customer", models.PROTECT, verbose_name=_("Customer"), related_name="opportunities")
    primary_contact = TenantForeignKey(
        "customers.Contact", models.PROTECT, verbose_name=_("Contact"), null=True, blank=True, related_name="opportunities"
    )
    lead = TenantForeignKey("leads.Lead", models.PROTECT, verbose_name=_("Lead"), null=True, blank=True, related_name="opportunities")
    channel = TenantForeignKey(
        "leads.Channel", models.PROTECT, verbose_name=_("Channel"), null=True, blank=True, related_name="opportunities"
    )
    type = models.CharField(_("Type"), max_length=12, choices=Type, default=Type.NEW_BUSINESS)
    stage = StateField(_("Stage"), choices=Stage, default=Stage.DISCOVERY)
    state = StateField(_("State"), choices=State, default=State.OPEN)
    max_stage = models.CharField(_("Furthest stage"), max_length=12, choices=Stage, default=Stage.DISCOVERY, editable=False)
    stage_entered_at = models.DateTimeField(_("In this stage since"), editable=False)
    amount = AmountField(_("Amount"), default=Decimal(0), help_text=_("What the customer would pay, tax included."))
    currency = CurrencyField(_("Currency"))
    fx_rate = ExchangeRateField(_("Exchange rate"), null=True, blank=True, editable=False)
    amount_base = AmountField(_("Amount in base currency"), null=True, blank=True, editable=False)
    close_date = models.DateField(_("Expected close"))
    probability = RateField(_("Probability"), default=path.PROBABILITY[path.DISCOVERY])
    forecast_category = models.CharField(_("Forecast"), max_length=9, choices=Forecast, default=Forecast.OMITTED)
    owner = TenantForeignKey("users.Membership", models.PROTECT, verbose_name=_("Owner"), related_name="opportunities")
    team = TenantForeignKey("users.Team", models.PROTECT, verbose_name=_("Team"), null=True, blank=True, related_name="+")
    ar = TenantForeignKey(
        "users.Membership", models.PROTECT, verbose_name=_("Account responsible"), null=True, blank=True, related_name="+"
    )
    sr = TenantForeignKey(
        "users.Membership", models.PROTECT, verbose_name=_("Solution responsible"), null=True, blank=True, related_name="+"
    )
    fr = TenantForeignKey(
        "users.Membership", models.PROTECT, verbose_name=_("Fulfilment responsible"), null=True, blank=True, related_name="+"
    )
    lost_reason = TenantForeignKey(
        CloseReason, models.PROTECT, verbose_name=_("Why not won"), null=True, blank=True, related_name="+", editable=False
    )
    lost_to = models.CharField(_("Lost to"), max_length=200, blank=True, editable=False)
    won_at = models.DateTimeField(_("Won"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("Closed"), null=True, blank=True, editable=False)
    reopen_count = models.PositiveSmallIntegerField(_("Reopened"), default=0, editable=False)
    suspended_until = models.DateField(_("Suspended until"), null=True, blank=True, editable=False)
    last_activity_at = models.DateTimeField(_("Last activity"), null=True, blank=True, editable=False)
    next_step = models.CharField(_("Next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("Next step on"), null=True, blank=True)
    source_system = models.CharField(max_length=40, blank=True)
    external_ref = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("Opportunity")
        verbose_name_plural = _("Opportunities")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="opportunity_number_is_unique"),
            models.UniqueConstraint(
                fields=["tenant", "lead"], condition=~Q(source_system="import"), name="one_opportunity_per_lead"
            ),  # what another system let happen is a fact; here a lead is converted once
            models.UniqueConstraint(
                fields=["tenant", "source_system", "external_ref"],
                condition=~Q(external_ref=""),
                name="opportunity_external_ref_is_unique",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="opportunity_amount_is_not_negative"),
            models.CheckConstraint(condition=Q(probability__range=(0, 1)), name="opportunity_probability_is_a_part_of_one"),
            models.CheckConstraint(condition=~Q(state="won") | Q(won_at__isnull=False), name="a_won_opportunity_has_its_day"),
            models.CheckConstraint(
                condition=~Q(state="won") | Q(fx_rate__isnull=False, amount_base__isnull=False),
                name="a_won_opportunity_has_a_frozen_rate",
            ),
            models.CheckConstraint(condition=~Q(state="lost") | Q(lost_reason__isnull=False), name="a_lost_opportunity_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state__in=["won", "lost", "cancelled"], closed_at__isnull=False)
                | Q(closed_at__isnull=True, won_at__isnull=True),
                name="only_a_closed_opportunity_was_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "stage", "close_date"], name="opportunity_board"),
            models.Index(fields=["tenant", "owner", "state"], name="opportunity_of_owner"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="opportunity_newest"),
            models.Index(fields=["tenant", "won_at"], name="opportunity_wins"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_closed(self) -> bool:
        return self.state in (self.State.WON, self.State.LOST, self.State.CANCELLED)

    @property
    def weighted_amount(self) -> Decimal | None:
        """The amount in base currency times the probability; None while no exchange rate is known."""
        return None if self.amount_base is None else self.amount_base * self.probability

    @guard(_("The opportunity is not open. Resume or reopen it first."))
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @guard(_("Bring it to negotiation or signing first: a deal is won where the contract is agreed."))
    def is_far_enough(self) -> bool:
        return self.stage in (self.Stage.NEGOTIATION, self.Stage.SIGNING)

    @guard(_("Enter the amount first: it must be more than zero."))
    def has_amount(self) -> bool:
        return self.amount > 0

    @guard(_("It was closed more than 180 days ago. Create a new opportunity for this customer."))
    def closed_lately(self) -> bool:
        return self.closed_at is not None and timezone.now() - self.closed_at <= REOPEN_WITHIN

    @transition(
        stage, source=list(path.PATH[:-1]), target=RETURN_VALUE(*path.PATH), conditions=[is_open], permission="opportunities.advance",
        label=_("Advance"), icon="arrow-right", primary=True, event=StageChanged,
        inputs=[Input("stage", _("Stage"), Kind.CHOICE, required=False, choices=NEXT)],
    )  # fmt: skip
    def advance(self, *, at: datetime, stage: str = "") -> str:
        """The deal made the step to the next stage."""
        following = path.next_stage(self.stage)
        if stage and stage != following:
            raise Refusal(_("Only the next stage can be entered by advancing. To leave stages out, skip and say why."), field="stage")
        assert following is not None
        return self._enter(following, at)

    @transition(
        stage, source=list(path.PATH[:-2]), target=RETURN_VALUE(*path.PATH), conditions=[is_open], permission="opportunities.skip",
        label=_("Skip ahead"), icon="skip-forward", event=StageChanged,
        inputs=[Input("stage", _("Stage"), Kind.CHOICE, choices=LATER), REASON],
    )  # fmt: skip
    def skip(self, *, at: datetime, stage: str, reason: str) -> str:
        """Stages are left out; they count as reached, and no time was spent in them."""
        _must_be(stage, path.PATH[path.position(self.stage) + 2 :], reason)
        return self._enter(stage, at)

    @transition(
        stage, source=list(path.PATH[1:]), target=RETURN_VALUE(*path.PATH), conditions=[is_open], permission="opportunities.move_back",
        label=_("Move back"), icon="arrow-left", event=StageChanged,
        inputs=[Input("stage", _("Stage"), Kind.CHOICE, choices=EARLIER), REASON],
    )  # fmt: skip
    def move_back(self, *, at: datetime, stage: str, reason: str) -> str:
        """The deal is less far than was thought. The furthest stage that it reached stays on record."""
        _must_be(stage, path.PATH[: path.position(self.stage)], reason)
        return self._enter(stage, at)

    @transition(
        state, source=State.OPEN, target=State.SUSPENDED, permission="opportunities.suspend", label=_("Suspend"), icon="pause",
        inputs=[Input("until", _("Until"), Kind.DATE, help=_("At most 180 days from today.")), REASON],
    )  # fmt: skip
    def suspend(self, *, at: datetime, until: date, reason: str) -> None:
        """The customer asked to wait; the time until it is resumed is not counted against the deal."""
        if not at.date() < until <= at.date() + LONGEST_PAUSE:
            raise Refusal(_("Choose a day within the next 180 days."), code="invalid", field="until")
        _must_say(reason)
        self.suspended_until = until

    @transition(
        state, source=State.SUSPENDED, target=State.OPEN, permission="opportunities.resume", label=_("Resume"), icon="play", primary=True
    )
    def resume(self) -> None:
        """Work goes on in the stage where it stopped."""
        self.suspended_until = None

    @transition(
        state, source=State.OPEN, target=State.WON, conditions=[is_far_enough, has_amount], permission="opportunities.win",
        label=_("Mark as won"), icon="trophy", primary=True, event=OpportunityWon,
    )  # fmt: skip
    def win(self, *, at: datetime, fx_rate: Decimal, amount_base: Decimal) -> None:
        """The customer signed. The exchange rate is frozen and an order is drafted."""
        self.won_at = at
        self._close(at, fx_rate, amount_base)
        self.probability, self.forecast_category = Decimal(1), self.Forecast.CLOSED

    @transition(
        state, source=[State.OPEN, State.SUSPENDED], target=State.LOST, permission="opportunities.lose", label=_("Mark as lost"),
        icon="x-circle", danger=True, event=OpportunityLost,
        inputs=[
            Input("lost_reason", _("Reason"), Kind.RECORD, model="leads.CloseReason", limit=_reasons("lost")),
            Input("lost_to", _("Lost to"), required=False, max_length=200),
        ],
    )  # fmt: skip
    def lose(
        self,
        *,
        at: datetime,
        lost_reason: CloseReason,
        lost_to: str = "",
        fx_rate: Decimal | None = None,
        amount_base: Decimal | None = None,
    ) -> None:
        """The customer decided against us."""
        _must_be_reason(lost_reason, "lost")
        self.lost_reason, self.lost_to = lost_reason, lost_to or ""
        self._give_up(at, fx_rate, amount_base)

    @transition(
        state, source=[State.OPEN, State.SUSPENDED], target=State.CANCELLED, permission="opportunities.cancel", label=_("Cancel"),
        icon="ban", danger=True, event=OpportunityCancelled,
        inputs=[Input("cancel_reason", _("Reason"), Kind.RECORD, model="leads.CloseReason", limit=_reasons("cancel"))],
    )  # fmt: skip
    def cancel(
        self, *, at: datetime, cancel_reason: CloseReason, fx_rate: Decimal | None = None, amount_base: Decimal | None = None
    ) -> None:
        """Nothing to win here (project stopped, duplicate, out of scope): it counts in no win rate."""
        _must_be_reason(cancel_reason, "cancel")
        self.lost_reason = cancel_reason
        self._give_up(at, fx_rate, amount_base)

    @transition(
        state, source=[State.LOST, State.CANCELLED], target=State.OPEN, conditions=[closed_lately], permission="opportunities.reopen",
        label=_("Reopen"), icon="rotate-ccw", event=OpportunityReopened,
        inputs=[Input("stage", _("Stage"), Kind.CHOICE, required=False, choices=REACHED, initial=lambda deal, actor: deal.stage)],
    )  # fmt: skip
    def reopen(self, *, at: datetime, stage: str = "") -> None:
        """A second chance, in any stage that the deal had reached."""
        _must_be(stage or self.stage, path.PATH[: path.position(self.max_stage) + 1], "-")
        self.reopen_count += 1
        self._live_again(stage or self.stage, at)

    @transition(
        state, source=State.WON, target=State.OPEN, permission="opportunities.unwin", label=_("Undo the win"), icon="undo",
        danger=True, event=OpportunityUnwon, inputs=[REASON],
    )  # fmt: skip
    def unwin(self, *, at: datetime, reason: str) -> None:
        """The contract fell through before anything was delivered: the deal is open again and leaves the win metrics."""
        _must_say(reason)
        self._live_again(self.Stage.SIGNING, at)

    @transition(
        state, source=[State.OPEN, State.SUSPENDED], target=None, permission="opportunities.assign", label=_("Hand over"), icon="user-plus",
        inputs=[Input("owner", _("New owner"), Kind.RECORD, model="users.Membership",
                      limit=lambda queryset, deal, actor: queryset.filter(state="active").exclude(pk=deal.owner_id))],
    )  # fmt: skip
    def assign(self, *, owner: Any) -> None:
        """Another salesperson takes over, with their team."""
        self.owner, self.team = owner, owner.team

    def _enter(self, stage: str, at: datetime) -> str:
        self.max_stage = path.furthest(self.max_stage, stage)
        self.stage_entered_at = at
        self.probability, self.forecast_category = path.PROBABILITY[stage], path.CATEGORY[stage]
        return stage

    def _close(self, at: datetime, fx_rate: Decimal | None, amount_base: Decimal | None) -> None:
        self.closed_at, self.suspended_until = at, None
        if fx_rate is not None:
            self.fx_rate, self.amount_base = fx_rate, amount_base

    def _give_up(self, at: datetime, fx_rate: Decimal | None, amount_base: Decimal | None) -> None:
        self._close(at, fx_rate, amount_base)
        self.probability, self.forecast_category = Decimal(0), self.Forecast.OMITTED

    def _live_again(self, stage: str, at: datetime) -> None:
        self.closed_at = self.won_at = self.lost_reason = None
        self.lost_to = ""
        field = self._meta.get_field("stage")
        assert isinstance(field, StateField)
        field.set_state(self, self._enter(stage, at))


def _must_say(reason: str) -> None:
    if not reason.strip():
        raise Refusal(_("Say why, in a few words."), code="reason_required", field="reason")


def _must_be(stage: str, allowed: tuple[str, ...], reason: str) -> None:
    if stage not in allowed:
        raise Refusal(_("This stage cannot be chosen from here."), code="invalid_stage", field="stage")
    _must_say(reason)


def _must_be_reason(reason: CloseReason, kind: str) -> None:
    if reason.kind != kind:
        raise Refusal(_("Choose a reason that fits: this one is for something else."), code="invalid_reason", field="reason")


class OpportunityLine(Visible, TenantModel):
    """What the customer would buy, at prices without tax."""

    permission_area = "opportunities"
    visible_through = "opportunity__"
    own_fields = ("owner", "ar", "sr", "fr")

    opportunity = TenantForeignKey(Opportunity, models.CASCADE, related_name="lines")
    line_no = models.PositiveSmallIntegerField(_("Line"))
    product = TenantForeignKey("catalog.Product", models.PROTECT, verbose_name=_("Product"), null=True, blank=True, related_name="+")
    description = models.CharField(_("Description"), max_length=400)
    qty = QuantityField(_("Quantity"))
    unit_price = UnitPriceField(_("Unit price"))
    discount_rate = RateField(_("Discount"), default=Decimal(0))
    tax_code = TenantForeignKey("money.TaxCode", models.PROTECT, verbose_name=_("Tax code"), null=True, blank=True, related_name="+")
    net = AmountField(_("Net"))
    tax = AmountField(_("Tax"))
    gross = AmountField(_("Gross"))

    class Meta:
        ordering = ["line_no"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "opportunity", "line_no"], name="opportunity_line_no_is_unique"),
            models.CheckConstraint(condition=Q(qty__gt=0), name="opportunity_line_has_a_quantity"),
            models.CheckConstraint(condition=Q(discount_rate__range=(0, 1)), name="opportunity_line_discount_is_a_part_of_one"),
            models.CheckConstraint(condition=Q(gross=models.F("net") + models.F("tax")), name="opportunity_line_gross_is_net_and_tax"),
        ]

    def __str__(self) -> str:
        return f"{self.line_no}. {self.description}"
