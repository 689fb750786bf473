"""Labels of a viewport as surfaces in 3-D: which are seen, when they are made anew, and what says why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from medviewer.core.finding import Provenance
from medviewer.core.labels import Label, LabelMap
from medviewer.core.view3d import Shows, View3D
from medviewer.imaging.shapes import Words
from medviewer.imaging.volume_rendering import label_surface
from medviewer.imaging.volume_rendering.available import why_not
from medviewer.kit.errors import BadValue, Cancelled, MedviewerError
from medviewer.kit.task import TaskContext
from medviewer.session.delivery import Shown
from medviewer.session.session import Session
from medviewer.session.surfaces import held
from tests import factories

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "VTK is there")
SIZE = (200, 240)
RED, GREEN = Label(1, "Cyst", "#ff0000"), Label(2, "Stone", "#00ff00")


def marked(*parts: tuple[int, int, int, int]) -> dict[int, np.ndarray]:
    """Slices of 64 x 64 on which (value, slice, row, column) mark 12 x 12 pixels on three slices each."""
    slices: dict[int, np.ndarray] = {}
    for value, at, row, column in parts:
        for one in range(at, at + 3):
            slices.setdefault(one, np.zeros((64, 64), np.uint8))[row : row + 12, column : column + 12] = value
    return slices


def put(session: Session, *maps: LabelMap) -> None:
    """Have these label maps on the shown series."""
    series = session.view.current.series
    assert series is not None
    session.edit(
        "Labels", lambda document: document.with_reading(replace(document.reading(series), groups=maps))
    )


@pytest.fixture
def ct(session: Session, tmp_path: Path) -> Iterator[Session]:
    """Twelve slices, a red label at the right and a green one at the left of the patient."""
    factories.ct(tmp_path / "ct", slices=12)
    session.run("study.open", paths=(tmp_path / "ct",))
    session.canvas[0] = SIZE
    count = session.series(session.view.current.series).count
    shape = session.rendering.draw(0, None).frame.plane.shape
    assert (count, shape) == (12, (64, 64))
    put(session, LabelMap.empty(12, (RED, GREEN)).with_slices(marked((1, 2, 20, 8), (2, 7, 20, 44))))
    return session


def picture(session: Session) -> np.ndarray:
    shown = session.rendering.draw(0, SIZE)
    assert shown.picture is not None
    return shown.picture.pixels.astype(int)


def seen(session: Session) -> tuple[bool, bool]:
    """Whether red and green are to be seen."""
    red, green, blue = np.moveaxis(picture(session), 2, 0)
    return bool((red > 2 * green + 2 * blue + 40).any()), bool((green > 2 * red + 2 * blue + 40).any())


def pictures(session: Session) -> list[Shown]:
    got: list[Shown] = []
    session.rendering.show(0, SIZE, got.append)
    return got


def words(session: Session) -> str:
    viewing = session.rendering.viewing(0, (600, 800))
    assert viewing is not None
    return " ".join(one.text for one in session.rendering.shapes(0, viewing) if isinstance(one, Words))


def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is made from now on: a word for each surface."""
    names: list[str] = []
    real = held.surface_model

    def counted(mask: np.ndarray, *values: object) -> label_surface.SurfaceModel:
        names.append("red" if mask[:, :, :32].any() else "green")
        return real(mask, *values)  # type: ignore[arg-type]

    monkeypatch.setattr(held, "surface_model", counted)
    return names


def test_labels_are_seen_alone_with_the_body_or_not_at_all(ct: Session) -> None:
    ct.run("view3d.labels")
    assert ct.view.current.view3d is not None
    assert seen(ct) == (True, True)
    alone = (picture(ct).max(axis=2) > 30).sum()
    ct.run("view3d.shows", what="both")
    assert seen(ct) == (True, True)
    assert (picture(ct).max(axis=2) > 30).sum() > alone
    ct.run("view3d.shows", what="body")
    assert seen(ct) == (False, False)
    ct.run("view3d.labels")
    ct.run("view3d.labels")
    assert ct.view.current.view3d is None


def test_what_is_hidden_or_beside_the_one_seen_alone_is_not_seen(ct: Session) -> None:
    ct.run("view3d.labels")
    group = ct.state.document.reading(ct.view.current.series).groups[0].id
    ct.run("labels.show", group=group, value=1, visible=False)
    assert seen(ct) == (False, True)
    assert "labels only: Stone" in words(ct)
    ct.run("labels.show", group=group, value=1, visible=True)
    ct.run("labels.choose", group=group, value=1)
    ct.run("labels.solo")
    assert seen(ct) == (True, False)
    ct.run("labels.solo")
    ct.run("labels.hide", on=True)
    trouble = pictures(ct)[-1].trouble
    assert trouble is not None
    assert "No label of this series is visible" in trouble.message


def test_the_red_one_is_where_the_patients_right_is_said_to_be(ct: Session) -> None:
    ct.run("view3d.labels")
    for side, is_left_in_picture in (("anterior", True), ("posterior", False)):
        ct.run("view3d.face", side=side)
        colours = picture(ct)
        columns = np.nonzero(colours[..., 0] > 60 + 2 * colours[..., 1])[1]
        assert (columns.mean() < SIZE[1] / 2) == is_left_in_picture


def test_painting_one_label_makes_only_its_surface_anew(ct: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    ct.run("view3d.labels")
    picture(ct)
    names = made(monkeypatch)
    picture(ct)
    ct.run("view3d.turn", right=20.0)
    picture(ct)
    assert names == []
    labels = ct.state.document.reading(ct.view.current.series).groups[0]
    more = marked((2, 7, 20, 44), (2, 9, 34, 44))
    put(ct, labels.with_slices({at: more[at] for at in range(7, 12)}))
    before = ct.three_d.held_bytes
    picture(ct)
    assert names == ["green"]
    put(ct, labels)
    picture(ct)
    assert names == ["green", "green"]
    assert ct.three_d.held_bytes <= before * 1.5  # what is old is given back


def test_colours_and_opacity_change_the_picture_and_make_nothing_anew(
    ct: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ct.run("view3d.labels")
    first = picture(ct)
    names = made(monkeypatch)
    group = ct.state.document.reading(ct.view.current.series).groups[0].id
    ct.run("labels.choose", group=group, value=1)
    ct.run("labels.label_opacity", opacity=0.1)
    faint = picture(ct)
    assert 0.15 < faint[..., 0].max() / first[..., 0].max() < 0.35
    assert names == []


def test_a_large_label_comes_lightly_first_and_finely_at_rest(
    ct: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "LIGHT", 300)
    ct.run("view3d.labels")
    got = pictures(ct)
    assert [one.trouble for one in got] == [None] * len(got)
    assert len(got) >= 2
    assert "coarse" not in words(ct)
    at_hand = ct.three_d.at_hand(ct.rendering.wanted(0, SIZE))
    assert at_hand is not None
    np.testing.assert_array_equal(at_hand.pixels, ct.rendering.draw(0, SIZE).picture.pixels)


def test_making_surfaces_can_be_stopped(ct: Session) -> None:
    ct.run("view3d.labels")
    request = ct.rendering.wanted(0, SIZE)
    context = TaskContext()
    context.token.cancel()
    with pytest.raises(Cancelled):
        ct.three_d.picture(request, context)
    assert ct.three_d.picture(request).size == SIZE


def test_a_reader_who_stops_the_job_is_told_and_turning_begins_anew(
    ct: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = held.surface_model

    def stopped(*values: object) -> label_surface.SurfaceModel:
        ct.jobs.cancel_kind("surfaces")
        return real(*values)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(held, "surface_model", stopped)
        ct.run("view3d.labels")
        got = pictures(ct)
    assert [one.trouble.message for one in got if one.trouble] == ["The surfaces were stopped."]
    assert ct.state.jobs == ()
    ct.run("view3d.turn", right=5.0)
    assert pictures(ct)[-1].trouble is None


def test_each_value_of_a_series_has_its_own_surfaces(session: Session, tmp_path: Path) -> None:
    factories.repeated(tmp_path / "heart", [{"TriggerTime": time} for time in (0, 40)])
    session.run("study.open", paths=(tmp_path / "heart",))
    session.canvas[0] = SIZE
    series = session.series(session.view.current.series)
    assert series is not None
    rows, columns = session.rendering.draw(0, None).frame.plane.shape
    pixels = np.zeros((rows, columns), np.uint8)
    pixels[rows // 4 : rows // 2, columns // 4 : columns // 2] = 1
    places = range(series.places, series.places + 3)  # of the second phase
    put(session, LabelMap.empty(series.count, (RED,)).with_slices(dict.fromkeys(places, pixels)))
    session.run("view3d.labels")
    with pytest.raises(BadValue, match="Nothing is marked on these pictures"):
        session.rendering.draw(0, SIZE)
    session.run("view3d.labels")
    session.run("view.dimension", by=1)
    session.run("view3d.labels")
    assert seen(session) == (True, False)


def test_little_shared_memory_makes_coarser_surfaces(ct: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    ct.run("view3d.labels")
    for name, enough in ((1 << 20, True), (1000, False)):
        monkeypatch.setattr(label_surface, "shared_bytes", lambda left=name: left)
        ct.three_d.forget(ct.view.current.series)
        if enough:
            assert seen(ct) == (True, True)
        else:
            with pytest.raises(MedviewerError, match="no shared memory left"):
                ct.rendering.draw(0, SIZE)


def test_two_slices_make_no_body_but_their_labels_have_surfaces(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", slices=2)
    session.run("study.open", paths=(tmp_path / "ct",))
    session.canvas[0] = SIZE
    with pytest.raises(BadValue, match="No label"):
        session.run("view3d.labels")
    pixels = marked((1, 0, 20, 8))[0]
    put(session, LabelMap.empty(2, (RED,)).with_slices({0: pixels, 1: pixels}))
    session.run("view3d.labels")
    assert seen(session) == (True, False)
    with pytest.raises(BadValue, match="do not make a body"):
        session.run("view3d.shows", what="both")


def test_the_picture_says_what_a_model_has_found(ct: Session) -> None:
    labels = ct.state.document.reading(ct.view.current.series).groups[0]
    put(ct, replace(labels, provenance=Provenance("lesion", "1.0", "abc", "2026-01-01T00:00:00Z")))
    ct.run("view3d.labels")
    picture(ct)
    assert "Cyst, Stone · lesion" in words(ct)
    assert "proposal" in words(ct)


def test_an_exported_picture_shows_the_labels_and_names_them(ct: Session, tmp_path: Path) -> None:
    ct.run("view3d.labels")
    ct.run("export.picture", path=tmp_path / "labels.png", text=False)
    saved = cv2.cvtColor(cv2.imread(str(tmp_path / "labels.png")), cv2.COLOR_BGR2RGB).astype(int)
    np.testing.assert_array_equal(saved[: SIZE[0] // 2], picture(ct)[: SIZE[0] // 2])


def test_with_planes_side_by_side_the_acquired_pictures_make_room(ct: Session) -> None:
    ct.run("plane.layout", arrangement="2x2")
    before = ct.view
    ct.run("view3d.labels")
    changed = [at for at in before.shown if ct.view.viewports[at] != before.viewports[at]]
    assert len(changed) == 1
    assert before.viewports[changed[0]].cut is None
    assert ct.view.active == before.active
    ct.run("view3d.labels")
    assert ct.view.viewports[changed[0]].view3d is None


def test_a_preset_brings_the_body_back(ct: Session) -> None:
    ct.run("view3d.labels")
    ct.run("view3d.preset", name="lung")
    assert ct.view.current.view3d == View3D("lung", shows=Shows.BOTH)


def test_closing_the_study_gives_the_memory_of_surfaces_back(ct: Session) -> None:
    ct.run("view3d.labels")
    pictures(ct)
    assert ct.three_d.held_bytes > 0
    ct.run("study.close")
    assert ct.three_d.held_bytes == 0
