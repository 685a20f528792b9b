"""How the company treats customers: moments, audits, contacts, what it owes, its staff, and its programme."""
