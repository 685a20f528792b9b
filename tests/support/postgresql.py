"""A PostgreSQL server for tests, on a socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["run_server"]


def find_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL on this machine, as Debian or the path has it."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    program = debian[-1] if debian else shutil.which("initdb")
    return Path(program).resolve().parent if program else None


@contextmanager
def run_server() -> Generator[str]:
    """Start a server, yield the address of its database for SQLAlchemy, and stop it; skip the test if there is none.

    PostgreSQL refuses to run as root; root starts it as the user ``postgres``, which its package makes.
    """
    programs = find_programs()
    if programs is None:
        pytest.skip("this machine has no PostgreSQL")
    as_root = os.geteuid() == 0
    if as_root and not Path("~postgres").expanduser().is_absolute():
        pytest.skip("root cannot run PostgreSQL, and this machine has no user postgres")
    other: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if as_root else {}
    folder = Path(tempfile.mkdtemp(prefix="crmcore-"))  # the path of a socket must be short

    def run(program: str, *arguments: str) -> None:
        command: list[str | Path] = [programs / program, "--pgdata", folder / "data", *arguments]
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=True, **other)

    try:
        if as_root:
            shutil.chown(folder, "postgres", "postgres")
        run("initdb", "--auth=trust", "--username=crmcore", "--encoding=UTF8", "--locale=C", "--no-sync")
        options = f"-F -c unix_socket_directories='{folder}' -c listen_addresses=''"
        run("pg_ctl", "start", "--wait", "--log", str(folder / "log"), "--options", options)
        try:
            yield f"postgresql+psycopg://crmcore@/postgres?host={folder}"
        finally:
            run("pg_ctl", "stop", "--mode=immediate")
    finally:
        shutil.rmtree(folder)
