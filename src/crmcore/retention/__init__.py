"""Retention: who stays, who leaves, and why? Here: churn, inactivity and lifecycles."""
