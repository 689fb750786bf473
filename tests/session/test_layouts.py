"""Layouts of the grid that were kept: found again, told when damaged, and never lost by a mistake."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.pipeline import Pipeline, Step
from medviewer.kit.errors import BadValue, MedviewerError
from medviewer.kit.paths import user_folder
from medviewer.kit.runner import InlineRunner
from medviewer.kit.task import Task
from medviewer.session.layouts import GridLayout, Layouts, read_layout, to_json
from medviewer.session.session import Session
from tests import factories

EDGES = Pipeline((Step.of("gamma", {"exponent": 0.5}),), "Edges", "words")


@pytest.fixture
def grid(session: Session, tmp_path: Path) -> Session:
    factories.ct(tmp_path / "ct", slices=4)
    session.run("study.open", paths=(tmp_path / "ct",))
    session.run("grid.toggle")
    return session


def on_disk() -> tuple[str, ...]:
    """What another window would find."""
    return tuple(one.name for one in Layouts(user_folder("layouts")).all)


def test_a_grid_that_was_kept_is_shown_again_recipes_and_all(grid: Session) -> None:
    grid.run("grid.move", cell=0, to=1)
    kept = grid.state.document.grid
    grid.run("grid.keep", name="Chest: two/ways")
    grid.run("grid.count", count=2)
    grid.run("grid.apply", name="chest: TWO/ways")
    assert grid.state.document.grid == kept
    assert on_disk() == ("Chest: two/ways",)
    grid.run("grid.toggle")
    grid.run("grid.apply", name="Chest: two/ways")
    assert grid.view.before_grid is not None


def test_a_layout_is_renamed_deleted_and_brought_back(grid: Session) -> None:
    grid.run("grid.keep", name="One")
    grid.run("grid.keep", name="Two")
    with pytest.raises(BadValue, match="already"):
        grid.run("grid.rename", name="One", to="TWO")
    grid.run("grid.rename", name="One", to="Three")
    assert on_disk() == ("Three", "Two")
    grid.run("grid.delete", name="Two")
    assert on_disk() == ("Three",)
    grid.run("edit.undo")
    grid.run("edit.undo")
    assert on_disk() == ("One", "Two")
    grid.run("edit.redo")
    assert on_disk() == ("Three", "Two")
    with pytest.raises(BadValue, match="no layout called 'One'"):
        grid.run("grid.apply", name="One")


def test_a_name_in_other_letters_keeps_one_file(grid: Session) -> None:
    grid.run("grid.keep", name="Thorax")
    grid.run("grid.keep", name="thorax")
    assert on_disk() == ("thorax",)
    assert len(list(user_folder("layouts").glob("*.json"))) == 1


RECIPES = st.builds(
    lambda values, name, on: Pipeline((Step.of("gamma", {"exponent": values}, on),), name),
    st.floats(0.2, 5.0).map(lambda one: round(one, 2)),
    st.sampled_from(["", "Name", "Ä & b"]),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(cells=st.lists(st.one_of(st.none(), st.just(Pipeline()), RECIPES), min_size=2, max_size=9))
def test_what_is_written_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, cells) -> None:
    path = tmp_path_factory.mktemp("kept") / "one.json"
    layout = GridLayout("Any", tuple(cells))
    path.write_text(to_json(layout), encoding="utf-8")
    assert read_layout(path) == layout


BROKEN = {
    "empty": "",
    "no JSON": "{",
    "a list": "[]",
    "too few cells": json.dumps({"medviewer_layout": 1, "name": "a", "cells": ["series"]}),
    "too many cells": json.dumps({"medviewer_layout": 1, "name": "a", "cells": ["series"] * 10}),
    "cells that are words": json.dumps({"medviewer_layout": 1, "name": "a", "cells": ["x", "y"]}),
    "a newer format": json.dumps({"medviewer_layout": 2, "name": "a", "cells": ["series"] * 2}),
    "deep": "[" * 100_000,
    "an unknown step": to_json(GridLayout("a", (None, Pipeline((Step.of("nothing", {}),))))),
    "a value beyond its limits": to_json(
        GridLayout("a", (None, Pipeline((Step.of("gamma", {"exponent": 1e9}),))))
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_damaged_file_is_told_in_a_sentence_and_the_others_are_read(tmp_path: Path, what: str) -> None:
    (tmp_path / "good.json").write_text(to_json(GridLayout("Good", (None, EDGES))), encoding="utf-8")
    (tmp_path / "bad.json").write_text(BROKEN[what], encoding="utf-8")
    with pytest.raises(MedviewerError):
        read_layout(tmp_path / "bad.json")
    found = Layouts(tmp_path)
    assert [one.name for one in found.all] == ["Good"]
    (told,) = found.troubles
    assert "bad.json" in told


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(b"\xff\xfe\x00\xd8")
    (told,) = Layouts(tmp_path).troubles
    assert "bad.json" in told


def test_a_folder_that_refuses_is_told_and_the_layout_stays_in_the_list(
    grid: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("medviewer.session.layouts.write_atomically", refuse)
    grid.run("grid.keep", name="Full")
    assert "No space left" in grid.state.notices[-1].message
    grid.run("grid.apply", name="Full")


def test_a_layout_that_is_kept_just_before_the_window_closes_is_kept(tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", slices=2)
    one = Session(runner=_Stopped())
    one.run("study.open", paths=(tmp_path / "ct",))
    one.run("grid.toggle")
    one.runner.is_stopped = True
    one.run("grid.keep", name="Late")
    assert on_disk() == ()
    one.close()
    assert on_disk() == ("Late",)


def test_the_list_is_shown_while_a_slow_disk_takes_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = Event(), Event()

    def slow(path: Path, content: bytes) -> None:
        begun.set()
        ended.wait(10)

    monkeypatch.setattr("medviewer.session.layouts.write_atomically", slow)
    found = Layouts(tmp_path)
    found.put("One", GridLayout("One", (None, EDGES)))
    writer = Thread(target=found.write)
    writer.start()
    assert begun.wait(10)
    seen: list[str] = []
    reader = Thread(target=lambda: seen.extend(one.name for one in found.all), daemon=True)
    reader.start()
    reader.join(5)
    is_waiting = reader.is_alive()
    ended.set()
    writer.join()
    assert not is_waiting
    assert seen == ["One"]


class _Stopped(InlineRunner):
    """Workers that come to nothing from some moment on, as those of a window that is being closed."""

    is_stopped = False

    def submit(self, task: Task[Any]) -> None:
        if not self.is_stopped:
            super().submit(task)
