"""Who stays, who leaves, and why: churn, inactivity, lifecycles and relationships."""
