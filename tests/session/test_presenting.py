"""Presentation states in the viewer: found with the study, chosen, seen, exported, and switched off again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from medviewer.imaging.shapes import Stroke, Words
from medviewer.kit.errors import BadValue
from medviewer.session.session import Session
from tests import factories
from tests.dicom.test_presentation import COLUMNS, ROWS, graphic, picture, state, window

pytestmark = pytest.mark.rule("P-35")


@pytest.fixture
def opened(session: Session, tmp_path: Path) -> Session:
    """A radiograph, and a state that turns it, inverts it and draws on it."""
    image = picture(tmp_path, WindowCenter=2048, WindowWidth=4096)
    notes = factories.item(GraphicLayer="L", GraphicObjectSequence=[graphic("POLYLINE", 5, 5, 20, 30)])
    state(
        tmp_path,
        image,
        SoftcopyVOILUTSequence=window(1000, 500),
        PresentationLUTShape="INVERSE",
        ImageRotation=90,
        GraphicAnnotationSequence=[notes],
    )
    session.run("study.open", paths=(tmp_path,))
    return session


def screen(session: Session, size: tuple[int, int] = (COLUMNS, ROWS)) -> np.ndarray:
    shown = session.rendering.draw(0, size).picture
    assert shown is not None
    return shown.pixels


def words(session: Session) -> list[str]:
    viewing = session.rendering.viewing(0, (900, 900))
    assert viewing is not None
    return [one.text for one in session.rendering.shapes(0, viewing) if isinstance(one, Words)]


def test_a_state_is_found_with_the_study_and_not_applied_unasked(opened: Session) -> None:
    (known,) = opened.state.presentations
    assert known.description == "as it was read"
    assert opened.view.current.presentation == ""
    assert opened.presenting.of_series(opened.series(opened.view.current.series)) == (known,)


def test_applied_it_decides_window_inversion_turn_and_drawings(opened: Session) -> None:
    before = screen(opened, (ROWS, COLUMNS))
    opened.run("presentation.next")
    after = screen(opened)
    stored = np.linspace(0, 4095, ROWS * COLUMNS).reshape(ROWS, COLUMNS).astype(np.uint16)
    linear = np.clip((stored - 999.5) / 499 + 0.5, 0, 1)
    assert np.abs(np.rot90(255 - 255 * linear, -1) - after).max() <= 1
    assert not np.array_equal(before, after)
    assert any("as it was read" in text for text in words(opened))
    viewing = opened.rendering.viewing(0, (900, 900))
    assert viewing is not None
    assert any(
        isinstance(one, Stroke) and len(one.points) == 2 for one in opened.rendering.shapes(0, viewing)
    )


def test_switched_off_the_picture_is_as_its_file_says(opened: Session) -> None:
    before = screen(opened, (ROWS, COLUMNS))
    opened.run("presentation.next")
    opened.run("presentation.next")
    assert opened.view.current.presentation == ""
    assert np.array_equal(screen(opened, (ROWS, COLUMNS)), before)


def test_colours_that_were_chosen_stay_when_it_is_switched_off(opened: Session) -> None:
    opened.run("view.colors", name="cividis")
    opened.run("presentation.next")
    opened.run("presentation.off")
    assert opened.view.current.colors == "cividis"


def test_a_window_of_the_readers_own_wins_over_the_state(opened: Session) -> None:
    opened.run("presentation.next")
    by_state = screen(opened)
    opened.run("window.set", center=3000, width=200)
    assert not np.array_equal(screen(opened), by_state)


def test_a_state_about_other_pictures_is_refused(opened: Session) -> None:
    with pytest.raises(BadValue):
        opened.run("presentation.apply", uid="1.2.3")


def test_who_wants_to_see_the_state_itself_is_told_how_it_is_used(opened: Session) -> None:
    (own,) = [one.key for study in opened.state.studies for one in study.series if one.modality == "PR"]
    with pytest.raises(BadValue, match="no pictures") as told:
        opened.run("view.show", series=own)
    assert "Ctrl+Shift+P" in told.value.advice


def test_an_export_shows_the_state_as_the_screen_does(opened: Session, tmp_path: Path) -> None:
    opened.run("presentation.next")
    opened.run("export.picture", path=tmp_path / "out.png")
    red, green, blue = (cv2.imread(str(tmp_path / "out.png"))[..., at].astype(int) for at in (2, 1, 0))
    assert np.count_nonzero((green > red + 40) & (green > blue + 20)) > 20, "the line of the state is missing"


def test_pictures_of_a_series_are_written_as_the_state_shows_them(opened: Session, tmp_path: Path) -> None:
    opened.run("presentation.next")
    opened.run("enhance.add", operation="gamma")
    opened.run("view.reset")
    opened.run("series.apply", folder=tmp_path / "out", form="shown")
    written = cv2.imread(str(tmp_path / "out" / "0000.png"), cv2.IMREAD_UNCHANGED)
    now = opened.view.current
    request = opened.rendering.request_of(replace(now, rotation=0, flipped=False), None, overlay=False)
    assert request is not None
    assert now.presentation
    shown = opened.rendering.picture(request, opened.rendering.load(request)).pixels
    assert np.array_equal(written, shown)
