"""How much memory this machine can still give, asked of the system without any library."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

UNKNOWN = 2 << 30
"""What is taken to be free where no system tells."""
_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")
_GROUP_V1 = _GROUP / "memory"
_SHARED = "/dev/shm"
_NO_LIMIT = 1 << 60
"""Groups of the first version say so, nearly, when they have no limit."""


def free_bytes() -> int:
    """The memory that can be used now without anything being moved out of it, in bytes.

    Linux tells (MemAvailable; less where a container has a limit), and so does Windows. Elsewhere half of all
    there is stands for it.
    """
    if sys.platform == "win32":
        return _windows()[1] or UNKNOWN
    free = available_in(_read(_MEMINFO)) or total_bytes() // 2 or UNKNOWN
    left = [room for room in (_room(_GROUP, "max", "current"), _room_v1()) if room is not None]
    return min([free, *left])


def total_bytes() -> int:
    """All the memory of the machine in bytes, 0 where the system does not tell."""
    if sys.platform == "win32":
        return _windows()[0]
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0


def shared_bytes() -> int:
    """The memory that processes can share, in bytes; containers are often given little of it."""
    try:
        found = os.statvfs(_SHARED)
    except (AttributeError, OSError):
        return _NO_LIMIT
    return found.f_bavail * found.f_frsize


def in_megabytes(size: int) -> str:
    """What *size* bytes need, in words: whole megabytes of 2^20 bytes, rounded up and never none."""
    return f"{max(-(-size >> 20), 1):,} MB"


def available_in(meminfo: str) -> int:
    """MemAvailable of the text of /proc/meminfo in bytes, 0 when it is not there."""
    for line in meminfo.splitlines():
        name, _, value = line.partition(":")
        words = value.split()
        if name == "MemAvailable" and words and words[0].isdigit():
            return int(words[0]) * 1024
    return 0


def _room(folder: Path, limit: str, used: str) -> int | None:
    """What the group of processes in *folder* may still take, None without a limit."""
    most, now = (_read(folder / f"memory.{name}").strip() for name in (limit, used))
    if not (most.isdigit() and now.isdigit()) or int(most) >= _NO_LIMIT:
        return None
    return max(0, int(most) - int(now))


def _room_v1() -> int | None:
    return _room(_GROUP_V1, "limit_in_bytes", "usage_in_bytes")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("available", ctypes.c_uint64),
        ("total_page_file", ctypes.c_uint64),
        ("available_page_file", ctypes.c_uint64),
        ("total_virtual", ctypes.c_uint64),
        ("available_virtual", ctypes.c_uint64),
        ("available_extended", ctypes.c_uint64),
    )


def _windows() -> tuple[int, int]:
    """(all, free) bytes, zeros when Windows does not tell."""
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    library = getattr(ctypes, "windll", None)
    if library is None or not library.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return 0, 0
    return int(status.total), int(status.available)
