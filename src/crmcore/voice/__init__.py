"""What customers say and feel: what surveys tell, how what is said is handled, and where customers stand."""
