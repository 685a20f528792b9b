"""A child process: ``python -m tests.purity.child MODE CONTEXT`` drives, as `drive.py` says."""

import sys


def main(mode: str, context: str) -> int:
    """Choose the datetime before anything imports it: the pure-Python one goes to the module `time` for every clock."""
    if mode == "poisoned":
        for name in ("_datetime", "_zoneinfo"):
            sys.modules[name] = None  # type: ignore[assignment]  # pyright: ignore[reportArgumentType] - forbids its import
    from tests.purity.drive import main

    return main(mode, context)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
