from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.selectors import open_quantities
from ltc.workflow.inputs import Input, Kind


def left_to_plan(order: Any, actor: Any) -> list[dict[str, Any]]:
    """What is in no shipment yet, as the rows of the form."""
    return [{"commitment": promise.pk, "qty": qty.normalize()} for promise, qty in open_quantities(order).items() if qty > 0]


def of_order(commitments: Any, order: Any, actor: Any) -> Any:
    return commitments.filter(order_line__order=order).select_related("order_line")


PLAN = (
    Input("planned_on", _("Planned for"), Kind.DATE, initial=lambda order, actor: timezone.localdate()),
    Input("carrier", _("Carrier"), required=False, max_length=120),
    Input("note", _("Note"), required=False, max_length=500),
    Input(
        "lines", _("What goes"), Kind.ROWS, initial=left_to_plan,
        rows=(
            Input("commitment", _("Delivery promise"), Kind.RECORD, model="delivery.DeliveryCommitment", limit=of_order),
            Input("qty", _("Quantity"), Kind.DECIMAL),
        ),
    ),
)  # fmt: skip
