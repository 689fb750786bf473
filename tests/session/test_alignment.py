"""What a model said stays on the picture it said it of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medviewer.ai.infer import Inference
from medviewer.core.finding import Finding, Provenance
from medviewer.core.labels import Label, LabelMap
from medviewer.core.volume import read_only
from medviewer.session.commands.ai import keep
from medviewer.session.session import Session
from tests import factories

MODEL = Provenance("lung", "1.0", "0" * 64, "2026-01-01T00:00:00+00:00")
LABELS = (Label(1, "Lung", "#e69f00"),)


def said(*shapes: tuple[int, int], frames: tuple[int, ...] = ()) -> Inference:
    """A model's reading: a full mask for each shape, a finding for each frame."""
    slices = tuple(read_only(np.ones(shape, np.uint8)) for shape in shapes)
    findings = tuple(Finding("tumour", 0.9, 0.5, MODEL, frame) for frame in frames)
    return Inference(findings, LabelMap(slices, LABELS, MODEL) if slices else None, MODEL)


def heights(session: Session) -> list[float]:
    """Where the pictures that carry a label lie."""
    key = session.view.current.series
    (labels,) = session.state.document.reading(key).groups
    frames = session.series(key).frames
    return [one.plane.origin[2] for one, mask in zip(frames, labels.slices, strict=False) if mask is not None]


def found_at(session: Session) -> list[float]:
    key = session.view.current.series
    frames = session.series(key).frames
    return [frames[one.frame].plane.origin[2] for one in session.state.document.reading(key).findings]


@pytest.fixture
def slices(tmp_path: Path) -> list[Path]:
    """Six slices of 2 mm, the first at the bottom."""
    return factories.ct(tmp_path / "ct", slices=6, step=2.0)


def test_a_mask_stays_on_its_picture_when_more_of_the_series_is_found(
    session: Session, slices: list[Path]
) -> None:
    session.run("study.open", paths=tuple(slices[3:]))
    series = session.series(session.view.current.series)
    keep(session, series, said((64, 64), frames=(0,)), (0,))
    before = heights(session), found_at(session)

    session.run("study.open", paths=tuple(slices))

    assert session.series(session.view.current.series).count == 6
    assert (heights(session), found_at(session)) == before


def test_undo_brings_a_mask_back_to_its_own_picture(session: Session, slices: list[Path]) -> None:
    session.run("study.open", paths=tuple(slices[3:]))
    keep(session, session.series(session.view.current.series), said((64, 64)), (0,))
    before = heights(session)
    session.run("labels.opacity", opacity=0.9)
    session.run("study.open", paths=tuple(slices))

    session.run("edit.undo")

    assert heights(session) == before


def test_a_model_that_read_while_the_series_grew_marks_what_it_has_seen(
    session: Session, slices: list[Path]
) -> None:
    session.run("study.open", paths=tuple(slices[3:]))
    read = session.series(session.view.current.series)
    seen = read.frames[1].plane.origin[2]

    session.run("study.open", paths=tuple(slices))
    keep(session, read, said((64, 64), frames=(1,)), (1,))

    assert heights(session) == [seen]
    assert found_at(session) == [seen]


def test_opening_a_part_of_a_series_does_not_lose_what_was_said_of_the_rest(slices: list[Path]) -> None:
    one = Session()
    one.run("study.open", paths=tuple(slices))
    keep(one, one.series(one.view.current.series), said(*[(64, 64)] * 6), tuple(range(6)))
    one.close()

    part = Session()
    part.run("study.open", paths=tuple(slices[:2]))
    assert len(heights(part)) == 2
    part.run("labels.opacity", opacity=0.7)
    part.close()

    whole = Session()
    whole.run("study.open", paths=tuple(slices))
    assert len(heights(whole)) == 6
    whole.close()


def test_reading_one_picture_after_another_adds_up(session: Session, slices: list[Path]) -> None:
    session.run("study.open", paths=tuple(slices))
    series = session.series(session.view.current.series)
    keep(session, series, said((64, 64), frames=(0,)), (0,))
    keep(session, series, said((64, 64), frames=(3,)), (3,))
    keep(session, series, said((64, 64), frames=(3,)), (3,))
    assert len(heights(session)) == 2
    assert len(found_at(session)) == 2
