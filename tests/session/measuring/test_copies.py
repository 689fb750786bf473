"""Annotations once more: pasted, duplicated, on other slices, and moved by keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medviewer.core.annotation import Annotation, Shape, names
from medviewer.kit.errors import BadValue
from medviewer.session.session import Session
from medviewer.session.state import Viewport
from tests import factories

POINT = (Shape.POINT, ((0.0, 0.0, 0.0),), "f")


@pytest.fixture
def ct(session: Session, tmp_path: Path) -> Session:
    """A tilted CT of six slices with pixels 0.8 mm high and 0.5 mm wide, the third one on the screen."""
    factories.ct(
        tmp_path / "ct", slices=6, spacing=(0.8, 0.5), step=3.0, orientation=(1, 0, 0, 0, 0.96, -0.28)
    )
    session.run("study.open", paths=(tmp_path / "ct",))
    session.run("view.goto", index=2)
    return session


def drawn(session: Session) -> tuple[Annotation, ...]:
    series = session.view.current.series
    assert series is not None
    return session.state.document.reading(series).annotations


def draw(session: Session, shape: str, *spots: tuple[float, float]) -> str:
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    return str(session.run("annotate.add", shape=shape, points=[plane.to_patient(*one) for one in spots]))


def spots(session: Session, one: Annotation, index: int) -> np.ndarray:
    series = session.series(session.view.current.series)
    assert series is not None
    plane = series.frames[index].plane
    assert one.lies_on(plane, 0.01)
    return np.array([plane.to_image(point) for point in one.points])


def places(*wanted: tuple[float, float]) -> object:
    return pytest.approx(np.array(wanted), abs=1e-6)


def test_what_is_drawn_is_counted_kind_by_kind_and_keeps_its_number(ct: Session) -> None:
    first = draw(ct, "length", (10, 10), (20, 20))
    draw(ct, "ellipse", (10, 10), (20, 20))
    draw(ct, "length", (30, 10), (20, 20))
    assert list(names(drawn(ct)).values()) == ["Length 1", "Ellipse 1", "Length 2"]
    ct.run("annotate.delete", id=first)
    draw(ct, "length", (30, 10), (25, 20))
    assert list(names(drawn(ct)).values()) == ["Ellipse 1", "Length 2", "Length 3"]


def test_what_came_without_a_number_gets_one_that_is_free() -> None:
    ones = [Annotation(*POINT, number=number, id=str(number)) for number in (2, 0)]
    more = Annotation(*POINT, id="more")
    called = names([*ones, more])
    assert list(called.values()) == ["Point 2", "Point 1", "Point 3"]
    assert names([Annotation(*POINT, text="Nodule", id="x")]) == {"x": "Nodule"}


@pytest.mark.parametrize(("to", "indices"), [("next", [3]), ("previous", [1]), ("all", [0, 1, 3, 4, 5])])
def test_a_copy_lies_on_the_slice_straight_over_the_first_and_is_one_undo(
    ct: Session, to: str, indices: list[int]
) -> None:
    draw(ct, "ellipse", (10, 12), (30, 40))
    ct.run("annotate.copy_to", to=to)
    for one, index in zip(drawn(ct)[1:], indices, strict=True):
        assert spots(ct, one, index) == places((10, 12), (30, 40))
    assert len({one.id for one in drawn(ct)}) == len(indices) + 1
    if to != "all":
        assert ct.view.current.index == indices[0]
        assert ct.view.selected == drawn(ct)[1].id
    ct.run("edit.undo")
    assert len(drawn(ct)) == 1


def test_there_is_no_slice_after_the_last(ct: Session) -> None:
    ct.run("view.goto", index=5)
    draw(ct, "point", (3, 3))
    with pytest.raises(BadValue, match="no next slice"):
        ct.run("annotate.copy_to", to="next")


def test_a_paste_on_another_slice_stays_over_the_place_and_beside_itself_on_its_own(ct: Session) -> None:
    draw(ct, "length", (10, 12), (30, 40))
    ct.run("annotate.copy")
    ct.run("annotate.paste")
    assert spots(ct, drawn(ct)[1], 2) == places((10 + 10 / 1.6, 22), (30 + 10 / 1.6, 50))
    ct.run("view.goto", index=4)
    ct.run("annotate.paste")
    assert spots(ct, drawn(ct)[2], 4) == places((10, 12), (30, 40))


def test_a_paste_outlives_what_it_was_copied_from(ct: Session) -> None:
    draw(ct, "length", (10, 12), (30, 40))
    ct.run("annotate.copy")
    ct.run("annotate.delete")
    ct.run("annotate.paste")
    assert [one.number for one in drawn(ct)] == [1]


def test_a_paste_on_another_patient_takes_the_place_on_the_picture(ct: Session, tmp_path: Path) -> None:
    draw(ct, "length", (10, 12), (30, 40))
    ct.run("annotate.copy")
    factories.xray(tmp_path / "x.dcm", patient="P2", study="2")
    ct.run("study.open", paths=(tmp_path / "x.dcm",))
    other = next(one.key for study in ct.state.studies for one in study.series if one.modality == "DX")
    ct.change(lambda view: view.with_viewport(0, Viewport(series=other)))
    ct.run("annotate.paste")
    assert spots(ct, drawn(ct)[0], 0) == places((10, 12), (30, 40))


@pytest.mark.rule("P-52")
@pytest.mark.parametrize(
    ("turns", "flipped", "moved"),
    [(0, False, (0, 1)), (1, False, (-1, 0)), (2, False, (0, -1)), (0, True, (0, -1))],
)
def test_a_nudge_to_the_right_goes_to_the_right_of_the_screen_by_a_pixel(
    ct: Session, turns: int, flipped: bool, moved: tuple[int, int]
) -> None:
    draw(ct, "length", (10, 12), (30, 40))
    for _ in range(turns):
        ct.run("view.rotate", degrees="90")
    if flipped:
        ct.run("view.flip", direction="horizontal")
    ct.run("annotate.nudge", right=1)
    down, right = moved
    assert spots(ct, drawn(ct)[0], 2) == places((10 + down, 12 + right), (30 + down, 40 + right))
    ct.run("annotate.nudge", right=10)
    ct.run("edit.undo")
    assert spots(ct, drawn(ct)[0], 2) == places((10, 12), (30, 40)), "one undo for all of them"


def test_what_is_not_to_be_seen_is_not_nudged(ct: Session) -> None:
    draw(ct, "length", (10, 12), (30, 40))
    ct.run("view.goto", index=0)
    with pytest.raises(BadValue, match="another picture"):
        ct.run("annotate.nudge", right=1)
