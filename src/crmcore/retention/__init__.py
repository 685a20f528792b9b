"""Who stays, who leaves, and why: churn, inactivity and lifecycles."""
