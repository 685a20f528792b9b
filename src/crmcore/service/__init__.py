"""How the company treats customers: moments, audits, contacts, what it owes, recovery, its staff, and its programme."""
