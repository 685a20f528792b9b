"""The bounds of what a caller may give, each stated once; ``docs/promises/bounds.md`` explains them.

The checks, the JSON schemas, the Hypothesis strategies and the tests with hostile input read them here.
"""

from typing import Final

LARGEST: Final = 10**30
"""The size of a number, a count and an amount of money, and of every sum of them."""

MOST_DECIMALS: Final = 40
"""The decimals of a number and an amount of money."""

MOST_DIGITS: Final = 1000
"""The digits and decimals of a share, a rate and a computed figure, and the power of ten that bounds its size.

A share has more decimals than an amount, because it is often computed: the share kept over a year has the decimals of
the share kept over a day 365 times.
"""

NEAREST_CONFIDENCE: Final = -12
"""The power of ten by which a confidence must differ from 0 and from 1: a float cannot tell much smaller ones apart."""

LARGEST_FLOAT: Final = 1e300
"""The size of a bound of an interval, so that its width is a finite float."""

LONGEST_NAME: Final = 1000
"""The characters of an id, a name and a label. Free text, such as a note, has no bound."""

MOST_ID_DIGITS: Final = 100
"""The digits of an id that is a whole number; a UUID has 39. Python refuses to write more than 640."""

LARGEST_ID: Final = 10**MOST_ID_DIGITS - 1

MOST_MADE: Final = 100_000
"""How many parts, periods or rows a call makes because a number or a step says so."""

MOST_COLLECTED: Final = 1_000_000
"""How many items a field takes from an iterable without a length, which may be endless."""
