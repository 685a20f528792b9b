"""Violations to plant in a copy of the library, at least one of each kind, and which layers of the proof see them.

`rules` reads the source; `poison` drives with every way out poisoned; `ambience` drives where everything around the
process is different; `state` drives twice in one process, and looks whether anything has changed.
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
    "file_by_another_name": ("__builtins__['o' + 'pen']('README.md').close()", _SEEN),
    "path": ("from pathlib import Path; Path('README.md').read_text()", _SEEN),
    "socket": ("import socket; socket.socket().close()", _SEEN),
    "process": ("import subprocess; subprocess.run(['true'])", _SEEN),
    "import_of_the_standard_library": ("import csv", _SEEN),
    "import_of_an_extra": ("import hypothesis", _SEEN),
    "warning": ("import warnings; warnings.warn('beware')", _SEEN),
    "logging": ("import logging; logging.getLogger('crmcore').error('beware')", _SEEN),
    "print": ("print('beware')", _SEEN),
    "input": ("try: input()\nexcept EOFError: pass", _SEEN),
    "locale_number": ("__all__ = [f'{1234567:n}']", {"rules", "ambience"}),
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
    "docstring_that_acts": ("def f():\n    'Adds.'\n__all__ = [str(f.__doc__)]", {"ambience", "rules"}),
    "debug": ("__all__ = [str(__debug__)]", {"ambience", "rules"}),
    "sys_of_another_module": ("from enum import sys; sys.argv", {"rules"}),
    "module_by_its_names": ("import operator; vars(operator)['__builtins__']['open']('README.md').close()", _SEEN),
    "module_of_a_module": ("import statistics; statistics.random.random()", _SEEN),
    "original_stream": ("from enum import sys; sys.__stdout__.write('beware')", _SEEN),
    "original_input": ("from enum import sys; sys.__stdin__.readline()", _SEEN),
    "file_descriptor": ("import os; os.write(1, b'')", _SEEN),
    "precision": ("from decimal import getcontext; getcontext().prec = 9", {"rules", "state"}),
    "rounding": ("import decimal; decimal.getcontext().rounding = decimal.ROUND_UP", {"rules", "state"}),
    "traps": ("from decimal import getcontext, Inexact; getcontext().traps[Inexact] = True", {"rules", "state"}),
    "context_replaced": ("from decimal import Context, setcontext; setcontext(Context(prec=5))", {"rules", "state"}),
    "default_context": ("from decimal import DefaultContext; DefaultContext.prec = 27", {"rules", "state"}),
    "recursion_limit": ("from enum import sys; sys.setrecursionlimit(2000)", {"rules", "state"}),
    "switch_interval": ("from enum import sys; sys.setswitchinterval(0.01)", {"rules", "state"}),
    "path_of_imports": ("from enum import sys; sys.path.append('/nowhere')", {"rules", "state"}),
    "finder": ("from enum import sys; sys.meta_path.append(object)", {"rules", "state"}),
    "excepthook": ("from enum import sys; sys.excepthook = print", {"rules", "state"}),
    "trace": ("from enum import sys; sys.settrace(lambda *_: None)", {"rules", "poison", "state"}),
    "environment_changed": ("import os; os.environ['CRMCORE'] = '1'", {"rules", "poison", "state"}),
    "exit_function": ("import atexit; atexit.register(int)", {"rules", "state"}),
    "collector": ("import gc; gc.set_threshold(701)", {"rules", "state"}),
    "signal": ("import signal; signal.signal(signal.SIGALRM, signal.SIG_IGN)", {"rules", "state"}),
    "thread": ("import threading; threading.Thread(target=int).start()", {"rules"}),
    "locale_set": ("import locale; locale.setlocale(locale.LC_NUMERIC, 'C')", {"poison", "rules", "state"}),
    "locale_asked": (
        "import locale; __all__ = [str(locale.localeconv()['decimal_point'])]",
        {"rules", "poison", "ambience"},
    ),
    "locale_in_a_format": ("__all__ = ['{:n}'.format(1234567)]", {"rules", "ambience"}),
    "locale_in_a_computed_format": ("__all__ = [format(1234567, chr(110))]", {"ambience"}),
    "locale_of_a_decimal": (
        "from decimal import Decimal; __all__ = [format(Decimal(1234567), ',n'[1:])]",
        {"ambience"},
    ),
    "date_read_by_the_locale": ("from datetime import datetime; datetime.strptime('2026', '%Y')", {"rules", "poison"}),
    "built_in_changed": ("import builtins; builtins.crmcore = 1", {"rules", "state"}),
    "module_changed": ("import math; math.tau = 6", {"rules", "state"}),
    "validators_switched_off": ("import attrs; attrs.validators.set_disabled(True)", {"rules", "state"}),
    "pickling_changed": (
        "import copyreg; copyreg.pickle(bytearray, lambda it: (bytearray, ()))",
        {"rules", "state"},
    ),
    "warning_filter": ("import warnings; warnings.simplefilter('ignore')", {"poison", "rules", "state"}),
    "own_file": ("__file__.upper()", {"rules"}),
    "own_loader": ("__loader__.find_spec('os')", {"rules"}),
    "every_class": ("[cls for cls in object.__subclasses__() if cls.__name__ == 'Popen']", {"rules"}),
    "globals_of_a_function": ("(lambda: 0).__globals__['__builtins__']", {"rules"}),
    "frame": ("from enum import sys; sys._getframe()", {"rules"}),
    "address_in_memory": ("__all__ = [repr(object())]", {"ambience"}),
    "hash_of_an_object": ("__all__ = [str(hash(object()))]", {"ambience"}),
    "platform": ("from enum import sys; __all__ = [sys.platform]", {"rules"}),
    "size_in_memory": ("from enum import sys; __all__ = [str(sys.getsizeof(''))]", {"rules"}),
    "process_id": ("import os; __all__ = [str(os.getpid())]", {"rules", "poison", "ambience"}),
    "host": ("import socket; socket.gethostname()", _SEEN),
    "temporary_file": ("import tempfile; tempfile.gettempdir()", _SEEN),
    "database": ("import sqlite3; sqlite3.connect(':memory:').close()", _SEEN),
    "zone_from_a_file": ("from zoneinfo import ZoneInfo; ZoneInfo('Antarctica/Troll')", {"rules"}),
    "zone_of_the_machine": ("from dateutil.tz import tzlocal; tzlocal()", _SEEN),
    "foreign_function": ("import ctypes; ctypes.CDLL(None)", _SEEN),
    "breakpoint": ("breakpoint", {"rules"}),
    "code_from_text": ("import re; re._compiler", {"rules"}),
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
    "state of a module": Plant(
        "service/balance/_balance",
        """
_asked = [0]
_value = Balance.value.fget
def _count(self):
    _asked[0] += 1
    return _value(self)
Balance.value = property(_count)
""",
        {"state"},
    ),
    "state of a function": Plant(
        "primitives/checks",
        """
_text = as_text
def as_text(value, name, seen=set()):
    seen.add(str(value)[:3] if len(seen) < 5 else len(seen))
    return _text(value, name)
as_text.__defaults__[0].update(range(-9, 0))
as_text.calls = 0
_plain_text = as_text
def as_text(value, name):
    _plain_text.calls += 1
    return _plain_text(value, name)
""",
        {"state"},
    ),
    "answer that depends on the one before": Plant(
        "primitives/rates",
        """
Retention._last = None
def _show(self):
    before, Retention._last = Retention._last, str(self.share)
    return f"{before} {self.share:f}"
Retention.__repr__ = _show
""",
        {"state"},
    ),
    "argument changed": Plant(
        "service/balance/_balance",
        """
_of = Balance.of.__func__
def _take(cls, moments, *args, **named):
    result = _of(cls, list(moments), *args, **named)
    if isinstance(moments, list) and moments:
        moments.append(moments[0])
    return result
Balance.of = classmethod(_take)
""",
        {"state"},
    ),
    "context left behind": Plant(
        "service/balance/_balance",
        """
import decimal as _decimal
_value = Balance.value.fget
def _leave(self):
    _decimal.getcontext().prec = 27
    return _value(self)
Balance.value = property(_leave)
""",
        {"rules"},
    ),
    "local zone in a text": Plant(
        "primitives/periods",
        "Period.__str__ = lambda self: self.start.astimezone().isoformat()",
        {"rules", "poison", "ambience"},
    ),
}
