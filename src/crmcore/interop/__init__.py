"""Ways in and out for other libraries, each in its own file behind its own extra; the core imports none of them."""
