"""What a customer is worth: lifetime value, cash flows and prices."""
