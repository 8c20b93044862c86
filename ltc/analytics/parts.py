"""What a dashboard shows below its headlines. Data: which metrics a figure is made of, and how it is drawn."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from django.utils.translation import gettext_lazy as _

Drawing = Literal["funnel", "flow", "months", "slices", "origins", "set", "channels"]


@dataclass(frozen=True)
class Part:
    """A figure: drawn from the metrics `codes`; `by` names the slice that its bars are."""

    code: str
    label: Any
    drawing: Drawing
    codes: tuple[str, ...] = ()
    by: str = ""
    note: Any = ""
    wide: bool = False


_ALL = (
    Part("funnel", _("Conversion from lead to cash"), "funnel", wide=True,
         note=_("leads captured in the period; bar height is the share of leads on a square-root scale")),
    Part("flow", _("Where cash comes from"), "flow", note=_("channel → how far its leads have come")),
    Part("forecast", _("Forecast against quota"), "months", ("fc.closed", "fc.commit", "fc.best_case", "fc.attainment")),
    Part("attainment", _("Attainment by person"), "slices", ("fc.attainment",), "owner", _("won ÷ quota")),
    Part("cash_by_channel", _("Cash by channel"), "origins", ("attribution.cash",), note=_("collected in the period")),
    Part("conversion", _("From stage to stage"), "set", ("lead.conversion.cohort", "lead.to_won.cohort", "opp.win_rate", "opp.close_rate")),
    Part("stage_time", _("Days in each stage"), "set", tuple(f"stage.time[S{number}]" for number in range(1, 6)),
         note=_("mean of the opportunities that left the stage in the period")),
    Part("channels", _("Channels"), "channels", ("channel.table",), wide=True, note=_("quantity, quality and cost of the leads captured")),
    Part("punctuality", _("Punctuality"), "set",
         ("otd.order", "otd.order.delivered_basis", "otd.line", "otd.line.current_promise", "otif.line")),
    Part("late_and_unpaid", _("Late delivery, late payment"), "set",
         ("delivery.late_days", "ar.avg_late_days", "ar.days_to_pay", "coll.on_time", "coll.on_time.amount")),
    Part("collection", _("Collection"), "set",
         ("coll.on_time.amount", "coll.promise_kept", "ar.bpdso", "ar.add", "ar.days_to_pay", "ar.ecl")),
    Part("customers", _("What customers cost and bring"), "set", ("cac.full", "ltv.margin", "ltv_cac", "cac.payback_months")),
)  # fmt: skip
PARTS: Final = {part.code: part for part in _ALL}
