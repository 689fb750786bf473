"""A picture takes the greys that another viewport shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medviewer.core.pipeline import Step
from medviewer.imaging.enhance.matching import greys_of
from medviewer.kit.errors import BadValue
from medviewer.session.inspect import inspection
from medviewer.session.session import Session
from tests import factories


def opened(session: Session, tmp_path: Path) -> None:
    """CT in the active viewport, MR beside it."""
    factories.ct(tmp_path / "ct", 3, series="1")
    factories.mr(tmp_path / "mr", 3, series="2")
    session.run("study.open", paths=(tmp_path,))
    session.run("view.layout", rows=1, columns=2)
    by_modality = {one.modality: one.key for study in session.state.studies for one in study.series}
    session.run("view.show", series=by_modality["CT"], viewport=0)
    session.run("view.show", series=by_modality["MR"], viewport=1)
    session.run("view.activate", viewport=0)


def steps(session: Session) -> tuple[Step, ...]:
    return session.rendering.pipeline(session.view.current.series).steps


def reference(session: Session) -> str:
    return str(dict(steps(session)[-1].values)["reference"])


def pixels(session: Session, viewport: int) -> np.ndarray:
    shown = session.rendering.draw(viewport, None).picture
    assert shown is not None
    return shown.pixels


def test_it_gets_the_greys_that_are_seen_there_window_and_enhancement_included(
    session: Session, tmp_path: Path
) -> None:
    opened(session, tmp_path)
    session.run("view.activate", viewport=1)
    session.run("enhance.add", operation="gamma", values={"exponent": 3.0})
    session.run("view.activate", viewport=0)
    session.run("enhance.match", viewport=1)
    assert [step.operation for step in steps(session)] == ["match"]
    expected = np.quantile(pixels(session, 1) / 255, np.linspace(0, 1, 1024))
    assert np.abs(greys_of(reference(session)) - expected).max() < 0.02
    session.run("enhance.set", step=0, values={"flat_areas": "spread"})
    shares = np.linspace(0.02, 0.98, 25)
    there, here = (np.quantile(pixels(session, number), shares) for number in (1, 0))
    assert np.abs(here - there).max() <= 3


def test_the_next_reference_goes_into_the_same_step_and_undo_brings_the_last_back(
    session: Session, tmp_path: Path
) -> None:
    opened(session, tmp_path)
    session.run("enhance.match", viewport=1)
    first = reference(session)
    session.run("enhance.add", operation="gamma")
    session.run("view.activate", viewport=1)
    session.run("window.set", center=500, width=100)
    session.run("view.activate", viewport=0)
    session.run("enhance.match", viewport=1)
    assert [step.operation for step in steps(session)] == ["match", "gamma"]
    assert dict(steps(session)[0].values)["reference"] != first
    session.run("edit.undo")
    assert dict(steps(session)[0].values)["reference"] == first


def test_a_picture_that_is_not_shown_can_be_the_reference(session: Session, tmp_path: Path) -> None:
    opened(session, tmp_path)
    session.run("enhance.match", viewport=1)
    from_viewport = reference(session)
    other = session.view.viewports[1]
    assert other.series is not None
    session.run("enhance.match", series=other.series, index=other.index)
    assert reference(session) == from_viewport


def test_without_a_number_it_is_the_viewport_beside(session: Session, tmp_path: Path) -> None:
    opened(session, tmp_path)
    session.run("enhance.match", viewport=1)
    beside = reference(session)
    session.run("enhance.match")
    assert reference(session) == beside
    session.run("view.layout", rows=1, columns=1)
    with pytest.raises(BadValue, match="no picture whose greys"):
        session.run("enhance.match")


def test_the_readers_inversion_there_does_not_turn_the_picture_here(session: Session, tmp_path: Path) -> None:
    opened(session, tmp_path)
    session.run("enhance.match", viewport=1)
    upright = reference(session)
    session.run("view.activate", viewport=1)
    session.run("window.invert")
    session.run("view.activate", viewport=0)
    session.run("enhance.match", viewport=1)
    assert reference(session) == upright


def test_a_picture_without_another_one_is_told_so(session: Session, tmp_path: Path) -> None:
    with pytest.raises(BadValue):
        session.run("enhance.match", viewport=1)
    opened(session, tmp_path)
    for wrong in ({"viewport": 0}, {"viewport": 5}, {"viewport": 99}, {"series": "none"}):
        with pytest.raises(BadValue):
            session.run("enhance.match", **wrong)
    assert steps(session) == ()


def test_the_inspector_says_what_a_reference_is_and_does_not_spell_it_out(
    session: Session, tmp_path: Path
) -> None:
    opened(session, tmp_path)
    session.run("enhance.match", viewport=1)
    session.rendering.draw(0, None)
    told = str(inspection(session, 0, 5, 5))
    assert "1024 greys of another picture" in told
    assert reference(session) not in told
