"""How the company treats customers: the balance of good and bad moments, and audits."""
