"""What was drawn and saved as DICOM objects is the same in a process that knows nothing but the files."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest

from medviewer.core.annotation import Shape
from medviewer.core.codes import Code
from medviewer.core.finding import Provenance, State
from medviewer.core.labels import Label, LabelMap
from medviewer.core.volume import read_only
from medviewer.kit.errors import BadValue
from medviewer.session.dicom_out.order import counts
from medviewer.session.found.switching import is_shown
from medviewer.session.reporting.label_rows import label_work
from medviewer.session.session import Session
from tests import factories

OTHER_PROCESS = """
import hashlib, json, sys
from medviewer.session.session import Session

session = Session()
session.run("study.open", paths=sys.argv[1:])
session.run("object.show_all")
found = {"groups": [], "annotations": [], "key_pictures": [], "presentations": [], "objects": []}
for reading in session.state.document.readings.values():
    series = session.series(reading.series)
    for group in reading.groups:
        slices = {}
        for at, values in enumerate(group.slices):
            if values is not None:
                address = series.frames[at]
                uid = series.instances[address.instance].sop_instance
                for label in group.labels:
                    if (values == label.value).any():
                        mask = (values == label.value).tobytes()
                        slices[f"{uid}/{label.name}"] = hashlib.sha256(mask).hexdigest()
        labels = [
            [one.name, one.color, one.meaning.value if one.meaning else "", one.tracking]
            for one in group.labels
        ]
        found["groups"].append(
            {"labels": labels, "slices": slices, "proposal": group.is_proposal,
             "model": str(group.provenance) if group.provenance else ""}
        )
    found["annotations"] += [one.to_dict() for one in reading.annotations]
    found["key_pictures"] += [list(one) for one in reading.key_pictures]
for state in session.state.presentations:
    look = max(state.looks, key=lambda one: len(one.graphics))
    found["presentations"].append(
        {"window": [look.window.center, look.window.width], "rotation": look.rotation,
         "graphics": len(look.graphics), "captions": [line for one in look.captions for line in one.lines]}
    )
found["objects"] = [one.kind.value for one in session.objects.every]
found["notices"] = [one.message for one in session.state.notices]
session.close()
print(json.dumps(found))
"""


@pytest.fixture
def session() -> Any:
    opened = Session()
    yield opened
    opened.close()


def in_another_process(home: Path, *paths: Path) -> dict[str, Any]:
    """What a fresh process with nothing but the files sees."""
    values = {**os.environ, "MEDVIEWER_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS, *map(str, paths)],
        capture_output=True, text=True, timeout=120, env=values, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def a_reading(session: Session, folder: Path) -> tuple[LabelMap, LabelMap]:
    """A CT on which labels are painted, one of them a model's and over the other, and things are measured."""
    factories.ct(folder, slices=4, rows=48, columns=60)
    session.run("study.open", paths=(folder,))
    key = session.view.current.series
    series = session.series(key)
    assert key is not None
    assert series is not None
    shape = series.frames[0].plane.shape
    by_hand, by_model = np.zeros((2, *shape), np.uint8)
    by_hand[5:20, 7:31] = 1
    by_hand[25:30, 40:55] = 2
    by_model[10:25, 15:44] = 1
    lung, nodule = Code("39607008", "SCT", "Lung"), Code("27925004", "SCT", "Nodule")
    tissue = Code("85756007", "SCT", "Tissue")
    own = LabelMap.empty(
        4,
        (
            Label(1, "Left lung", "#e69f00", category=tissue, meaning=lung),
            Label(2, "Nodule", "#0072b2", category=tissue, meaning=nodule),
        ),
    ).with_slices({1: read_only(by_hand), 2: read_only(by_hand[::-1].copy())})
    made_by = Provenance("finder", "2.1", "ab" * 32, "2026-01-01T00:00:00Z")
    model = replace(
        LabelMap.empty(4, (Label(1, "Found", "#d55e00", category=tissue, meaning=nodule),)),
        provenance=made_by, state=State.PROPOSED,
    ).with_slices({2: read_only(by_model)})  # fmt: skip
    reading = replace(session.state.document.reading(key), groups=(own, model))
    instance = series.instances[series.frames[2].instance].sop_instance
    reading = replace(reading, key_pictures=((instance, 0),))
    session.edit("Paint", lambda document: document.with_reading(reading))
    session.run("view.goto", index=2)
    plane = series.frames[2].plane
    for word, spots in DRAWN.items():
        points = [plane.to_patient(*one) for one in spots]
        session.run("annotate.add", shape=word, points=points, text=f"my {word}" if word == "text" else "")
    return own, model


DRAWN: dict[str, tuple[tuple[float, float], ...]] = {
    "length": ((3.25, 4.5), (20.75, 31.125)),
    "bidirectional": ((10, 10), (30, 40), (26, 20), (14, 30)),
    "angle": ((5, 5), (20, 20), (5, 35)),
    "cobb": ((4, 4), (6, 30), (30, 4), (26, 30)),
    "rectangle": ((6, 8), (16, 28)),
    "ellipse": ((12, 14), (30, 50)),
    "polygon": ((3, 3), (9, 22), (25, 12), (18, 4)),
    "freehand": ((33, 3), (39, 22), (45, 12), (38, 4), (35, 3.5)),
    "point": ((22.5, 33.25),),
    "arrow": ((8, 8), (20, 9)),
    "text": ((40, 40),),
}


def saved(session: Session, folder: Path, **values: Any) -> Path:
    folder.mkdir()
    session.run("dicom.save", folder=folder, then_open=False, **values)
    assert [one.message for one in session.state.notices if one.is_error] == []
    assert list(folder.rglob("*.dcm"))
    return folder


def hashes(groups: tuple[LabelMap, ...], uids: list[str]) -> dict[str, str]:
    return {
        f"{uids[at]}/{label.name}": hashlib.sha256((values == label.value).tobytes()).hexdigest()
        for group in groups
        for at, values in enumerate(group.slices)
        if values is not None
        for label in group.labels
        if (values == label.value).any()
    }


@pytest.mark.parametrize("form", ["binary", "labelmap"])
def test_labels_come_back_as_they_were_painted(session: Session, tmp_path: Path, form: str) -> None:
    groups = a_reading(session, tmp_path / "ct")
    series = session.series(session.view.current.series)
    assert series is not None
    uids = [series.instances[one.instance].sop_instance for one in series.frames]
    folder = saved(session, tmp_path / "out", measurements=False, form=form)
    found = in_another_process(tmp_path / "home", tmp_path / "ct", folder)
    ours: dict[str, str] = {}
    for group in found["groups"]:
        ours.update(group["slices"])
    assert ours == hashes(groups, uids)
    labels = {one[0]: one for group in found["groups"] for one in group["labels"]}
    assert {name: one[2] for name, one in labels.items()} == {
        "Left lung": "39607008", "Nodule": "27925004", "Found": "27925004",
    }  # fmt: skip
    for group in groups:
        for label in group.labels:
            color = labels[label.name][1]
            pairs = [(int(color[at : at + 2], 16), int(label.color[at : at + 2], 16)) for at in (1, 3, 5)]
            assert max(abs(one - two) for one, two in pairs) <= 1
    (proposal,) = [one for one in found["groups"] if one["proposal"]]
    assert [one[0] for one in proposal["labels"]] == ["Found"]
    assert proposal["model"] == "finder 2.1"


def test_measurements_come_back_as_they_were_drawn(session: Session, tmp_path: Path) -> None:
    a_reading(session, tmp_path / "ct")
    before = [one for reading in session.state.document.readings.values() for one in reading.annotations]
    folder = saved(session, tmp_path / "out", segmentation=False)
    found = in_another_process(tmp_path / "home", tmp_path / "ct", folder)
    after = {one["shape"]: one for one in found["annotations"]}
    assert set(after) == {one.shape.word for one in before}
    assert len(found["annotations"]) == len(before)
    for one in before:
        there = after[one.shape.word]
        mine, theirs = np.array(one.points), np.array(there["points_mm"])
        if one.shape in (Shape.ELLIPSE, Shape.RECTANGLE):  # which corner came first is not in the file
            mine, theirs = np.sort(mine, axis=0), np.sort(theirs, axis=0)
        assert np.allclose(mine, theirs, atol=1e-3), one.shape.word
        assert there["text"] == one.text
        assert there["frame_of_reference"] == one.frame_of_reference


def test_key_pictures_and_the_look_of_a_picture_come_back(session: Session, tmp_path: Path) -> None:
    a_reading(session, tmp_path / "ct")
    session.run("window.set", center=50, width=350)
    session.run("view.rotate", degrees="90")
    series = session.series(session.view.current.series)
    assert series is not None
    folder = saved(
        session, tmp_path / "out", segmentation=False, measurements=False, presentation=True,
        key_pictures=True, note="Look here",
    )  # fmt: skip
    found = in_another_process(tmp_path / "home", tmp_path / "ct", folder)
    assert set(found["objects"]) >= {"Key pictures", "Presentation state"}
    instance = series.instances[series.frames[2].instance].sop_instance
    assert [instance, 0] in found["key_pictures"]
    (state,) = found["presentations"]
    assert state["window"] == [50, 350]
    assert state["rotation"] == 90
    assert state["graphics"] >= 8
    assert "my text" in state["captions"]


def test_own_work_is_not_shown_a_second_time(session: Session, tmp_path: Path) -> None:
    a_reading(session, tmp_path / "ct")
    before = session.state.document
    session.run("dicom.save", folder=tmp_path, then_open=True)
    assert len(session.state.objects) == 3
    for one in session.state.objects:
        assert session.objects.is_own(one)
        with pytest.raises(BadValue, match="part of your work"):
            session.run("object.show", uid=one.uid)
    for key, reading in before.readings.items():
        now = session.state.document.reading(key)
        assert (now.groups, now.annotations) == (reading.groups, reading.annotations)


def test_of_two_states_of_one_segmentation_one_is_seen_and_the_newer_one_first(
    session: Session, tmp_path: Path
) -> None:
    a_reading(session, tmp_path / "ct")
    written = sorted(saved(session, tmp_path / "out", measurements=False).rglob("*.dcm"))
    session.run("study.close")
    older, newer = written[0], tmp_path / "newer.dcm"
    data = pydicom.dcmread(older)
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = "2.25.77"
    data.SeriesInstanceUID, data.ContentTime = "2.25.78", "235959.999999"
    data.save_as(newer)
    other = Session()
    other.run("study.open", paths=(tmp_path / "ct", older, newer))
    other.edit("Forget", lambda document: type(document)())
    one, two = sorted(other.state.objects, key=lambda found: found.time)
    other.run("object.show_all")
    assert [is_shown(other.state, found) for found in (one, two)] == [False, True]
    other.run("object.show", uid=one.uid)
    assert [is_shown(other.state, found) for found in (one, two)] == [True, False]
    series = next(key for key, reading in other.state.document.readings.items() if reading.groups)
    other.run("view.show", series=series)
    assert {group.source for group in other.rendering.groups(other.view.active)} == {one.uid}
    # nothing that leaves counts the label twice, and what is hidden is still there
    assert len(other.state.document.reading(series).groups) == 2
    assert counts(other, "series").groups == 1
    study = other.study_of(series)
    assert study is not None
    assert {work.group.source for work in label_work(other, study, "none")} == {one.uid}
    other.close()
    again = Session()
    again.run("study.open", paths=(tmp_path / "ct", older, newer))
    assert len(again.state.document.reading(series).groups) == 2
    assert [is_shown(again.state, found) for found in (one, two)] == [False, True]
    again.close()


def test_highdicom_sees_the_same_masks(session: Session, tmp_path: Path) -> None:
    groups = a_reading(session, tmp_path / "ct")
    folder = saved(session, tmp_path / "out", measurements=False)
    read = [highdicom.seg.segread(path) for path in sorted(folder.rglob("*.dcm"))]
    names = [one.SegmentLabel for seg in read for one in seg.SegmentSequence]
    assert names == [label.name for group in groups for label in group.labels]
    for seg, group in zip(read, groups, strict=True):
        marked = sum(int((values > 0).sum()) for values in group.slices if values is not None)
        assert int(seg.pixel_array.sum()) == marked
