"""How the company treats customers: good and bad moments, audits, and how it speaks with them."""
