"""Service: how do we treat customers? Its rooms are the balance of good and bad moments, and audits."""
