from opportunities.models.deals import Opportunity, OpportunityLine
from opportunities.models.targets import Quota, SalesCost

__all__ = ["Opportunity", "OpportunityLine", "Quota", "SalesCost"]
