from delivery.models.acceptances import Acceptance
from delivery.models.commitments import CommitmentChange, DeliveryCommitment
from delivery.models.shipments import Shipment, ShipmentLine

__all__ = ["Acceptance", "CommitmentChange", "DeliveryCommitment", "Shipment", "ShipmentLine"]
