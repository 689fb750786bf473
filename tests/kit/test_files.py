"""Writing that leaves the old file or the new one, never neither and never half."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from medviewer.kit import files
from medviewer.kit.files import write_atomically

POSIX = pytest.mark.skipif(os.name == "nt", reason="folders and permissions as POSIX has them")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def failing(monkeypatch, name, trouble):
    def fail(*_):
        raise trouble

    monkeypatch.setattr(files.os, name, fail)


def test_a_file_is_written_with_the_folders_it_needs(tmp_path):
    write_atomically(tmp_path / "a" / "b" / "c.json", b"new")
    assert (tmp_path / "a" / "b" / "c.json").read_bytes() == b"new"
    assert names(tmp_path / "a" / "b") == ["c.json"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_when_the_disk_refuses_the_old_file_stays_and_nothing_is_left_behind(tmp_path, monkeypatch, call):
    path = tmp_path / "kept.json"
    path.write_bytes(b"old")
    failing(monkeypatch, call, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["kept.json"]


def test_a_disk_that_is_full_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "kept.json"
    path.write_bytes(b"old")

    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(name, mode):
        Path(name).write_bytes(b"")
        return Full()

    monkeypatch.setattr(files, "open", opened, raising=False)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["kept.json"]


def test_an_interruption_leaves_the_old_file_too(tmp_path, monkeypatch):
    path = tmp_path / "kept.json"
    path.write_bytes(b"old")
    failing(monkeypatch, "replace", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["kept.json"]


@POSIX
@pytest.mark.parametrize("refusal", [errno.EINVAL, errno.ENOTSUP])
def test_a_shared_folder_that_cannot_be_made_durable_is_no_failure(tmp_path, monkeypatch, refusal):
    real = os.fsync

    def fsync(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(refusal, "Invalid argument")
        real(handle)

    monkeypatch.setattr(files.os, "fsync", fsync)
    write_atomically(tmp_path / "a.json", b"new")
    assert (tmp_path / "a.json").read_bytes() == b"new"


@POSIX
def test_a_disk_that_fails_to_make_the_name_durable_is_told(tmp_path, monkeypatch):
    real = os.fsync

    def fsync(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        real(handle)

    monkeypatch.setattr(files.os, "fsync", fsync)
    with pytest.raises(OSError, match="Input/output"):
        write_atomically(tmp_path / "a.json", b"new")


def test_a_virus_scanner_that_holds_the_old_file_for_a_moment_is_waited_for(tmp_path, monkeypatch):
    real, refusals = os.replace, [PermissionError(13, "in use"), PermissionError(13, "in use")]

    def replace(old, new):
        if refusals:
            raise refusals.pop()
        real(old, new)

    monkeypatch.setattr(files, "WAITS_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr(files.os, "replace", replace)
    write_atomically(tmp_path / "a.json", b"new")
    assert (tmp_path / "a.json").read_bytes() == b"new"


@POSIX
def test_an_exported_file_can_be_read_by_those_who_may_read_any_new_file_there(tmp_path):
    old = os.umask(0o022)
    try:
        write_atomically(tmp_path / "picture.png", b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "picture.png").stat().st_mode) == 0o644


WRITER = """
import sys
from pathlib import Path
from medviewer.kit.files import write_atomically
number = 0
while True:
    number += 1
    write_atomically(Path(sys.argv[1]), b"%d " % number + b"x" * 200_000 + b" %d" % number)
"""


def test_a_program_killed_while_it_writes_leaves_a_whole_file_and_no_lookalikes(tmp_path):
    path = tmp_path / "recipe.json"
    for round_ in range(6):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
        end = time.monotonic() + 20
        before = path.read_bytes() if path.exists() else b""
        while time.monotonic() < end and (not path.exists() or path.read_bytes() == before):
            time.sleep(0.005)
        time.sleep(0.004 * round_)
        writer.kill()
        writer.wait()
        content = path.read_bytes()
        first, middle, last = content.split(b" ")
        assert first == last
        assert len(middle) == 200_000
    assert [found.name for found in tmp_path.glob("*.json")] == ["recipe.json"]
