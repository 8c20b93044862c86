from delivery.models import Acceptance, DeliveryCommitment, Shipment, ShipmentLine
from ltc.api.serializers import RecordSerializer

WRITTEN_BY_US = ("version", "created_at", "updated_at")


class ShipmentLineSerializer(RecordSerializer):
    class Meta:
        model = ShipmentLine
        fields = ["id", "commitment", "qty"]
        read_only_fields = ["id"]


class ShipmentSerializer(RecordSerializer):
    """`lines` say what goes; without them it is all that is not planned yet."""

    lines = ShipmentLineSerializer(many=True, required=False, max_length=200)

    class Meta:
        model = Shipment
        fields = [
            *("id", "number", "order", "planned_on", "carrier", "tracking_no", "state", "released_at", "shipped_at", "arrived_at"),
            *("pod_at", "pod_signed_by", "note", "lines", *WRITTEN_BY_US),
        ]
        read_only_fields = [
            *("id", "number", "tracking_no", "state", "released_at", "shipped_at", "arrived_at", "pod_at", "pod_signed_by"),
            *WRITTEN_BY_US,
        ]


class CommitmentSerializer(RecordSerializer):
    class Meta:
        model = DeliveryCommitment
        fields = [
            *("id", "order_line", "kind", "seq", "qty", "qty_delivered", "promised_baseline", "promised_current", "state"),
            *("completed_on", *WRITTEN_BY_US),
        ]
        read_only_fields = fields


class AcceptanceSerializer(RecordSerializer):
    """A delivered shipment is submitted for acceptance by its `shipment`; the kind follows from the order unless it is given."""

    class Meta:
        model = Acceptance
        fields = [
            *("id", "number", "shipment", "order", "kind", "state", "submitted_on", "due_on", "accepted_on", "signed_by", "conditions"),
            *("rejected_reason", *WRITTEN_BY_US),
        ]
        read_only_fields = [name for name in fields if name not in ("shipment", "kind")]
