"""What customers say and feel: surveys, how what is said is handled, loyalty, and expectations."""
