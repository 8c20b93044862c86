"""The past of a company, read from a file of facts (docs/history.md): checked, put in order, and written as if it had happened here."""
