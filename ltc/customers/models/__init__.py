from ltc.customers.models.contacts import Contact, CustomerAddress
from ltc.customers.models.customers import Customer, CustomerTeamMember

__all__ = ["Contact", "Customer", "CustomerAddress", "CustomerTeamMember"]
