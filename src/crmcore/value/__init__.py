"""Value: what is a customer worth? Here: lifetime value, cash flows and prices."""
