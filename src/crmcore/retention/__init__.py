"""Who stays, who leaves, and why: churn, inactivity, lifecycles, relationships and survival."""
