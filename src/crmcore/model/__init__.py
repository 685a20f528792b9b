"""The nouns: customers and what happens to them, as frozen values that refer to one another by id."""
