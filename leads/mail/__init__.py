"""E-mail to lead: mailboxes that are looked into, and what becomes of their mails."""
