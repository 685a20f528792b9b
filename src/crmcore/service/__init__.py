"""How the company treats customers: good and bad moments, audits, how it speaks with them, and what it owes them."""
