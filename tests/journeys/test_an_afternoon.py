"""What a clinician does in an afternoon, without a screen, in sentences."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from medviewer.core.annotation import Annotation
from medviewer.core.finding import State
from medviewer.imaging.measure import measure
from medviewer.imaging.pictures import read_picture
from medviewer.kit.errors import BadValue
from medviewer.kit.paths import resource
from medviewer.session.session import Session
from tests import factories


def shown(session: Session, number: int = -1) -> np.ndarray:
    """The pixels of a viewport, at the picture's own size."""
    picture = session.rendering.draw(session.view.active if number < 0 else number, None).picture
    assert picture is not None
    return picture.pixels


def annotations(session: Session) -> tuple[Annotation, ...]:
    return tuple(one for reading in session.state.document.readings.values() for one in reading.annotations)


def measured(session: Session) -> str:
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    return measure(annotations(session)[-1], plane, None).text[0]


@pytest.fixture
def chest(tmp_path: Path) -> Path:
    """Eight slices, 1 x 1 x 2.5 mm, in files whose names and numbers say nothing about their order."""
    folder = tmp_path / "chest"
    rows, columns = np.indices((320, 320))
    noise = np.random.default_rng(7).integers(0, 60, (8, 320, 320))
    volume = (900 + 200 * np.hypot(rows - 150, columns - 170) / 320 + noise).astype(np.int16)
    factories.ct(folder, slices=8, step=2.5, rows=320, columns=320, volume=volume)
    return folder


def test_a_study_opens_from_a_folder_and_shows_its_middle_picture(session: Session, chest: Path) -> None:
    session.run("study.open", paths=(chest,))

    series = session.series(session.view.current.series)
    assert series is not None
    assert series.count == 8
    assert session.view.current.index == 4
    assert shown(session).shape == session.rendering.plane(session.view.current).shape


def test_scrolling_stops_at_both_ends(session: Session, chest: Path) -> None:
    session.run("study.open", paths=(chest,))

    session.run("view.scroll", by=100)
    assert session.view.current.index == 7
    session.run("view.scroll", by=-100)
    assert session.view.current.index == 0


def test_pictures_follow_the_patient_and_not_the_names_of_files(session: Session, chest: Path) -> None:
    session.run("study.open", paths=(chest,))

    series = session.series(session.view.current.series)
    heights = [address.plane.origin[2] for address in series.frames]
    steps = np.diff(heights)
    assert np.allclose(np.abs(steps), 2.5)
    assert len(set(np.sign(steps))) == 1


def test_a_narrow_window_makes_the_picture_harder_and_reset_brings_it_back(
    session: Session, chest: Path
) -> None:
    session.run("study.open", paths=(chest,))
    before = shown(session)

    session.run("window.set", center=40.0, width=2.0)
    assert set(np.unique(shown(session))) <= {0, 255}

    session.run("view.reset")
    assert np.array_equal(shown(session), before)


def test_inverting_twice_gives_the_picture_back(session: Session, chest: Path) -> None:
    session.run("study.open", paths=(chest,))
    before = shown(session)

    session.run("window.invert")
    assert np.array_equal(shown(session), 255 - before)
    session.run("window.invert")
    assert np.array_equal(shown(session), before)


def test_an_enhancement_stands_beside_the_original_and_can_be_undone(session: Session, chest: Path) -> None:
    session.run("study.open", paths=(chest,))
    original = shown(session)

    session.run("enhance.add", operation="clahe")
    enhanced = shown(session)
    assert not np.array_equal(enhanced, original)

    session.run("compare.toggle")
    assert session.view.layout.count == 2
    assert np.array_equal(shown(session, 0), original)
    assert np.array_equal(shown(session, 1), enhanced)

    session.run("compare.toggle")
    assert session.view.layout.count == 1
    session.run("edit.undo")
    assert np.array_equal(shown(session), original)
    session.run("edit.redo")
    assert np.array_equal(shown(session), enhanced)


def test_the_original_is_seen_for_as_long_as_the_key_is_held(session: Session, chest: Path) -> None:
    session.run("study.open", paths=(chest,))
    original = shown(session)
    session.run("enhance.add", operation="gamma", values={"exponent": 0.5})

    session.run("enhance.peek", on=True)
    assert np.array_equal(shown(session), original)
    session.run("enhance.peek", on=False)
    assert not np.array_equal(shown(session), original)


def test_a_drag_on_a_slider_is_one_undo(session: Session, chest: Path) -> None:
    session.run("study.open", paths=(chest,))
    session.run("enhance.add", operation="gamma")

    for value in (0.8, 0.85, 0.9):
        session.run("enhance.set", step=0, values={"exponent": value}, drag="one")
    assert dict(session.rendering.pipeline(session.view.current.series).steps[0].values)["exponent"] == 0.9

    session.run("edit.undo")
    assert dict(session.rendering.pipeline(session.view.current.series).steps[0].values)["exponent"] == 0.7


def test_steps_can_be_reordered_switched_off_and_kept_as_a_recipe(session: Session, chest: Path) -> None:
    session.run("study.open", paths=(chest,))
    session.run("enhance.add", operation="gaussian")
    session.run("enhance.add", operation="sobel")
    session.run("enhance.move", step=1, to=0)
    session.run("enhance.toggle", step=1)
    session.run("recipe.save", name="Edges first")
    stack = session.rendering.pipeline(session.view.current.series)

    session.run("enhance.clear")
    session.run("recipe.apply", name="Edges first")

    assert [step.operation for step in stack.steps] == ["sobel", "gaussian"]
    assert session.rendering.pipeline(session.view.current.series) == stack


def test_a_length_survives_undo_and_closing(session: Session, chest: Path) -> None:
    session.run("study.open", paths=(chest,))
    plane = session.rendering.plane(session.view.current)
    session.run("annotate.add", shape="length", points=(plane.to_patient(10, 10), plane.to_patient(10, 40)))
    assert measured(session) == "30.0 mm"

    session.run("edit.undo")
    assert annotations(session) == ()
    session.run("edit.redo")
    drawn = annotations(session)
    session.close()

    again = Session()
    again.run("study.open", paths=(chest,))
    assert annotations(again) == drawn
    again.close()


def test_a_model_reads_and_its_answer_is_a_proposal_until_accepted(session: Session) -> None:
    session.run("study.open", paths=(resource("samples/images/radiograph"),))
    key = session.view.current.series

    session.run("ai.run", model="pneumonia-cxr")
    findings = session.state.document.reading(key).findings
    assert findings
    assert all(finding.state is State.PROPOSED for finding in findings)
    assert all(
        finding.provenance.model == "pneumonia-cxr" and finding.provenance.version for finding in findings
    )
    assert sum(finding.score for finding in findings) == pytest.approx(1, abs=1e-3)

    session.run("ai.accept")
    assert all(one.state is State.ACCEPTED for one in session.state.document.reading(key).findings)
    session.run("edit.undo")
    assert all(one.state is State.PROPOSED for one in session.state.document.reading(key).findings)


def test_a_mask_lies_over_the_picture_it_was_made_for_and_each_label_has_a_switch(
    session: Session,
) -> None:
    session.run("study.open", paths=(resource("samples/images/radiograph"),))
    session.run("ai.run", model="lung-cxr")
    (labels,) = session.state.document.reading(session.view.current.series).groups
    mask = labels.slices[0]
    assert mask.shape == session.rendering.plane(session.view.current).shape
    assert 0.1 < (mask > 0).mean() < 0.6
    covered = shown(session)

    session.run("labels.show", value=labels.labels[0].value, visible=False)
    assert not np.array_equal(shown(session), covered)

    session.run("ai.reject")
    assert session.state.document.reading(session.view.current.series).groups == ()


def test_the_picture_that_leaves_says_nothing_about_who_the_patient_is(
    session: Session, chest: Path, tmp_path: Path
) -> None:
    session.run("study.open", paths=(chest,))
    session.run("export.picture", path=tmp_path / "anonymous.png")
    session.run("export.picture", path=tmp_path / "named.png", identity=True)

    anonymous, named = (read_picture(tmp_path / name) for name in ("anonymous.png", "named.png"))
    assert anonymous.shape == named.shape
    assert not np.array_equal(anonymous, named)
    top_left = anonymous[: anonymous.shape[0] // 4, : anonymous.shape[1] // 3]
    bare = session.run("export.copy", annotations=False, text=False)
    assert np.array_equal(top_left, bare[: bare.shape[0] // 4, : bare.shape[1] // 3])


def test_a_reading_saved_to_a_file_comes_back_in_another_session(
    session: Session, chest: Path, tmp_path: Path
) -> None:
    session.run("study.open", paths=(chest,))
    session.run("enhance.add", operation="equalise")
    session.run("study.save", path=tmp_path / "reading.json")
    assert json.loads((tmp_path / "reading.json").read_text())["medviewer_readings"] == 2
    session.run("enhance.clear")

    session.run("study.load", path=tmp_path / "reading.json")
    assert [step.operation for step in session.rendering.pipeline(session.view.current.series).steps] == [
        "equalise"
    ]


def test_linked_series_scroll_to_the_same_place_in_the_patient(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "thin", slices=21, step=1.0, series="thin")
    factories.ct(tmp_path / "thick", slices=5, step=5.0, series="thick")
    session.run("study.open", paths=(tmp_path / "thin", tmp_path / "thick"))
    session.run("view.layout", rows=1, columns=2)
    session.run("view.activate", viewport=0)
    session.run("view.link")

    session.run("view.goto", index=0)
    first = [session.rendering.plane(session.view.viewports[number]).origin[2] for number in (0, 1)]
    session.run("view.goto", index=-1)
    last = [session.rendering.plane(session.view.viewports[number]).origin[2] for number in (0, 1)]

    assert abs(first[0] - first[1]) <= 2.5
    assert abs(last[0] - last[1]) <= 2.5
    assert first[0] != last[0]


def test_a_file_that_is_no_image_is_named_and_nothing_else_is_lost(session: Session, chest: Path) -> None:
    (chest / "notes.txt").write_text("hello")
    (chest / "cut.dcm").write_bytes((next(chest.iterdir())).read_bytes()[:200])
    session.run("study.open", paths=(chest,))

    assert session.series(session.view.current.series).count == 8
    names = {Path(one.path).name for one in session.state.unreadable}
    assert {"notes.txt", "cut.dcm"} <= names
    assert all(one.reason for one in session.state.unreadable)


def test_closing_a_study_keeps_the_work_and_empties_the_window(session: Session, chest: Path) -> None:
    session.run("study.open", paths=(chest,))
    session.run("enhance.add", operation="median")
    session.run("study.close")
    assert session.state.studies == ()
    assert session.view.current.series is None

    session.run("study.open", paths=(chest,))
    assert [step.operation for step in session.rendering.pipeline(session.view.current.series).steps] == [
        "median"
    ]


def test_a_command_with_a_wrong_value_says_what_it_takes(session: Session) -> None:
    with pytest.raises(BadValue, match="from 1 to 3"):
        session.run("view.layout", rows=9)
    with pytest.raises(BadValue, match="Did you mean view.scroll"):
        session.run("view.scrol")
