"""What customers say and feel: what surveys tell, and how what is said is handled."""
