"""What customers say and feel. This wing has no rooms yet."""
