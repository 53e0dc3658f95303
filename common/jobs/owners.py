"""Who holds a range: a process, named so that its death can be seen from the same host."""

import os
import socket
from collections.abc import Iterable

import psutil

# The kernel counts a process's start from boot, and the boot's own instant may wobble by a second.
START_TOLERANCE = 2.0


def this_owner() -> str:
    """This process as `host:pid:start`, the start telling apart processes that share a pid."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{psutil.Process(pid).create_time():.2f}"


def dead_among(owners: Iterable[str]) -> list[str]:
    """Those owners that ran on this host and live no longer; of other hosts nothing is known."""
    return [owner for owner in owners if _is_dead(owner)]


def _is_dead(owner: str) -> bool:
    host, pid, start = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        process = psutil.Process(int(pid))
        is_zombie = process.status() == psutil.STATUS_ZOMBIE
        is_same = abs(process.create_time() - float(start)) <= START_TOLERANCE
    except psutil.NoSuchProcess:
        return True
    return is_zombie or not is_same
