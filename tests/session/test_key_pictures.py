"""Pictures that were marked are marked, found again, and stay with the picture that they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from medviewer.kit.errors import BadValue
from medviewer.session.facts import KEY_PICTURE, is_key, marked_lines
from medviewer.session.session import Session
from tests import factories


def marked(session: Session) -> bool:
    now = session.view.current
    series = session.series(now.series)
    assert series is not None
    return is_key(series, now, session.state.document.reading(series.key))


def test_a_mark_is_toggled_undone_and_said_on_its_own_picture_only(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path, 5)
    session.run("study.open", paths=(tmp_path,))
    session.run("view.goto", index=3)
    session.run("key.toggle")
    assert marked(session)
    session.run("view.goto", index=2)
    assert not marked(session)
    session.run("view.goto", index=3)
    session.run("key.toggle")
    assert not marked(session)
    session.run("edit.undo")
    assert marked(session)


def test_key_pictures_are_stepped_through_across_series_and_around(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "a", 4, series="1", SeriesNumber=1)
    factories.mr(tmp_path / "b", 4, series="2", SeriesNumber=2)
    session.run("study.open", paths=(tmp_path,))
    (study,) = session.state.studies
    wanted = [(study.series[0].key, 1), (study.series[0].key, 3), (study.series[1].key, 2)]
    for key, index in wanted:
        session.run("view.show", series=key)
        session.run("view.goto", index=index)
        session.run("key.toggle")
    session.run("view.show", series=study.series[0].key)
    session.run("view.goto", index=0)
    seen = []
    for _ in range(4):
        session.run("key.step", by=1)
        seen.append((session.view.current.series, session.view.current.index))
    assert seen == [*wanted, wanted[0]]
    session.run("key.step", by=-1)
    assert (session.view.current.series, session.view.current.index) == wanted[-1]


def test_a_cut_through_a_stack_is_no_picture_to_mark(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path, 6)
    session.run("study.open", paths=(tmp_path,))
    with pytest.raises(BadValue, match="No picture is marked"):
        session.run("key.step", by=1)
    session.run("key.toggle")
    index = session.view.current.index
    session.run("plane.show", name="coronal")
    with pytest.raises(BadValue, match="no picture of the study"):
        session.run("key.toggle")
    session.run("key.step", by=1)
    assert session.view.current.cut is None
    assert session.view.current.index == index


def test_a_star_stands_behind_the_number_of_a_key_picture() -> None:
    assert marked_lines(("3 / 20", "z 4 mm"), True) == (f"3 / 20  {KEY_PICTURE}", "z 4 mm")
    assert marked_lines(("3 / 20",), False) == ("3 / 20",)
