"""A lock is one program's until it is released, or the program is no more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from medviewer.kit.locks import FileLock

HOLDS = """
import sys, time
from pathlib import Path
from medviewer.kit.locks import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.take(), flush=True)
time.sleep(60)
"""


def test_what_one_has_taken_nobody_else_can_take(tmp_path):
    one, other = FileLock(tmp_path / "a.lock"), FileLock(tmp_path / "a.lock")
    assert one.take()
    assert one.take()
    assert not other.take()
    assert FileLock(tmp_path / "b.lock").take()
    one.release()
    assert other.take()
    one.release()
    assert not one.take()
    other.release()
    assert [path.name for path in tmp_path.iterdir() if path.name == "a.lock"] == []


def test_a_program_that_is_killed_lets_go(tmp_path):
    path = tmp_path / "a.lock"
    child = subprocess.Popen([sys.executable, "-c", HOLDS, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline().strip() == "True"
    assert not FileLock(path).take()
    child.kill()
    child.wait()
    child.stdout.close()
    mine = FileLock(path)
    assert mine.take()
    mine.release()


def test_where_a_lock_cannot_be_made_nobody_is_kept_out(tmp_path):
    assert FileLock(tmp_path / "missing" / "a.lock").take()
    (tmp_path / "file").write_text("")
    assert FileLock(Path(os.fspath(tmp_path / "file")) / "a.lock").take()
