from leads.models import Lead
from ltc.workflow.engine import carries_out
from opportunities.models import Opportunity
from opportunities.services import convert_lead, freeze_value, freeze_value_if_known

carries_out(Lead, "convert")(convert_lead)
carries_out(Opportunity, "win")(freeze_value)
carries_out(Opportunity, "lose")(freeze_value_if_known)
carries_out(Opportunity, "cancel")(freeze_value_if_known)
