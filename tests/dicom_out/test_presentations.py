"""How pictures are seen, which of them matter, and the screen itself, as others read them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medviewer.core.geometry import Plane
from medviewer.core.presentation import Area, Outline
from medviewer.core.study import Instance
from medviewer.dicom.presentation import read_presentation
from medviewer.export.dicom.presentation import _corners
from medviewer.session.session import Session
from tests import factories
from tests.dicom_out.work import SPOTS, draw_everything, open_first, read, saved

ONLY_SEEN = {"segmentation": False, "measurements": False, "presentation": True}


def state_in(path: Path):  # type: ignore[no-untyped-def]
    """A presentation state through the reader that applies it."""
    data = read(path)
    return read_presentation(
        Instance(str(path), str(data.SOPInstanceUID), str(data.SOPClassUID), 1, 1, 0, 0, "", Plane((0, 0)))
    )


def test_window_turn_and_drawings_come_back_as_they_were(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", 3)
    series = open_first(session, tmp_path / "ct")
    session.run("window.set", center=41.5, width=317.25)
    session.run("view.rotate", degrees="90")
    session.run("view.flip")
    draw_everything(session, series)
    viewport = session.view.current
    (path,) = saved(session, tmp_path / "out", **ONLY_SEEN)["presentation"]
    state = state_in(path)
    index = viewport.index
    uid = series.instances[series.frames[index].instance].sop_instance
    look = state.look(uid, 0)
    assert look is not None
    assert (look.window.center, look.window.width) == (41.5, 317.25)
    assert (look.rotation, look.flipped) == (viewport.rotation, viewport.flipped)
    assert (look.rescale.slope, look.rescale.intercept) == (1.0, -1024.0)
    assert not look.inverted
    lines = [one for one in look.graphics if one.outline is Outline.POLYLINE and len(one.spots) == 2]
    assert any(np.allclose(one.spots, SPOTS[:2], atol=1e-4) for one in lines)
    words = " ".join(word for one in look.captions for word in one.lines)
    assert "Größe unklar" in words
    assert "mm" in words
    other = series.instances[series.frames[0].instance].sop_instance
    assert state.look(other, 0) is not None, "the window is that of the whole series"
    assert not state.look(other, 0).graphics, "what is drawn on one picture is drawn on no other"


def test_what_others_forget_is_there(session: Session, tmp_path: Path) -> None:
    """AIR-19: of 38 states of one service all lacked some of these."""
    factories.ct(tmp_path / "ct", 2, spacing=(0.7, 1.1), StudyID="S7")
    open_first(session, tmp_path / "ct")
    (path,) = saved(session, tmp_path / "out", **ONLY_SEEN)["presentation"]
    data = read(path)
    assert data.StudyID == "S7"
    assert int(data.SeriesNumber) > 0
    assert int(data.InstanceNumber) == 1
    assert [float(one) for one in data.DisplayedAreaSelectionSequence[0].PresentationPixelSpacing] == [
        0.7,
        1.1,
    ]
    assert data.file_meta.MediaStorageSOPInstanceUID == data.SOPInstanceUID
    assert data.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert data.preamble == bytes(128)


def test_the_part_that_is_seen_comes_back(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", 2)
    series = open_first(session, tmp_path / "ct")
    session.canvas[session.view.active] = (400, 400)
    session.run("view.zoom", factor=2.0)
    (path,) = saved(session, tmp_path / "out", **ONLY_SEEN)["presentation"]
    look = state_in(path).look(series.instances[0].sop_instance, 0)
    assert look is not None
    assert look.area is not None
    height = look.area.bottom - look.area.top
    assert abs(height - 32) <= 1, "twice as large: half of 64 rows are seen"


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flipped", [False, True])
def test_corners_of_the_area_are_those_that_are_seen(rotation: int, flipped: bool) -> None:
    """PS3.3 C.10.4: the top left pixel is the one that is there once the picture was turned."""
    marks = np.arange(20).reshape(4, 5)
    turned = np.rot90(marks[:, ::-1] if flipped else marks, -rotation // 90)
    first, last = _corners(Area(-0.5, -0.5, 3.5, 4.5), rotation, flipped)
    assert marks[first[1] - 1, first[0] - 1] == turned[0, 0]
    assert marks[last[1] - 1, last[0] - 1] == turned[-1, -1]


def test_pictures_in_colour_get_a_state_of_their_own_kind(session: Session, tmp_path: Path) -> None:
    factories.ultrasound(tmp_path / "us.dcm", frames=4)
    series = open_first(session, tmp_path / "us.dcm")
    session.run("view.goto", index=2)
    plane = series.frames[2].plane
    session.run("annotate.add", shape="length", points=[plane.to_patient(*one) for one in SPOTS[:2]])
    (path,) = saved(session, tmp_path / "out", **ONLY_SEEN)["presentation"]
    data = read(path)
    assert data.SOPClassUID == "1.2.840.10008.5.1.4.1.1.11.2"
    assert "WindowCenter" not in str(data.get("SoftcopyVOILUTSequence", ""))
    state = state_in(path)
    uid = series.instances[0].sop_instance
    drawn = [state.look(uid, frame) for frame in range(4)]
    image = data.GraphicAnnotationSequence[0].ReferencedImageSequence[0]
    assert int(image.ReferencedFrameNumber) == 3
    assert any(one is not None and one.graphics for one in drawn)


def test_key_pictures_are_named_with_their_frames(session: Session, tmp_path: Path) -> None:
    factories.ultrasound(tmp_path / "us.dcm", frames=5)
    series = open_first(session, tmp_path / "us.dcm")
    for index in (3, 1):
        session.run("view.goto", index=index)
        session.run("key.toggle")
    (path,) = saved(
        session,
        tmp_path / "out",
        segmentation=False,
        measurements=False,
        key_pictures=True,
        title="teaching",
        note="Schöner Fall",
    )["key-images"]
    data = read(path)
    assert data.Modality == "KO"
    assert data.ConceptNameCodeSequence[0].CodeMeaning == "For Teaching"
    images = [one for one in data.ContentSequence if one.ValueType == "IMAGE"]
    assert len(images) == 1
    reference = images[0].ReferencedSOPSequence[0]
    assert reference.ReferencedSOPInstanceUID == series.instances[0].sop_instance
    assert list(reference.ReferencedFrameNumber) == [2, 4]
    words = [one.TextValue for one in data.ContentSequence if one.ValueType == "TEXT"]
    assert "Schöner Fall" in words
    evidence = data.CurrentRequestedProcedureEvidenceSequence[0]
    assert evidence.StudyInstanceUID == data.StudyInstanceUID
    assert evidence.ReferencedSeriesSequence[0].SeriesInstanceUID == series.uid


def test_the_screen_is_a_secondary_capture_that_says_what_is_burnt_in(
    session: Session, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "ct", 2, PatientName="Muster^Ä", StudyID="S9")
    series = open_first(session, tmp_path / "ct")
    draw_everything(session, series)
    session.canvas[session.view.active] = (211, 333)
    (path,) = saved(session, tmp_path / "out", segmentation=False, measurements=False, picture=True)[
        "picture"
    ]
    data = read(path)
    assert (data.ConversionType, data.BurnedInAnnotation, data.Modality) == ("WSD", "YES", "OT")
    assert (data.StudyID, str(data.PatientName)) == ("S9", "Muster^Ä")
    pixels = data.pixel_array
    assert pixels.shape == (211, 333, 3)
    assert pixels.std() > 5, "something is to be seen"
    assert "PixelSpacing" not in data, "nobody may measure on it"
    source = data.SourceImageSequence[0]
    uid = series.instances[series.frames[session.view.current.index].instance].sop_instance
    assert source.ReferencedSOPInstanceUID == uid
