"""The learned score: a logistic regression on a tenant's own leads, without clock and chance."""
