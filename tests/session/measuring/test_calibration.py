"""A scale set by hand: kept apart from the file's own, undone like all work, refused where the file knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from medviewer.core.annotation import Annotation
from medviewer.imaging.measure import Measurement, measure
from medviewer.imaging.shapes import Words
from medviewer.kit.errors import BadValue
from medviewer.session.session import Session
from tests import factories

SIZE = (600, 600)


def opened(session: Session, *paths: Path) -> Session:
    session.run("study.open", paths=paths)
    return session


@pytest.fixture
def xrays(session: Session, tmp_path: Path) -> Session:
    """Two radiographs of one series, the first one on the screen."""
    for at in range(2):
        factories.xray(tmp_path / f"{at}.dcm", InstanceNumber=at + 1, SOPInstanceUID=f"1.2.3.{at}")
    opened(session, tmp_path)
    session.run("view.goto", index=0)
    return session


def draw(session: Session, *spots: tuple[float, float], shape: str = "length") -> str:
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    return str(session.run("annotate.add", shape=shape, points=[plane.to_patient(*one) for one in spots]))


def drawn(session: Session) -> tuple[Annotation, ...]:
    assert session.view.current.series is not None
    return session.state.document.reading(session.view.current.series).annotations


def told(session: Session, chosen: str) -> Measurement:
    session.run("annotate.jump", id=chosen)
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    return measure(next(one for one in drawn(session) if one.id == chosen), plane)


def written(session: Session) -> list[str]:
    viewing = session.rendering.viewing(0, SIZE)
    assert viewing is not None
    session.rendering.draw(0, SIZE)
    return [one.text for one in session.rendering.shapes(0, viewing) if isinstance(one, Words)]


@pytest.mark.rule("P-51", "P-46")
def test_what_was_calibrated_by_hand_says_so_everywhere_and_nothing_moves(xrays: Session) -> None:
    line = draw(xrays, (10, 10), (10, 60))
    before = drawn(xrays)
    assert told(xrays, line).text == ("7.0 mm (at the detector)",)
    xrays.run("measure.calibrate", millimetres=80.0)
    assert drawn(xrays) == before
    assert told(xrays, line).text == ("80.0 mm (calibrated by hand)",)
    area = draw(xrays, (10.5, 10.5), (19.5, 14.5), shape="rectangle")
    assert told(xrays, area).value == pytest.approx(9 * 4 * 1.6 * 1.6)
    assert told(xrays, area).text[0] == "92.2 mm² (calibrated by hand)"
    assert "Length 1: 80.0 mm (calibrated by hand)" in written(xrays)
    assert any(text.endswith("mm calibrated by hand") for text in written(xrays)), "the bar of the scale too"
    under = xrays.rendering.probe(0, 20, 30)
    assert under is not None
    assert under.position_text == "48.0, 32.0 mm calibrated by hand"
    xrays.run("edit.undo")
    xrays.run("edit.undo")
    assert told(xrays, line).text == ("7.0 mm (at the detector)",)
    xrays.run("edit.redo")
    xrays.run("measure.uncalibrate")
    assert told(xrays, line).text == ("7.0 mm (at the detector)",)


def test_one_picture_is_calibrated_or_all_like_it(xrays: Session) -> None:
    line = draw(xrays, (10, 10), (10, 60))
    xrays.run("measure.calibrate", millimetres=80.0)
    xrays.run("view.goto", index=1)
    other = draw(xrays, (10, 10), (10, 60))
    assert told(xrays, other).text == ("7.0 mm (at the detector)",)
    xrays.run("measure.calibrate", millimetres=50.0, where="series", id=line)
    assert told(xrays, other).text == told(xrays, line).text == ("50.0 mm (calibrated by hand)",)


def test_it_comes_back_with_the_reading(xrays: Session, tmp_path: Path) -> None:
    line = draw(xrays, (10, 10), (10, 60))
    xrays.run("measure.calibrate", millimetres=80.0)
    xrays.close()
    again = Session()
    opened(again, tmp_path)
    assert told(again, line).text == ("80.0 mm (calibrated by hand)",)
    again.close()


@pytest.mark.rule("P-44")
def test_a_picture_that_knows_the_patient_is_not_calibrated(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct")
    opened(session, tmp_path)
    draw(session, (10, 10), (10, 60))
    with pytest.raises(BadValue, match="in the patient"):
        session.run("measure.calibrate", millimetres=80.0)


@pytest.mark.rule("P-49", "P-51")
def test_ultrasound_is_calibrated_beside_its_regions_only(session: Session, tmp_path: Path) -> None:
    factories.ultrasound(
        tmp_path / "us.dcm", SequenceOfUltrasoundRegions=[factories.region(0, 0, 79, 29, 0.05)]
    )
    opened(session, tmp_path)
    draw(session, (5, 10), (5, 30))
    with pytest.raises(BadValue, match="scale of its own"):
        session.run("measure.calibrate", millimetres=80.0)
    beside = draw(session, (40, 10), (40, 60))
    across = draw(session, (5, 10), (40, 10))
    session.run("measure.calibrate", millimetres=80.0, id=beside)
    assert told(session, beside).text == ("80.0 mm (calibrated by hand)",)
    assert told(session, drawn(session)[0].id).text == ("10.0 mm",), "the region keeps its own"
    assert told(session, across).unit == "px"


def test_a_line_of_nothing_calibrates_nothing(xrays: Session) -> None:
    draw(xrays, (10, 10), (10, 12))
    with pytest.raises(BadValue, match="too short"):
        xrays.run("measure.calibrate", millimetres=80.0)
    draw(xrays, (10, 10), (10, 60), shape="arrow")
    with pytest.raises(BadValue, match="Only a length"):
        xrays.run("measure.calibrate", millimetres=80.0)
