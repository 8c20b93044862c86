from opportunities.models.deals import Opportunity, OpportunityLine
from opportunities.models.submissions import ForecastSubmission
from opportunities.models.targets import Quota, SalesCost

__all__ = ["ForecastSubmission", "Opportunity", "OpportunityLine", "Quota", "SalesCost"]
