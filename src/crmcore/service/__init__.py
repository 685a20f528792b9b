"""How the company treats customers: good and bad moments, audits, contacts, what it owes them, and its programme."""
