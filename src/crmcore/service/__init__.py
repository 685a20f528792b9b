"""Service: how do we treat them? Here: the balance of good and bad moments, and audits."""
