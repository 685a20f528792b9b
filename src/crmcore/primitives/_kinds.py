"""The real class of a value, whatever the value claims.

``isinstance`` also asks the value for its ``__class__``, which is code of the caller: a stand-in that claims to be a
Decimal has none of its methods, and one that raises would stop a check halfway.
"""

from typing import TYPE_CHECKING, Any

__all__ = ["is_a"]

if TYPE_CHECKING:
    from builtins import isinstance as is_a  # so that type checkers narrow the type
else:

    def is_a(value: Any, kind: Any) -> bool:  # noqa: ANN401 - of anything, one class or several
        """Return whether the class of a value is a kind, or derives from it."""
        return issubclass(type(value), kind)
