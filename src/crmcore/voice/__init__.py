"""Voice: what do customers say and feel? Here: no room yet; surveys, handling, loyalty and expectations are to come."""
