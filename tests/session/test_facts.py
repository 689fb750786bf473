"""What stands in the corners: which picture, which side, seen from where."""

from __future__ import annotations

from pathlib import Path

import pytest

from medviewer.core.cut import Cut, anatomical
from medviewer.core.pipeline import Pipeline, Step
from medviewer.imaging.shapes import Words
from medviewer.session import facts, grid, planes
from medviewer.session.compared import recipe_name
from medviewer.session.session import Session
from tests import factories

SIZE = (700, 900)


def corners(session: Session, identity: bool = True) -> list[str]:
    """All that is written over the active viewport."""
    viewing = session.rendering.viewing(0, SIZE)
    assert viewing is not None
    session.rendering.draw(0, SIZE)
    shapes = session.rendering.shapes(0, viewing, identity)
    return [one.text for one in shapes if isinstance(one, Words)]


@pytest.mark.rule("P-43")
@pytest.mark.parametrize("side", ["ImageLaterality", "Laterality"])
def test_side_and_view_of_a_projection_are_written_over_it(
    session: Session, tmp_path: Path, side: str
) -> None:
    values = {side: "L", "ViewPosition": "MLO", "PatientOrientation": ["A", "FR"]}
    factories.xray(tmp_path / "m.dcm", modality="MG", **values)
    session.run("study.open", paths=(tmp_path,))
    words = corners(session)
    assert any(line.startswith("MG") and line.endswith("  L") for line in words)
    assert "MLO" in words
    assert {"A", "P", "FR", "HL"} <= set(words)


def test_technique_is_told_without_needless_digits_and_nothing_of_it_where_it_is_zero(
    session: Session, tmp_path: Path
) -> None:
    values = {"RepetitionTime": "4000.0000", "EchoTime": "2.460000", "KVP": "0", "SliceThickness": "5.00"}
    factories.mr(tmp_path / "mr", 2, **values)
    session.run("study.open", paths=(tmp_path,))
    words = corners(session)
    assert "TR 4000  TE 2.46" in words
    assert "Slice 5 mm" in words


@pytest.mark.rule("P-43")
def test_no_letter_stands_where_the_file_says_nothing(session: Session, tmp_path: Path) -> None:
    factories.xray(tmp_path / "x.dcm", PatientOrientation=None)
    session.run("study.open", paths=(tmp_path,))
    assert not {"L", "R", "A", "P", "H", "F"} & set(corners(session))


def test_a_picture_of_a_second_dimension_is_counted_among_those_of_its_value(
    session: Session, tmp_path: Path
) -> None:
    each = [{"DiffusionBValue": b} for b in (0.0, 1000.0)]
    factories.repeated(tmp_path / "dwi", each)
    session.run("study.open", paths=(tmp_path / "dwi",))
    session.run("view.dimension", by=1)
    words = corners(session)
    assert "b 1000" in words
    assert "3 / 5" in words


@pytest.mark.parametrize("degrees", [1, 29, 31, 45, 80])
def test_a_plane_turned_to_one_side_names_that_side_only(degrees: int) -> None:
    coronal = Cut(*anatomical("coronal"), 0.0, name="Coronal")
    turned = planes.turned(coronal, (0.0, 0.0, 1.0), degrees, (0.0, 0.0, 0.0))
    assert facts.plane_words(turned) == f"Oblique {degrees}° R"


def test_who_it_is_stands_over_a_picture_only_where_that_is_asked_for(
    session: Session, tmp_path: Path
) -> None:
    factories.ct(tmp_path, 3)
    session.run("study.open", paths=(tmp_path,))
    study = session.state.studies[0]
    known = facts.patient_lines(study, study.series[0])
    assert all(line in corners(session) for line in known)
    said = " ".join(corners(session, identity=False))
    assert not any(line in said for line in (*known, study.patient.called, study.patient.id))
    assert study.description in said


@pytest.mark.rule("P-56")
def test_steps_are_named_in_the_order_in_which_they_run_wherever_they_stand() -> None:
    mixed = Pipeline((Step.of("clahe"), Step.of("unsharp"), Step.of("median")))
    said = "Sharpen (unsharp mask) + Median + Local contrast (CLAHE)"
    assert facts.recipe_words(mixed, mixed) == f"{said} · display only"
    assert grid.words(mixed) == recipe_name(mixed) == said
    assert [grid.words(cell) for cell in grid.alone(mixed)] == ["Original", *said.split(" + ")]


@pytest.mark.rule("P-56")
def test_a_named_recipe_does_not_hide_that_marks_are_no_readers() -> None:
    lines = Pipeline((Step.of("hough_lines"), Step.of("gamma")), name="My chest")
    assert facts.recipe_words(lines, lines) == "My chest · Mark lines (Hough) · display only"
    plain = Pipeline((Step.of("gamma"),), name="My chest")
    assert facts.recipe_words(plain, plain) == "My chest · display only"
