"""Packages that load their files when a name of theirs is first used.

Each attrs class takes about half a millisecond to build. A package whose files answer different questions loads only
those that a caller asks for.
"""

from collections.abc import Callable, Mapping
from importlib import import_module


def load_on_use(package: str, files: Mapping[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a package whose files are loaded on first use.

    Args:
        package: The name of the package, which becomes the `__module__` of what its files define.
        files: The names that the package offers, separated by spaces, by the file that defines them.
    """
    file_of = {name: file for file, names in files.items() for name in names.split()}

    def load(name: str) -> object:
        if name not in file_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        file = import_module(f"{package}.{file_of[name]}")
        for offered in files[file_of[name]].split():
            value = getattr(file, offered)
            value.__module__ = package
            setattr(import_module(package), offered, value)
        return getattr(file, name)

    def list_names() -> list[str]:
        return sorted({*vars(import_module(package)), *file_of})

    return load, list_names
