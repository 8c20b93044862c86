from ltc.customers.models import Customer
from ltc.customers.services import move_to_survivor
from ltc.workflow.engine import carries_out

carries_out(Customer, "merge")(move_to_survivor)
