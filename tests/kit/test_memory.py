"""What the machine can give is asked of the system, and a silent system is no trouble."""

from __future__ import annotations

from pathlib import Path

import pytest

from medviewer.kit import memory

MEMINFO = "MemTotal:       24684092 kB\nMemFree:        22366268 kB\nMemAvailable:   24120772 kB\n"


def test_what_is_available_is_read_and_not_what_is_merely_unused() -> None:
    assert memory.available_in(MEMINFO) == 24_120_772 * 1024


@pytest.mark.parametrize("text", ["", "MemTotal: 5 kB", "MemAvailable:", "MemAvailable: much kB", "\0" * 50])
def test_a_system_that_does_not_tell_is_no_trouble(text: str) -> None:
    assert memory.available_in(text) == 0


def test_what_is_free_is_a_part_of_what_there_is() -> None:
    assert 0 < memory.free_bytes() <= (memory.total_bytes() or memory.UNKNOWN)


@pytest.mark.parametrize(
    ("limit", "used", "free"),
    [
        ("1000000", "400000", 600_000),
        ("1000", "5000", 0),
        ("max", "5", None),
        ("9223372036854771712", "5", None),
    ],
)
def test_a_container_may_have_less_than_its_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, used: str, free: int | None
) -> None:
    (tmp_path / "memory.max").write_text(limit + "\n")
    (tmp_path / "memory.current").write_text(used + "\n")
    without = memory.free_bytes()
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    if free is None:
        assert memory.free_bytes() > without // 2
    else:
        assert memory.free_bytes() == free


@pytest.mark.parametrize(
    ("size", "words"), [(1, "1 MB"), (1 << 20, "1 MB"), ((1 << 20) + 1, "2 MB"), (5 << 30, "5,120 MB")]
)
def test_what_something_needs_is_never_told_as_less_or_as_nothing(size: int, words: str) -> None:
    assert memory.in_megabytes(size) == words
