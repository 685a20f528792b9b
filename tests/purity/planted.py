"""Violations to plant in a copy of the library, at least one of each kind, and which layers of the proof see them.

`rules` reads the source; `poison` drives with every way out poisoned; `ambience` drives where everything around the
process is different.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_SEEN: Final = {"rules", "poison"}
_DIFFERENT: Final = {"ambience"}

MODULES: Final[dict[str, tuple[str, set[str]]]] = {
    "clock": ("import time; time.time()", _SEEN),
    "clock_swallowed": ("try:\n    import time; time.monotonic()\nexcept Exception: pass", _SEEN),
    "clock_shown": ("import time; __all__ = [str(time.time_ns())]", {"rules", "poison", "ambience"}),
    "clock_by_another_name": ("import datetime; getattr(datetime.datetime, 'n' + 'ow')()", {"poison"}),
    "now": ("from datetime import UTC, datetime; datetime.now(UTC)", _SEEN),
    "now_mapped": ("from datetime import UTC, datetime; list(map(datetime.now, [UTC]))", _SEEN),
    "today": ("from datetime import date; date.today()", _SEEN),
    "environment": ("import os; os.environ.get('HOME')", _SEEN),
    "environment_asked": ("import os; os.getenv('HOME')", _SEEN),
    "working_directory": ("import os; os.getcwd()", _SEEN),
    "path_looked_at": ("import os.path; os.path.exists('/')", _SEEN),
    "chance": ("import random; random.random()", _SEEN),
    "chance_of_the_system": ("import os; os.urandom(1)", _SEEN),
    "chance_with_a_seed": ("import random; random.Random(1)", _SEEN),
    "random_id": ("import uuid; uuid.uuid4()", _SEEN),
    "secret": ("import secrets; secrets.token_hex()", _SEEN),
    "file": ("open('README.md').close()", _SEEN),
    "file_by_another_name": ("__builtins__['o' + 'pen']('README.md').close()", {"poison"}),
    "path": ("from pathlib import Path; Path('README.md').read_text()", _SEEN),
    "socket": ("import socket; socket.socket().close()", _SEEN),
    "process": ("import subprocess; subprocess.run(['true'])", _SEEN),
    "import_of_the_standard_library": ("import csv", _SEEN),
    "import_of_an_extra": ("import hypothesis", _SEEN),
    "warning": ("import warnings; warnings.warn('beware')", _SEEN),
    "logging": ("import logging; logging.getLogger('crmcore').error('beware')", _SEEN),
    "print": ("print('beware')", _SEEN),
    "input": ("try: input()\nexcept EOFError: pass", _SEEN),
    "locale_number": ("f'{1000:n}'", {"rules"}),
    "locale_date": ("from datetime import date; date(2026, 3, 2).strftime('%x')", _SEEN),
    "local_zone": (
        "from datetime import UTC, datetime; __all__ = [datetime(2026, 3, 2, tzinfo=UTC).astimezone().isoformat()]",
        {"rules", "poison", "ambience"},
    ),
    "local_zone_of_a_naive_time": (
        "from datetime import datetime; __all__ = [str(datetime(2026, 3, 2).timestamp())]",
        {"poison", "ambience"},
    ),
    "local_zone_of_a_timestamp": (
        "from datetime import datetime; __all__ = [str(datetime.fromtimestamp(0))]",
        {"rules", "poison", "ambience"},
    ),
    "recurrence_from_now": ("from dateutil.rrule import rrule; rrule(3, count=1)", _SEEN),
    "decimal_quotient": ("from decimal import Decimal; __all__ = [str(Decimal(2) / 3)]", _DIFFERENT),
    "decimal_sum": ("from decimal import Decimal; __all__ = [str(Decimal('12.345') + 0)]", _DIFFERENT),
    "decimal_minus": ("from decimal import Decimal; __all__ = [str(-Decimal('12.345'))]", _DIFFERENT),
    "decimal_rounding": ("from decimal import Decimal; __all__ = [str(Decimal(10).sqrt())]", _DIFFERENT),
    "decimal_text": ("from decimal import Decimal; __all__ = [str(Decimal('1E+5'))]", _DIFFERENT),
    "decimal_parsed": (
        "from decimal import Decimal, InvalidOperation\ntry: Decimal('x')\nexcept InvalidOperation: __all__ = ['x']",
        _DIFFERENT,
    ),
    "order_of_a_set": ("__all__ = list({'anna', 'ben', 'carol', 'dora', 'eve'})", _DIFFERENT),
    "hash_of_a_text": ("__all__ = [str(hash('anna'))]", _DIFFERENT),
    "digits_of_an_int": ("__all__ = [str(10**1000)]", _DIFFERENT),
    "assert_that_acts": ("__all__ = []\nassert __all__.append('x') is None", _DIFFERENT),
    "docstring_that_acts": ("def f():\n    'Adds.'\n__all__ = [str(f.__doc__)]", _DIFFERENT),
    "debug": ("__all__ = [str(__debug__)]", _DIFFERENT),
    "nothing": ("from decimal import Decimal; __all__ = [f'{Decimal(1):f}']", set()),
}
"""Modules of the library that do on import what none may do; what they show stands in `__all__`."""


class Plant(NamedTuple):
    """Source to append to a module, so that it does its work in the midst of the library's own."""

    module: str
    source: str
    caught_by: set[str]


IN_PLACE: Final = {
    "clock in a ratio": Plant(
        "service/balance/_balance",
        """
import time
_value = Balance.value.fget
Balance.value = property(lambda self: time.time() and _value(self))
""",
        _SEEN,
    ),
    "clock behind an exception": Plant(
        "primitives/checks",
        """
_instant = as_instant
def as_instant(value, name):
    try:
        datetime.utcnow()
    except Exception:
        pass
    return _instant(value, name)
""",
        _SEEN,
    ),
    "decimal context in a value": Plant(
        "service/balance/_balance",
        "Balance.value = property(lambda self: self.good - self.ratio * self.bad)",
        _DIFFERENT,
    ),
    "decimal context in a repr": Plant(
        "primitives/rates", "Retention.__repr__ = lambda self: str(self.share)", _DIFFERENT
    ),
    "order of a set in a repr": Plant(
        "model/customer", "Customer.__repr__ = lambda self: repr(self.segments)", _DIFFERENT
    ),
    "local zone in a text": Plant(
        "primitives/periods",
        "Period.__str__ = lambda self: self.start.astimezone().isoformat()",
        {"rules", "poison", "ambience"},
    ),
}
