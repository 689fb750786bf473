"""A report says what the reader has done, and no more of the patient than it may."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.finding import Finding, Provenance, State
from medviewer.core.labels import Label, LabelMap
from medviewer.core.study import Series
from medviewer.export.report.content import NOTICE, Report
from medviewer.imaging.measure import measure, with_minus
from medviewer.kit.errors import BadValue
from medviewer.kit.task import TaskContext
from medviewer.session.reporting.building import build, draft
from medviewer.session.reporting.order import Order
from medviewer.session.session import Session
from medviewer.session.state import Reading
from tests import factories

NAME, ID, WHERE, WHEN = "Muster^Max", "ID4711", "Synthetic study", "2026-01-15"
WHO = {"PatientName": NAME, "PatientID": ID, "SeriesDescription": "Muster's chest"}
PROVENANCE = Provenance("lung-model", "2.1", "ab12" * 16, "2026-01-02T03:04:05Z")


@pytest.fixture
def study(session: Session, tmp_path: Path) -> Series:
    """A stack on which a reader and a model have worked, with pixels that are not square."""
    factories.ct(tmp_path / "ct", 12, spacing=(0.8, 0.5), step=2.5, **WHO)
    session.run("study.open", paths=(tmp_path / "ct",))
    series = session.series(session.view.current.series)
    assert series is not None
    session.run("view.goto", index=6)
    session.run("window.set", center=40, width=400)
    return series


def _edit(session: Session, series: Series, **changes: object) -> None:
    def how(reading: Reading) -> Reading:
        return replace(reading, **changes)  # type: ignore[arg-type]

    session.edit("Test", lambda document: document.with_reading(how(document.reading(series.key))))


def _drawn(
    series: Series, index: int, shape: Shape, *places: tuple[float, float], text: str = ""
) -> Annotation:
    plane = series.frames[index].plane
    points = tuple(plane.to_patient(row, column) for row, column in places)
    return Annotation(shape, points, plane.frame_of_reference, text)


def _annotated(session: Session, series: Series) -> tuple[Annotation, ...]:
    drawn = (
        _drawn(series, 6, Shape.LENGTH, (10, 12), (40, 33), text="first <b>one</b>"),
        _drawn(series, 6, Shape.ELLIPSE, (20, 20), (40, 44)),
        _drawn(series, 9, Shape.ANGLE, (10, 12), (40, 33), (12, 50)),
        _drawn(series, 2, Shape.RECTANGLE, (30, 25), (36, 35)),
    )
    _edit(session, series, annotations=drawn)
    return drawn


def _labelled(session: Session, series: Series) -> LabelMap:
    values = np.zeros((64, 64), np.uint8)
    values[20:40, 20:30] = 1
    values[44:50, 20:25] = 2
    labels = (Label(1, "Lung", "#e69f00"), Label(2, "Nodule", "#56b4e9"), Label(3, "Nothing", "#009e73"))
    made = LabelMap.empty(series.count, labels).with_slices({3: values, 4: values, 5: values})
    model = replace(made, id="model", provenance=PROVENANCE, state=State.ACCEPTED, labels=labels[:1])
    _edit(session, series, groups=(made, model))
    return made


def _report(session: Session, **order: object) -> Report:
    return build(session, draft(session, Order(**order)), TaskContext())  # type: ignore[arg-type]


def _table(report: Report, title: str) -> list[tuple[str, ...]]:
    return [row for one in report.tables if one.title == title for row in one.rows]


class _Text(HTMLParser):
    text, tag = "", ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tag = tag

    def handle_data(self, data: str) -> None:
        self.text += f"{data}\n" if self.tag != "style" else ""


def _saved(session: Session, folder: Path, **values: object) -> dict[str, tuple[str, bytes]]:
    """The text and the bytes of a report as HTML and as PDF."""
    found = {}
    for ending in (".html", ".pdf"):
        path = folder / f"report{ending}"
        session.run("report.save", path=path, **values)
        content = path.read_bytes()
        if ending == ".pdf":
            document = pypdfium2.PdfDocument(content)
            text = "".join(document[at].get_textpage().get_text_range() for at in range(len(document)))
        else:
            parser = _Text()
            parser.feed(content.decode())
            text = parser.text
        found[ending] = (text, content)
    return found


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,]\d+)*", text))


@pytest.mark.rule("P-44", "P-46")
def test_every_number_of_the_table_is_the_one_on_the_screen(
    session: Session, study: Series, tmp_path: Path
) -> None:
    drawn = _annotated(session, study)
    rows = _table(_report(session), "Measurements")
    assert len(rows) == len(drawn)
    texts = {ending: re.sub(r"\s+", "", text) for ending, (text, _) in _saved(session, tmp_path).items()}
    for one, row, index in zip(drawn, rows, (6, 6, 9, 2), strict=True):
        frame = session.frames.load(study.key, index)
        lines = [with_minus(line) for line in measure(one, frame.plane, frame).text if line != one.text]
        assert [row[2], *row[3].split("\n")[1:]] == lines
        for line in lines:
            assert all(re.sub(r"\s+", "", line) in text for text in texts.values()), line
        assert f"{index + 1}\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}12" in row[4]


def test_both_files_say_the_same(session: Session, study: Series, tmp_path: Path) -> None:
    _annotated(session, study)
    _labelled(session, study)
    session.run("report.words", text="Nothing unusual.\nSecond line.")
    texts = [text for text, _ in _saved(session, tmp_path).values()]
    # where a line is too long for its column the PDF breaks hashes in two
    page, pdf = _numbers(texts[0]), re.sub(r"\s+", "", texts[1])
    assert page
    assert all(number in pdf for number in page)
    for text in texts:
        assert NOTICE in text
        assert "Second line." in text


@pytest.mark.rule("P-56")
def test_nothing_says_who_it_is_unless_asked(session: Session, study: Series, tmp_path: Path) -> None:
    _annotated(session, study)
    secrets = (NAME, "Muster", ID, WHERE, WHEN, "19700101", "Nowhere", study.uid)
    for text, content in _saved(session, tmp_path).values():
        for secret in secrets:
            assert secret not in text
            assert secret.encode() not in content
    for text, _ in _saved(session, tmp_path, identity="study").values():
        assert WHERE in text
        assert WHEN in text
        assert ID not in text
        assert NAME not in text
    for text, _ in _saved(session, tmp_path, identity="patient").values():
        assert "Muster Max" in text
        assert ID in text


def test_pictures_name_the_patient_only_when_asked(session: Session, study: Series) -> None:
    nobody, someone = (_report(session, identity=one).pictures[0].pixels for one in ("none", "patient"))
    assert not np.array_equal(nobody, someone)
    taken = draft(session, Order()).pictures[0].snapshot.scene
    assert taken is not None
    said = (*taken.facts.patient, *taken.facts.study, *taken.facts.series)
    assert not any("Muster" in line or "Synthetic" in line or ID in line for line in said)


def test_each_picture_is_there_once_and_what_was_drawn_on_is_there(session: Session, study: Series) -> None:
    _annotated(session, study)
    marked = [study.frames[index] for index in (6, 0)]
    keys = tuple((study.instances[one.instance].sop_instance, one.frame) for one in marked)
    _edit(session, study, key_pictures=keys)
    report = _report(session)
    places = [re.search(r"(\d+)\s/\s12", shot.lines[0]) for shot in report.pictures]
    assert [place and int(place[1]) for place in places] == [7, 1, 10, 3]
    assert [shot.letter for shot in report.pictures] == ["A", "B", "C", "D"]
    assert "C 40  W 400" in report.pictures[1].lines[1]
    assert [row[4].partition(":")[0] for row in _table(report, "Measurements")] == ["A", "A", "C", "D"]
    assert len(_report(session, annotated=False, key_pictures=False).pictures) == 1
    assert not _report(session, shown=False, annotated=False, key_pictures=False).pictures


def test_what_lies_outside_of_an_enlarged_part_is_shown_whole_as_well(
    session: Session, study: Series
) -> None:
    _annotated(session, study)
    before = len(_report(session).pictures)
    session.run("view.zoom", factor=4)
    assert len(_report(session).pictures) == before + 1


def test_taking_pictures_leaves_the_view_as_it_was(session: Session, study: Series) -> None:
    _annotated(session, study)
    before = session.state
    draft(session, Order())
    assert session.state is before


@pytest.mark.rule("P-49")
def test_labels_are_measured_in_millilitres_with_their_maker(session: Session, study: Series) -> None:
    _labelled(session, study)
    rows = _table(_report(session), "Labels")
    assert [row[0] for row in rows] == ["Lung", "Nodule", "Lung"]
    voxel = 0.8 * 0.5 * 2.5 / 1000
    assert [row[1] for row in rows[:2]] == [f"{600 * voxel:.2f} ml", f"{90 * voxel:.2f} ml"]
    frames = [session.frames.load(study.key, index) for index in (3, 4, 5)]
    stack = np.stack([one.rescale.apply(one.pixels) for one in frames])
    part = stack[:, 20:40, 20:30].astype(float)
    assert rows[0][2] == with_minus(f"{part.mean():.1f} HU")
    assert rows[0][3] == f"{part.std():.1f} HU"
    assert rows[0][4] == "the reader"
    assert rows[2][4] == "lung-model 2.1, accepted"


def test_recipes_stand_there_with_values_and_hash(session: Session, study: Series) -> None:
    session.run("enhance.add", operation="clahe", values={"clip_limit": 3.5})
    pipeline = session.rendering.pipeline(study.key)
    report = _report(session)
    ((_, steps, digest, letters),) = _table(report, "Enhancement")
    assert "3.5" in steps
    assert digest == pipeline.sha256
    assert letters == "A"
    assert pipeline.digest in report.pictures[0].lines[2]


def test_what_models_said_stands_there_with_its_provenance(session: Session, study: Series) -> None:
    _labelled(session, study)
    found = (
        Finding("Effusion", 0.834, 0.5, PROVENANCE, 6),
        Finding("Nodule", 0.2, 0.5, PROVENANCE, None, State.REJECTED),
        Finding("Volume", 1.0, 0.0, PROVENANCE, 6, value=4.812, unit="l"),
    )
    _edit(session, study, findings=found)
    rows = _table(_report(session), "What models said")
    assert rows[0][:6] == (
        "Effusion",
        "83.4 %\nyes",
        "50.0 %",
        "proposed",
        "lung-model 2.1",
        PROVENANCE.sha256,
    )
    assert rows[1][1:4] == ("20.0 %\nno", "50.0 %", "rejected")
    assert rows[2][:3] == ("Volume", "4.812 l", "")
    assert rows[3][0] == "Lung"
    assert rows[3][3] == "accepted"


def test_parts_can_be_left_out(session: Session, study: Series) -> None:
    _annotated(session, study)
    _labelled(session, study)
    session.run("enhance.add", operation="gamma")
    everything = [one.title for one in _report(session).tables]
    assert everything == ["Measurements", "Labels", "Enhancement", "What models said"]
    nothing = _report(session, measurements=False, labels=False, recipes=False, models=False)
    assert nothing.tables == ()


def test_words_are_kept_and_can_be_undone(session: Session, study: Series, tmp_path: Path) -> None:
    session.run("report.words", text="First.\nSecond.")
    assert _report(session).words == "First.\nSecond."
    session.keeper.save_now()
    other = Session()
    other.run("study.open", paths=(tmp_path / "ct",))
    assert _report(other).words == "First.\nSecond."
    other.close()
    session.run("edit.undo")
    assert _report(session).words == ""
    with pytest.raises(BadValue, match="too long"):
        session.run("report.words", text="x" * 20_001)


def test_an_annotation_that_lies_on_no_picture_says_so(session: Session, study: Series) -> None:
    lost = replace(_drawn(study, 6, Shape.LENGTH, (1, 1), (9, 9)), frame_of_reference="1.2.3")
    _edit(session, study, annotations=(lost,))
    ((_, _, value, rule, _),) = _table(_report(session), "Measurements")
    assert (value, rule) == ("", "it lies on no picture of its series")


def test_without_a_study_there_is_nothing_to_report(session: Session, tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="no study"):
        session.run("report.save", path=tmp_path / "a.pdf")
    with pytest.raises(BadValue, match=r"\.html"):
        session.run("report.save", path=tmp_path / "a.txt")


def test_uncalibrated_lengths_say_so(session: Session, tmp_path: Path) -> None:
    factories.xray(tmp_path / "x.dcm", PixelSpacing=None, ImagerPixelSpacing=None)
    session.run("study.open", paths=(tmp_path / "x.dcm",))
    series = session.series(session.view.current.series)
    assert series is not None
    _edit(session, series, annotations=(_drawn(series, 0, Shape.LENGTH, (1, 1), (9, 9)),))
    ((_, _, value, rule, _),) = _table(_report(session), "Measurements")
    assert value.endswith(" px")
    assert rule == "uncalibrated"
