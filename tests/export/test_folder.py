"""A folder of files that is there whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from medviewer.export.folder import whole_folder
from medviewer.kit.errors import ExportTrouble


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def fill(folder: Path) -> None:
    for name in ("a", "b", "c"):
        (folder / name).write_text(f"new {name}")


def filled_and_then(target: Path, trouble: BaseException) -> None:
    with whole_folder(target) as folder:
        fill(folder)
        raise trouble


def test_it_is_not_there_before_it_is_whole(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "deep" / "out") as folder:
        fill(folder)
        assert not (tmp_path / "deep" / "out").exists()
    assert contents(tmp_path) == {f"deep/out/{name}": f"new {name}" for name in "abc"}


def test_what_goes_wrong_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        filled_and_then(tmp_path / "out", KeyboardInterrupt())
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(ExportTrouble, match="No space left"):
        filled_and_then(tmp_path / "out", full)
    assert list(tmp_path.iterdir()) == []


def test_other_files_of_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with whole_folder(tmp_path) as folder:
        fill(folder)
    assert contents(tmp_path) == {"mine": "mine", "a": "new a", "b": "new b", "c": "new c"}


@pytest.mark.parametrize("failing", range(6))
def test_a_disk_that_fails_while_files_are_replaced_gives_the_old_ones_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(f"old {name}")
    move, count = os.replace, []

    def sometimes(source: Path, target: Path) -> None:
        count.append(1)
        if len(count) == failing + 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        move(source, target)

    monkeypatch.setattr(os, "replace", sometimes)
    with pytest.raises(ExportTrouble), whole_folder(tmp_path, replace=True) as folder:
        fill(folder)
    assert contents(tmp_path) == {name: f"old {name}" for name in "abc"}


def test_a_disk_that_refuses_is_told_by_the_name_of_what_was_to_be_there(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with pytest.raises(ExportTrouble, match=r"^a\.dcm was not written"), whole_folder(target) as folder:
        raise OSError(errno.EROFS, "Read-only file system", str(folder / "a.dcm"))
    with pytest.raises(ExportTrouble, match="^out was not written"), whole_folder(target) as folder:
        raise OSError(errno.EROFS, "Read-only file system", str(folder))
