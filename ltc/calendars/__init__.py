"""Business days and hours, holidays and make-up workdays, payment terms, periods, and what "today" is for a tenant."""
