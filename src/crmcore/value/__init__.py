"""Value: what is a customer worth? Lifetime value, cash flows and prices."""
