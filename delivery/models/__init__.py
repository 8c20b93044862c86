from delivery.models.acceptances import Acceptance
from delivery.models.cases import Case
from delivery.models.commitments import CommitmentChange, DeliveryCommitment
from delivery.models.shipments import Shipment, ShipmentLine
from delivery.models.surveys import Survey

__all__ = ["Acceptance", "Case", "CommitmentChange", "DeliveryCommitment", "Shipment", "ShipmentLine", "Survey"]
