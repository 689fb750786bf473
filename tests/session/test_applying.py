"""A recipe on whole series: what is written, that it is true, and that it is whole or not there."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest

from medviewer.core.pipeline import Pipeline, Step
from medviewer.imaging.enhance.apply import enhance
from medviewer.imaging.enhance.matching import curve_of
from medviewer.kit.errors import BadValue, Cancelled, ExportTrouble
from medviewer.kit.task import TaskContext
from medviewer.session.applied_files import write
from medviewer.session.applying import Form, Order, parts_of
from medviewer.session.session import Session
from tests import factories

GAUSSIAN = Pipeline((Step.of("gaussian", {"radius_px": 2.0}),), "Föhn \\ 1")
CLAHE = Pipeline((Step.of("clahe"),))


def opened(session: Session, *paths: Path) -> list:
    session.run("study.open", paths=paths)
    return [series for study in session.state.studies for series in study.series if series.count]


def written(session: Session, folder: Path, series: list, pipeline: Pipeline, form=Form.DICOM, **values):
    order = Order(parts_of(series), pipeline, form, folder, **values)
    return write(session, order, TaskContext())


def enhanced(session: Session, series, index: int, pipeline: Pipeline) -> np.ndarray:
    """What the screen has under its window."""
    frame = session.frames.load(series.key, index)
    return np.asarray(enhance(frame, session.rendering.voi(session.view.current), pipeline).values)


def made_of(session: Session, result) -> tuple:
    """The source and what was made of it, both open."""
    session.run("study.open", paths=(result.folder,))
    pair = result.pairs[0]
    return session.series(pair.source), session.series(pair.made)


@pytest.mark.rule("P-07", "P-21")
def test_values_of_a_derived_ct_are_hounsfield_units_within_half_a_step(session, tmp_path):
    rng = np.random.default_rng(1)
    volume = rng.integers(0, 3000, (4, 40, 48)).astype(np.int16)
    factories.ct(tmp_path / "s", 4, volume=volume, rows=40, columns=48)
    (series,) = opened(session, tmp_path / "s")
    source, made = made_of(session, written(session, tmp_path / "out", [series], GAUSSIAN))
    assert [one.plane for one in made.frames] == [one.plane for one in source.frames]
    assert made.geometry == source.geometry
    assert made.geometry is not None
    for index in range(4):
        frame = session.frames.load(made.key, index)
        assert frame.rescale.unit == "HU"
        wanted = enhanced(session, source, index, GAUSSIAN)
        assert np.abs(frame.values() - wanted).max() <= frame.rescale.slope / 2 + 1e-4
        assert frame.rescale.slope < 0.1


def test_whole_numbers_stay_exactly_what_they_are(session, tmp_path):
    factories.ct(tmp_path / "s", 3)
    (series,) = opened(session, tmp_path / "s")
    median = Pipeline((Step.of("median"),))
    result = written(session, tmp_path / "out", [series], median)
    source, made = made_of(session, result)
    assert "exact" in result.words[0]
    frame = session.frames.load(made.key, 1)
    assert (frame.rescale.slope, frame.rescale.intercept) == (1.0, 0.0)
    assert np.array_equal(frame.values(), enhanced(session, source, 1, median))


def test_greys_no_longer_say_that_they_are_hounsfield_units(session, tmp_path):
    factories.ct(tmp_path / "s", 3, WindowCenter=40, WindowWidth=400)
    (series,) = opened(session, tmp_path / "s")
    result = written(session, tmp_path / "out", [series], CLAHE)
    data = pydicom.dcmread(tmp_path / "out" / "00001.dcm")
    assert (data.RescaleType, data.RescaleSlope, data.RescaleIntercept) == ("US", 1, 0)
    assert (data.PhotometricInterpretation, data.PresentationLUTShape) == ("MONOCHROME2", "IDENTITY")
    assert (data.WindowCenter, data.WindowWidth) == (32768, 65536)
    assert "no longer HU" in data.DerivationDescription
    _, made = made_of(session, result)
    frame = session.frames.load(made.key, 0)
    assert frame.rescale.unit == ""
    # seen through its own window it is what the screen shows of the source
    session.run("view.show", series=made.key, index=1)
    picture = session.rendering.draw(session.view.active, None).picture.pixels
    wanted = enhanced(session, series, 1, CLAHE)
    assert np.abs(picture.astype(float) - wanted * 255).max() <= 0.51


@pytest.mark.rule("P-31")
def test_an_object_says_what_it_was_made_of_and_how(session, tmp_path):
    (path,) = factories.ct(
        tmp_path / "s", 1, SeriesDescription="Chest " * 10, SmallestImagePixelValue=3, PixelPaddingValue=24
    )
    before = pydicom.dcmread(path)
    (series,) = opened(session, tmp_path / "s")
    written(session, tmp_path / "out", [series], GAUSSIAN)
    data = pydicom.dcmread(tmp_path / "out" / "00001.dcm")
    for same in ("PatientID", "PatientName", "StudyInstanceUID", "FrameOfReferenceUID", "SOPClassUID"):
        assert data[same].value == before[same].value
    for other in ("SOPInstanceUID", "SeriesInstanceUID", "SeriesNumber"):
        assert data[other].value != before[other].value
    assert list(data.ImageType[:2]) == ["DERIVED", "SECONDARY"]
    assert len(data.SeriesDescription) <= 64
    assert data.SeriesDescription.endswith("[Föhn 1]")
    assert GAUSSIAN.sha256 in data.DerivationDescription
    assert "radius_px 2" in data.DerivationDescription
    assert len(data.DerivationDescription) <= 1024
    assert data.DerivationCodeSequence[0].CodeValue == "113088"
    (reference,) = data.SourceImageSequence
    assert reference.ReferencedSOPInstanceUID == before.SOPInstanceUID
    assert reference.PurposeOfReferenceCodeSequence[0].CodeValue == "121322"
    assert data.ContributingEquipmentSequence[-1].Manufacturer == "medviewer"
    assert "SmallestImagePixelValue" not in data
    # padding is there, and no value of the picture is taken for it
    padding = data.pixel_array == data.PixelPaddingValue
    assert np.array_equal(padding, before.pixel_array == before.PixelPaddingValue)


@pytest.mark.parametrize("form", Form)
def test_a_series_that_is_written_pushes_nothing_that_is_seen_out_of_memory(session, tmp_path, form):
    factories.ct(tmp_path / "s", 4)
    (series,) = opened(session, tmp_path / "s")
    session.rendering.draw(0, (64, 64))
    before = [session.frames.get(series.key, index) is None for index in range(4)]
    written(session, tmp_path / "out", [series], CLAHE, form)
    assert [session.frames.get(series.key, index) is None for index in range(4)] == before
    assert any(before)


def test_a_reference_that_nobody_reads_is_told_in_words(session, tmp_path):
    factories.ct(tmp_path / "s", 1)
    (series,) = opened(session, tmp_path / "s")
    reference = curve_of(np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64))
    matched = Pipeline((Step.of("match", {"reference": reference}), Step.of("gamma", {"exponent": 0.7})))
    written(session, tmp_path / "out", [series], matched)
    words = pydicom.dcmread(tmp_path / "out" / "00001.dcm").DerivationDescription
    assert "greys of another picture" in words
    assert "exponent 0.7" in words
    assert reference[:20] not in words


def test_private_elements_signatures_and_tables_stay_behind(session, tmp_path):
    def odd(_: int, data: pydicom.Dataset) -> None:
        data.private_block(0x0019, "MAKER", create=True).add_new(0x01, "LO", "secret")
        data.ICCProfile = b"\0" * 200
        data.add_new(0xFFFAFFFA, "SQ", [factories.item(MACIDNumber=1)])

    factories.ct(tmp_path / "s", 1, edit=odd)
    (series,) = opened(session, tmp_path / "s")
    written(session, tmp_path / "out", [series], GAUSSIAN)
    data = pydicom.dcmread(tmp_path / "out" / "00001.dcm")
    assert not [one for one in data if one.tag.is_private]
    assert "ICCProfile" not in data
    assert 0xFFFAFFFA not in data


@pytest.mark.rule("P-22", "P-24")
def test_a_radiograph_stays_unsigned_and_inverted_as_its_class_wants_it(session, tmp_path):
    path = factories.xray(
        tmp_path / "a.dcm", PresentationLUTShape="INVERSE", PresentationIntentType="FOR PRESENTATION"
    )
    (series,) = opened(session, path)
    source, made = made_of(session, written(session, tmp_path / "out", [series], GAUSSIAN))
    data = pydicom.dcmread(tmp_path / "out" / "00001.dcm")
    assert (data.PixelRepresentation, data.RescaleSlope, data.RescaleIntercept) == (0, 1, 0)
    assert (data.PhotometricInterpretation, data.PresentationLUTShape) == ("MONOCHROME1", "INVERSE")
    frame = session.frames.load(made.key, 0)
    assert frame.inverted
    assert np.abs(frame.values() - enhanced(session, source, 0, GAUSSIAN)).max() <= 0.5 + 1e-3


def test_colour_ultrasound_is_rgb_and_keeps_its_scale_and_its_frames(session, tmp_path):
    path = factories.ultrasound(tmp_path / "us.dcm", frames=3)
    (series,) = opened(session, path)
    source, made = made_of(session, written(session, tmp_path / "out", [series], GAUSSIAN))
    assert made.count == 3
    assert len(made.instances) == 1
    assert made.frames[0].plane.regions == source.frames[0].plane.regions
    for index in range(3):
        wanted = np.rint(enhanced(session, source, index, GAUSSIAN) * 255)
        assert np.array_equal(session.frames.load(made.key, index).pixels, wanted.astype(np.uint8))


def test_enhanced_mr_stays_one_object_whose_frames_say_where_they_came_from(session, shared_data, tmp_path):
    found = opened(session, shared_data / "dicom" / "mr-enhanced")
    result = written(session, tmp_path / "out", found, GAUSSIAN)
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == len(found)
    session.run("study.open", paths=(tmp_path / "out",))
    for pair in result.pairs:
        source, made = session.series(pair.source), session.series(pair.made)
        assert [one.plane.origin for one in made.frames] == [one.plane.origin for one in source.frames]
        frame = session.frames.load(made.key, 5)
        assert np.abs(frame.values() - enhanced(session, source, 5, GAUSSIAN)).max() <= frame.rescale.slope
    data = pydicom.dcmread(next((tmp_path / "out").rglob("*.dcm")), stop_before_pixels=True)
    group = data.PerFrameFunctionalGroupsSequence[3]
    assert "PixelValueTransformationSequence" not in group
    assert group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber > 0
    assert list(data.ImageType[:2]) == ["DERIVED", "PRIMARY"]


@pytest.mark.rule("P-11", "P-21")
def test_uptake_goes_back_into_the_unit_of_the_file_and_is_computed_from_it_again(
    session, shared_data, tmp_path
):
    path = shared_data / "dicom" / "nm-pt" / "2020-11-16-SalimKanounAnonymization.dcm"
    (series,) = opened(session, path)
    source, made = made_of(session, written(session, tmp_path / "out", [series], GAUSSIAN))
    frame = session.frames.load(made.key, 0)
    assert frame.rescale.unit == "SUVbw"
    assert np.abs(frame.values() - enhanced(session, source, 0, GAUSSIAN)).max() <= frame.rescale.slope
    # greys say of themselves that they are no uptake
    other = written(session, tmp_path / "greys", [source], CLAHE)
    assert "no longer" in other.words[0]
    data = pydicom.dcmread(tmp_path / "greys" / "00001.dcm", stop_before_pixels=True)
    assert data.Units == "NONE"


def test_what_cannot_be_its_class_any_more_becomes_a_secondary_capture_at_the_same_place(
    session, shared_data, tmp_path
):
    found = opened(session, shared_data / "dicom" / "objects" / "parametric_map_float.dcm")
    source, made = made_of(session, written(session, tmp_path / "out", found[:1], GAUSSIAN))
    assert made.instances[0].sop_class == "1.2.840.10008.5.1.4.1.1.7"
    assert made.frames[0].plane.origin == pytest.approx(source.frames[0].plane.origin)


REAL = (
    "ct-chest-lungdx-a0002/1-01.dcm",
    "cr-dx-mg/mg-pixelspacing-test.dcm",
    "cr-dx-mg/dx_image.dcm",
    "us/us-breast-uta4-p1.dcm",
    "mr-enhanced/IM_0027_fMAP.dcm",
    "nm-pt/2020-11-16-SalimKanounAnonymization.dcm",
    "mr-head-hfs/t1-sag",
    "mr-head-hfs/dwi-mosaic",
)


@pytest.mark.parametrize("pipeline", [GAUSSIAN, CLAHE], ids=["values", "greys"])
@pytest.mark.parametrize("name", REAL)
def test_dciodvfy_finds_no_fault_that_the_source_has_not(session, shared_data, tmp_path, name, pipeline):
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy (dicom3tools) is not installed")

    def faults(path: Path) -> set[str]:
        told = subprocess.run(
            [program, str(path)], capture_output=True, text=True, errors="replace", check=False
        )
        # values differ from picture to picture, faults do not
        lines = (line.partition(" = <")[0] for line in (told.stdout + told.stderr).splitlines())
        return {line for line in lines if line.startswith("Error")}

    found = opened(session, shared_data / "dicom" / name)[:1]
    written(session, tmp_path / "out", found, pipeline)
    assert faults(tmp_path / "out" / "00001.dcm") <= faults(Path(found[0].instances[0].path))


def test_pictures_as_shown_are_what_the_screen_draws(session, tmp_path):
    factories.ct(tmp_path / "s", 2, WindowCenter=40, WindowWidth=400)
    (series,) = opened(session, tmp_path / "s")
    written(session, tmp_path / "out", [series], CLAHE, Form.SHOWN)
    session.run("view.show", series=series.key, index=1)
    session.run("enhance.add", operation="clahe")
    wanted = session.rendering.draw(session.view.active, None).picture.pixels
    assert np.array_equal(cv2.imread(str(tmp_path / "out" / "0001.png"), cv2.IMREAD_UNCHANGED), wanted)


@pytest.mark.parametrize("format", ["png", "tiff"])
def test_values_in_16_bits_can_be_read_back(session, tmp_path, format):
    factories.ct(tmp_path / "s", 2)
    (series,) = opened(session, tmp_path / "s")
    written(session, tmp_path / "out", [series], GAUSSIAN, Form.VALUES, format=format)
    said = json.loads((tmp_path / "out" / "values.json").read_text())
    picture = cv2.imread(str(next((tmp_path / "out").glob("0001.*"))), cv2.IMREAD_UNCHANGED)
    assert picture.dtype == np.uint16
    values = picture * said["slope"] + said["intercept"]
    assert np.abs(values - enhanced(session, series, 1, GAUSSIAN)).max() <= said["largest_error"] + 1e-3
    assert said["unit"] == "HU"


def test_jpeg_has_no_room_for_16_bits(session, tmp_path):
    factories.ct(tmp_path / "s", 1)
    with pytest.raises(BadValue, match="16 bits"):
        written(
            session, tmp_path / "out", opened(session, tmp_path / "s"), GAUSSIAN, Form.VALUES, format="jpeg"
        )


def tree(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


@pytest.mark.parametrize("form", list(Form))
def test_a_cancelled_run_leaves_nothing_half(session, tmp_path, form):
    factories.ct(tmp_path / "s", 4)
    series = opened(session, tmp_path / "s")
    before = tree(tmp_path)
    context = TaskContext(tell=lambda told: context.token.cancel() if (told.fraction or 0) > 0.4 else None)
    with pytest.raises(Cancelled):
        write(session, Order(parts_of(series), GAUSSIAN, form, tmp_path / "out"), context)
    assert tree(tmp_path) == before
    assert [one.name for one in tmp_path.iterdir()] == ["s"]


def test_nothing_is_overwritten_unless_asked_and_sources_never(session, tmp_path):
    paths = factories.ct(tmp_path / "s", 2)
    series = opened(session, tmp_path / "s")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "00001.dcm").write_text("mine")
    with pytest.raises(ExportTrouble, match="is there already"):
        written(session, tmp_path / "out", series, GAUSSIAN)
    assert tree(tmp_path / "out") == {"00001.dcm": b"mine"}
    written(session, tmp_path / "out", series, GAUSSIAN, replace=True)
    assert pydicom.dcmread(tmp_path / "out" / "00001.dcm").Modality == "CT"
    # a source that lies where the new file would
    own = tmp_path / "own"
    own.mkdir()
    shutil.copy(paths[0], own / "00001.dcm")
    alone = Session()
    try:
        with pytest.raises(ExportTrouble, match="being enhanced"):
            written(alone, own, opened(alone, own), GAUSSIAN, replace=True)
    finally:
        alone.close()
    assert tree(own) == {"00001.dcm": paths[0].read_bytes()}


def test_a_place_that_refuses_is_told_in_a_sentence(session, tmp_path, monkeypatch):
    factories.ct(tmp_path / "s", 1)
    series = opened(session, tmp_path / "s")
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportTrouble, match="file is a file, not a folder"):
        written(session, tmp_path / "file", series, GAUSSIAN)
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000})())
    with pytest.raises(ExportTrouble, match="no room"):
        written(session, tmp_path / "out", series, GAUSSIAN)
    assert not (tmp_path / "out").exists()


def test_what_stands_whole_is_left_out_when_a_run_is_resumed(session, tmp_path):
    factories.ct(tmp_path / "s" / "1", 2, series="1", SeriesNumber=1)
    factories.ct(tmp_path / "s" / "2", 2, series="2", SeriesNumber=2)
    series = opened(session, tmp_path / "s")
    context = TaskContext(tell=lambda told: context.token.cancel() if (told.fraction or 0) > 0.6 else None)
    with pytest.raises(Cancelled) as stopped:
        write(session, Order(parts_of(series), GAUSSIAN, Form.DICOM, tmp_path / "out"), context)
    assert stopped.value.done.series == 1
    first = tree(tmp_path / "out")
    rest = written(session, tmp_path / "out", series, GAUSSIAN, resume=True)
    assert (rest.series, rest.skipped) == (1, 1)
    assert first.items() <= tree(tmp_path / "out").items()
    with pytest.raises(ExportTrouble, match="is there already"):  # another recipe is not the rest of this one
        written(session, tmp_path / "out", series, CLAHE, resume=True)


def test_the_new_series_is_shown_beside_its_source(session, tmp_path):
    factories.ct(tmp_path / "s", 5)
    (series,) = opened(session, tmp_path / "s")
    session.run("enhance.add", operation="gaussian")
    session.run("view.goto", index=3)
    session.run("series.apply", folder=tmp_path / "out")
    left, right = session.view.viewports[:2]
    assert (left.series, left.index, left.enhanced) == (series.key, 3, False)
    made = session.series(right.series)
    assert made.description.endswith("[Smooth (Gaussian)]")
    assert right.index == 3
    assert session.view.linked
    assert session.state.jobs == ()


def test_the_command_refuses_without_a_recipe(session, tmp_path):
    factories.ct(tmp_path / "s", 1)
    opened(session, tmp_path / "s")
    with pytest.raises(BadValue, match="no enhancement"):
        session.run("series.apply", folder=tmp_path / "out")


def test_what_is_only_drawn_over_pictures_is_no_value_and_that_is_told(session, tmp_path):
    factories.ct(tmp_path / "s", 1)
    series = opened(session, tmp_path / "s")
    marks = Step.of("hough_circles")
    result = written(session, tmp_path / "out", series, Pipeline((*GAUSSIAN.steps, marks)))
    assert "left out" in result.words[0]
    data = pydicom.dcmread(tmp_path / "out" / "00001.dcm")
    assert "Gaussian" in data.DerivationDescription
    assert "circles" not in data.DerivationDescription
    with pytest.raises(BadValue, match="only draws"):
        written(session, tmp_path / "other", series, Pipeline((marks,)))
