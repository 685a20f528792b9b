"""Voice: what do customers say and feel? It has no room yet; surveys, handling, loyalty and expectations follow."""
