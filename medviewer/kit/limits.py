"""Limits of memory and time for a process that opens what strangers wrote, where the system has such."""

from __future__ import annotations

import sys


def limit_memory(most: int) -> None:
    """At most *most* bytes of addresses from now on, and no picture of the memory when the process dies."""
    if not sys.platform.startswith("linux"):
        return
    import resource  # noqa: PLC0415  (not there on Windows)

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def limit_time(seconds: int) -> None:
    """So many seconds of processor from now on, in case nobody is left to stop us."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  (not there on Windows)

    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
