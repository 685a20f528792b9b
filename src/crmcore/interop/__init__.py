"""Bridges to other libraries, each in its own file with its own extra. The core imports none of them."""
