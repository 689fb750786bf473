"""A viewport as a body: commands, pictures, what stands on them, and what happens without VTK."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from medviewer.core.view3d import View3D
from medviewer.imaging.shapes import Words
from medviewer.imaging.viewing import Viewing
from medviewer.imaging.volume_rendering import available
from medviewer.imaging.volume_rendering.available import why_not
from medviewer.kit.errors import BadValue, ExportTrouble, MedviewerError
from medviewer.session import held_stacks
from medviewer.session.delivery import Shown
from medviewer.session.session import Session
from medviewer.session.three_d import NOT_FOR_MEASURING
from tests import factories

needs_vtk = pytest.mark.skipif(bool(why_not()), reason=why_not() or "VTK is there")
SIZE = (330, 400)


@pytest.fixture
def ct(session: Session, tmp_path: Path) -> Iterator[Session]:
    """A CT of twelve slices: a body with a bright ball at its left."""
    factories.ct(tmp_path / "ct", slices=12)
    session.run("study.open", paths=(tmp_path / "ct",))
    session.canvas[0] = SIZE
    return session


def viewing(session: Session) -> Viewing:
    found = session.rendering.viewing(0, SIZE)
    assert found is not None
    return found


def view(session: Session) -> View3D:
    assert session.view.current.view3d is not None
    return session.view.current.view3d


def pictures(session: Session) -> list[Shown]:
    """Everything that the viewport is given for what it asks now."""
    got: list[Shown] = []
    session.rendering.show(0, SIZE, got.append)
    return got


def words(session: Session) -> list[str]:
    found = session.rendering.shapes(0, viewing(session))
    return [one.text for one in found if isinstance(one, Words)]


@pytest.fixture
def without_vtk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(available, "find_spec", lambda _: None)
    available.why_not.cache_clear()
    yield
    available.why_not.cache_clear()


@needs_vtk
def test_three_d_is_switched_on_and_back_to_the_same_slice(ct: Session) -> None:
    ct.run("view.goto", index=3)
    ct.run("view.zoom", factor=3.0)
    ct.run("view3d.show")
    assert (view(ct).preset, ct.view.current.zoom) == ("bone", 1.0)
    ct.run("view3d.show")
    assert (ct.view.current.view3d, ct.view.current.index) == (None, 3)


@needs_vtk
@pytest.mark.parametrize("name", ["axial", "acquired"])
def test_a_plane_takes_the_place_of_a_body(ct: Session, name: str) -> None:
    ct.run("view3d.show")
    ct.run("plane.show", name=name)
    assert ct.view.current.view3d is None
    assert ct.rendering.draw(0, SIZE).frame is not None


@needs_vtk
def test_the_body_comes_at_once_and_once_more_when_it_is_sharp(ct: Session) -> None:
    ct.run("view3d.show")
    got = pictures(ct)
    assert [shown.trouble for shown in got] == [None, None]
    assert all(shown.picture is not None and shown.picture.size == SIZE for shown in got)
    assert got[0].request == got[1].request == ct.rendering.wanted(0, SIZE)


@needs_vtk
@pytest.mark.rule("P-42")
def test_the_ball_at_the_patients_left_is_where_the_letter_says(ct: Session) -> None:
    for side, letters in (("anterior", "LRFH"), ("posterior", "RLFH")):
        ct.run("view3d.preset", name="ct-mip")
        ct.run("view3d.face", side=side)
        ct.run("window.set", center=200.0, width=40.0)
        shown = ct.rendering.draw(0, SIZE)
        assert shown.picture is not None
        middle = np.nonzero(shown.picture.pixels.max(axis=2) > 128)[1].mean()
        assert (middle > SIZE[1] / 2) == (letters[0] == "L")
        assert "".join(one for one in words(ct) if len(one) == 1) == letters


@needs_vtk
def test_every_picture_says_that_it_is_not_for_measuring_in_every_mode_of_text(ct: Session) -> None:
    ct.run("view3d.show")
    for _ in range(3):
        assert NOT_FOR_MEASURING in " ".join(words(ct))
        assert not any("mm" in one and "Slice" not in one for one in words(ct))  # no scale bar
        ct.run("view.text")


@needs_vtk
def test_an_exported_body_is_what_the_screen_shows_and_says_the_same(ct: Session, tmp_path: Path) -> None:
    ct.run("view3d.show")
    ct.run("view3d.turn", right=20.0)
    screen = pictures(ct)[-1].picture
    assert screen is not None
    ct.run("export.picture", path=tmp_path / "body.png", text=False)
    saved = cv2.cvtColor(cv2.imread(str(tmp_path / "body.png")), cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(saved[: SIZE[0] // 2], screen.pixels[: SIZE[0] // 2])
    assert (saved[SIZE[0] // 2 :] != screen.pixels[SIZE[0] // 2 :]).any()  # the words below
    assert ct.run("export.copy").shape == (*SIZE, 3)
    ct.run("view3d.turn", right=20.0)
    with pytest.raises(ExportTrouble, match="not there yet"):
        ct.run("export.copy")


@needs_vtk
def test_turning_clipping_and_quality_change_what_is_asked_for_and_reset_brings_it_back(ct: Session) -> None:
    ct.run("view3d.show")
    first = ct.rendering.wanted(0, SIZE)
    for name, values in (
        ("view3d.turn", {"right": 30.0, "down": 10.0}),
        ("view3d.clip", {"axis": "front-back", "low": 0.4, "high": 1.0}),
        ("view.zoom", {"factor": 2.0}),
    ):
        before = ct.rendering.wanted(0, SIZE)
        ct.run(name, **values)
        assert ct.rendering.wanted(0, SIZE) != before
    assert "clipped" in ct.three_d.words(ct.view.current)
    ct.run("view3d.reset")
    assert ct.rendering.wanted(0, SIZE) == first


@needs_vtk
def test_arrow_keys_turn_a_body_and_leave_the_slice_where_it_was(ct: Session) -> None:
    index = ct.view.current.index
    ct.run("view3d.show")
    for _ in range(18):
        ct.run("view.scroll", by=1)  # Down: what is near goes down, the head comes to the front
    assert view(ct).forward == pytest.approx((0, 0, -1))
    assert ct.view.current.index == index


@needs_vtk
def test_the_window_works_on_projections_and_leaves_colours_alone(ct: Session) -> None:
    ct.run("view3d.preset", name="ct-mip")
    pictures(ct)
    before = ct.rendering.wanted(0, SIZE)
    ct.run("window.drag", wider=0.2, brighter=0.1)
    assert ct.rendering.wanted(0, SIZE) != before
    ct.run("view3d.preset", name="bone")
    colours = ct.rendering.wanted(0, SIZE)
    ct.run("window.drag", wider=0.2, brighter=0.1)
    assert ct.rendering.wanted(0, SIZE) == colours


@needs_vtk
def test_nothing_is_drawn_on_a_body_and_no_value_is_told(ct: Session) -> None:
    ct.run("view3d.show")
    ct.run("view3d.face", side="feet")
    assert ct.rendering.frame(ct.view.current) is None
    assert ct.rendering.probe(0, 10, 10) is None
    assert ct.rendering.plane(ct.view.current).frame_of_reference not in {
        one.plane.frame_of_reference for one in ct.series(ct.view.current.series).frames
    }


@needs_vtk
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_renderer_that_dies_is_told_in_its_viewport_and_the_next_picture_comes(ct: Session) -> None:
    ct.run("view3d.show")
    pictures(ct)
    pid = ct.three_d.renderer_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    ct.run("view3d.turn", right=10.0)
    got = pictures(ct)
    ct.run("view3d.turn", right=10.0)
    after = pictures(ct)
    assert after[-1].trouble is None
    assert after[-1].picture is not None
    # a process that is found dead before anything was asked is replaced without a word
    assert all(one.trouble is None or "turn the body" in one.trouble.advice for one in got)


@needs_vtk
def test_closing_the_study_gives_its_memory_back(ct: Session) -> None:
    ct.run("view3d.show")
    pictures(ct)
    assert ct.three_d.held_bytes > 0
    ct.run("study.close")
    assert ct.three_d.held_bytes == 0


@needs_vtk
def test_stacks_that_were_not_used_for_longest_make_room_for_the_next(
    ct: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ct.run("view3d.show")
    pictures(ct)
    one = ct.three_d.held_bytes
    monkeypatch.setattr(held_stacks, "MOST_HELD", 2 * one)
    for table in (True, False, True):
        ct.run("view3d.table", on=table)
        assert pictures(ct)[-1].trouble is None
    assert ct.three_d.held_bytes <= 2 * one
    monkeypatch.setattr(held_stacks, "shared_bytes", lambda: one)
    ct.run("view3d.preset", name="lung")
    ct.run("view3d.table", on=False)
    assert pictures(ct)[-1].trouble is None
    assert ct.three_d.held_bytes == one


@needs_vtk
def test_vtk_stays_out_of_this_process(ct: Session) -> None:
    ct.run("view3d.show")
    pictures(ct)
    assert [name for name in sys.modules if name.startswith("vtk")] == []


def test_without_vtk_the_reader_is_told_what_to_install(ct: Session, without_vtk: None) -> None:
    with pytest.raises(MedviewerError, match=r'needs the package vtk.*pip install "medviewer\[view3d\]"'):
        ct.run("view3d.show")
    assert ct.view.current.view3d is None


def test_pictures_that_make_no_body_are_told(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", slices=2)
    session.run("study.open", paths=(tmp_path / "ct",))
    with pytest.raises(MedviewerError):
        session.run("view3d.show")
    with pytest.raises(BadValue, match="Switch 3-D on"):
        session.run("view3d.turn", right=10.0)


@needs_vtk
def test_a_preset_of_another_modality_is_not_offered(ct: Session) -> None:
    with pytest.raises(BadValue, match="bone"):
        ct.run("view3d.preset", name="pet")
