"""The demo tenants: invented companies whose days are lived through the services, so that every number can be traced."""
