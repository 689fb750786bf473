"""What the inspector says of a pixel is what happened to it, checked by formulas written a second time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.cut import Cut, anatomical
from medviewer.core.labels import Label, LabelMap
from medviewer.core.pipeline import Pipeline, Step
from medviewer.imaging.enhance.apply import enhance, inspect_steps
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.session.inspect import inspection
from medviewer.session.inspection import ENHANCED, ODD, Inspection
from medviewer.session.session import Session
from tests import factories
from tests.session.pairs import HOT, activity, write_pair

SIGNED = (np.arange(32 * 48).reshape(32, 48) * 3 - 1800).astype(np.int16)
PLACES = ((0, 0), (3, 5), (11, 40), (17, 23), (31, 47))
WINDOW = {"WindowCenter": 60, "WindowWidth": 900}
TABLE = {
    "VOILUTSequence": [
        factories.item(
            LUTDescriptor=[1000, 1000, 12],
            LUTData=((7 * np.arange(1000)) % 4096).astype("<u2").tobytes(),
        )
    ]
}
KINDS: dict[str, dict] = {
    "linear": WINDOW,
    "exact": {**WINDOW, "VOILUTFunction": "LINEAR_EXACT"},
    "sigmoid": {**WINDOW, "VOILUTFunction": "SIGMOID"},
    "MONOCHROME1": {**WINDOW, "PhotometricInterpretation": "MONOCHROME1"},
    "rescaled": {**WINDOW, "RescaleSlope": 0.37, "RescaleIntercept": -100},
    "padding": {**WINDOW, "PixelPaddingValue": -1800, "PixelPaddingRangeLimit": -1700},
    "automatic": {},
}


def _shown(session: Session, path: Path) -> NDArray[np.uint8]:
    """Open a file and give the pixels of the screen at 1:1."""
    session.run("study.open", paths=(path,))
    return _pixels(session)


def _pixels(session: Session) -> NDArray[np.uint8]:
    picture = session.rendering.draw(0, None).picture
    assert picture is not None
    return picture.pixels


def _at(session: Session, row: int, column: int) -> Inspection:
    found = inspection(session, 0, row, column)
    assert found is not None
    return found


def _number(words: str) -> float:
    return float(words.split()[0].replace("\N{MINUS SIGN}", "-"))


def _grey(x: float, kind: str) -> float:
    """PS3.3 C.11.2.1.2 and C.11.2.1.3, one value at a time."""
    c, w = 60.0, 900.0
    if kind == "sigmoid":
        return 1 / (1 + math.exp(-4 * (x - c) / w))
    if kind == "exact":
        return min(max((x - c) / w + 0.5, 0), 1)
    return min(max((x - (c - 0.5)) / (w - 1) + 0.5, 0), 1)


@pytest.mark.rule("P-03", "P-14", "P-15", "P-16", "P-21", "P-25")
@pytest.mark.parametrize("inverted", [False, True], ids=["as it is", "inverted"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_last_grey_is_the_one_on_the_screen_and_the_steps_lead_to_it(
    session: Session, tmp_path: Path, kind: str, inverted: bool
) -> None:
    pixels = _shown(session, factories.gray(tmp_path / "a.dcm", SIGNED, **KINDS[kind]))
    if inverted:
        session.run("window.invert")
        pixels = _pixels(session)
    for row, column in PLACES:
        found = _at(session, row, column)
        assert found.shown == (pixels[row, column],)
        assert found.words("On the screen") == f"grey {pixels[row, column]} of 255"
        stored = int(SIGNED[row, column])
        assert _number(found.words("Stored value")) == stored
        slope, intercept = (0.37, -100) if kind == "rescaled" else (1, 0)
        value = slope * stored + intercept
        assert _number(found.words("Modality value")) == pytest.approx(value, rel=1e-3, abs=1e-9)
        if kind == "padding" and stored <= -1700:
            assert found.shown == (0,)
            assert found.words("Padding").startswith("yes")
            continue
        output = _number(found.words("Output"))
        if kind != "automatic":
            assert output == pytest.approx(_grey(value, kind), abs=1e-4)
        seen = 1 - output if inverted != (kind == "MONOCHROME1") else output
        assert abs(found.shown[0] - 255 * seen) <= 0.55
        assert found.words("Inverted by the reader") == ("yes" if inverted else "no")


def test_a_table_of_the_file_gives_its_entry(session: Session, tmp_path: Path) -> None:
    stored = factories.gradient(32, 48)
    pixels = _shown(session, factories.gray(tmp_path / "a.dcm", stored, BitsStored=12, HighBit=11, **TABLE))
    for row, column in PLACES:
        found = _at(session, row, column)
        assert found.shown == (pixels[row, column],)
        entry = (7 * min(max(int(stored[row, column]) - 1000, 0), 999)) % 4096
        assert _number(found.words("Output")) == pytest.approx(entry / 4095, abs=1e-4)
    assert found.words("Window").startswith("table")


def test_floats_and_colours_are_said_as_they_are_and_as_they_are_shown(
    session: Session, tmp_path: Path
) -> None:
    floats = (np.linspace(-2.5, 7.25, 32 * 48).reshape(32, 48)).astype(np.float32)
    path = factories.gray(tmp_path / "f.dcm", SIGNED, PixelData=None, FloatPixelData=floats.tobytes(),
                          BitsAllocated=32, BitsStored=None, HighBit=None)  # fmt: skip
    pixels = _shown(session, path)
    found = _at(session, 17, 23)
    assert found.shown == (pixels[17, 23],)
    assert _number(found.words("Stored value")) == pytest.approx(float(floats[17, 23]))
    assert "floating point" in found.words("Stored bits")
    session.run("study.close")
    colors = factories.colors(32, 48)
    pixels = _shown(session, factories.color(tmp_path / "c.dcm", pixels=colors))
    red, green, blue = (int(part) for part in colors[3, 5])
    found = _at(session, 3, 5)
    assert found.shown == tuple(pixels[3, 5]) == (red, green, blue)
    assert found.words("Stored value") == f"R {red}  G {green}  B {blue}"
    assert found.words("Modality value") == ""
    assert "as they are" in found.words("Chosen")


def test_each_enhancement_says_what_it_made_of_the_pixel(session: Session, tmp_path: Path) -> None:
    pixels = _shown(session, factories.gray(tmp_path / "a.dcm", SIGNED, **KINDS["padding"]))
    for step in ("gamma", "median", "clahe"):
        session.run("enhance.add", operation=step)
    pixels = _pixels(session)
    key = session.view.current.series
    frame = session.frames.load(key, 0)
    pipeline = session.state.document.reading(key).pipeline
    for row, column in PLACES[1:]:
        found = _at(session, row, column)
        assert found.shown == (pixels[row, column],)
        # the plain way: the pipeline as far as each step
        told = [_number(fact.words) for fact in found.section(ENHANCED)]
        signal = [step for step in pipeline.steps if ENHANCEMENTS[step.operation].stage.value == "signal"]
        display = [step for step in pipeline.steps if step not in signal]
        ordered = [*signal, *display]
        for at, value in enumerate(told):
            whole = enhance(frame, session.view.current.voi, Pipeline(tuple(ordered[: at + 1])))
            assert value == pytest.approx(float(whole.values[row, column]), rel=1e-3, abs=1e-4)
        assert len(told) == 3


def test_the_values_after_each_step_come_from_what_is_kept(session: Session, tmp_path: Path) -> None:
    """Inspecting must not run an enhancement again that the picture has just been through."""
    _shown(session, factories.gray(tmp_path / "a.dcm", SIGNED, **WINDOW))
    frame = session.frames.load(session.view.current.series, 0)

    class Counting(dict):
        computed = 0

        def put(self, key, item, size) -> None:
            self.computed += 1
            self[key] = item

    cache = Counting()
    pipeline = Pipeline((Step.of("median", {"radius_px": 2}), Step.of("gamma", {})))
    before = enhance(frame, frame.windows[0], pipeline, None, cache, "frame")
    steps = inspect_steps(frame, frame.windows[0], pipeline, (4, 9), None, cache, "frame")
    assert cache.computed == 2
    assert steps[-1].value == before.values[4, 9]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (lambda session: None, "nobody has chosen another"),
        (lambda session: session.run("window.automatic"), "automatic, from the values"),
        (lambda session: session.run("window.preset", name="Lung"), "preset Lung"),
        (lambda session: session.run("window.set", center=7, width=70), "by the reader"),
        (lambda session: session.run("window.file", number=1), "window 2 of 2 in the file"),
    ],
    ids=["file", "automatic", "preset", "reader", "second"],
)
def test_the_inspector_says_who_has_chosen_the_window(
    session: Session, tmp_path: Path, how: Callable[[Session], object], words: str
) -> None:
    values = {"WindowCenter": [60, 10], "WindowWidth": [900, 90]}
    _shown(session, factories.gray(tmp_path / "a.dcm", SIGNED, **values))
    how(session)
    assert words in _at(session, 3, 5).words("Chosen")


def test_a_series_without_windows_is_told_to_have_an_automatic_one(session: Session, tmp_path: Path) -> None:
    _shown(session, factories.gray(tmp_path / "a.dcm", SIGNED))
    assert "the file offers none" in _at(session, 3, 5).words("Chosen")


def test_the_place_in_the_patient_and_the_file_are_named(session: Session, tmp_path: Path) -> None:
    paths = factories.ct(tmp_path / "ct", slices=8)
    session.run("study.open", paths=(tmp_path / "ct",))
    session.run("view.goto", index=2)
    _pixels(session)
    found = _at(session, 10, 20)
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    x, y, z = plane.to_patient(10, 20)
    sides = (("R", "L")[x >= 0], ("A", "P")[y >= 0], ("F", "H")[z >= 0])
    assert (
        found.words("In the patient")
        == "  ".join(f"{side} {abs(part):.1f}" for side, part in zip(sides, (x, y, z), strict=True)) + " mm"
    )
    assert found.words("Picture") == "3 of 8"
    assert found.words("File") in {path.name for path in paths}
    assert found.words("Modality value").endswith("HU")


def test_a_pixel_of_a_plane_is_a_voxel_or_said_to_be_made_of_several(
    session: Session, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "ct", slices=8)
    session.run("study.open", paths=(tmp_path / "ct",))
    cut = Cut(*anatomical("coronal"), distance=3.0, name="Coronal")
    session.change(lambda view: view.with_viewport(0, replace(view.current, cut=cut)))
    pixels = _pixels(session)
    found = _at(session, 4, 20)
    assert found.shown == (pixels[4, 20],)
    # the CT has whole numbers from -1024 on, and rows one millimetre apart from y = -32 on
    assert float(found.words("Voxel of the stack")) - 1024 == _number(found.words("Modality value"))
    assert found.words("Stored value") == ""
    assert found.words("Plane") == "Coronal, y 3.0 mm, through the stack"
    assert found.words("File") == ""
    thick = replace(cut, thickness=3.0)
    session.change(lambda view: view.with_viewport(0, replace(view.current, cut=thick)))
    _pixels(session)
    found = _at(session, 4, 20)
    assert "no file holds it" in found.words("Stored value")
    assert found.words("Which is") == "Slab 3 mm mean"
    assert found.words("Voxel of the stack") == ""


def test_what_is_odd_in_the_file_is_listed(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", slices=8, missing=[3])
    session.run("study.open", paths=(tmp_path / "ct",))
    _pixels(session)
    series = session.series(session.view.current.series)
    assert series is not None
    assert series.problems
    told = {fact.words for fact in _at(session, 1, 1).section(ODD)}
    assert told >= set(series.problems)


def test_beside_the_picture_there_is_nothing_to_inspect(session: Session, tmp_path: Path) -> None:
    assert inspection(session, 0, 0, 0) is None
    _shown(session, factories.gray(tmp_path / "a.dcm", SIGNED))
    assert inspection(session, 0, 32, 0) is None
    assert inspection(session, 0, 0, -1) is None


def test_the_overlay_of_a_real_picture_is_told_where_it_is(session: Session, shared_data: Path) -> None:
    pixels = _shown(session, shared_data / "dicom" / "luts-overlays" / "MR-SIEMENS-DICOM-WithOverlays.dcm")
    frame = session.rendering.frame(session.view.current)
    assert frame is not None
    (row, column), (other, beside) = (np.argwhere(frame.overlays[0].bits == on)[50] for on in (255, 0))
    there, nowhere = _at(session, int(row), int(column)), _at(session, int(other), int(beside))
    assert there.words("Overlay 6000").startswith("set here")
    assert nowhere.words("Overlay 6000").startswith("not here")
    assert there.shown == tuple(np.atleast_1d(pixels[row, column]))


@pytest.mark.rule("P-11", "P-21")
def test_uptake_is_told_beside_the_activity_it_comes_from(session: Session, shared_data: Path) -> None:
    _shown(session, shared_data / "dicom" / "nm-pt" / "2020-11-16-SalimKanounAnonymization.dcm")
    frame = session.rendering.frame(session.view.current)
    assert frame is not None
    row, column = (int(place) for place in np.unravel_index(np.argmax(frame.pixels), frame.pixels.shape))
    found = _at(session, row, column)
    activity = int(frame.pixels[row, column]) * 9.1475195822016  # Rescale Slope of this file, in Bq/mL
    assert found.words("Before SUV").endswith("Bq/mL")
    assert _number(found.words("Before SUV")) == pytest.approx(activity, rel=1e-3)
    weight, left = 82.0, 2.9e8 * 2 ** (-4338 / 6586.2)
    assert found.words("Modality value").endswith("SUVbw")
    assert _number(found.words("Modality value")) == pytest.approx(activity * weight * 1000 / left, rel=1e-3)


def test_colours_and_a_series_over_the_picture_are_in_the_last_value(
    session: Session, tmp_path: Path
) -> None:
    write_pair(tmp_path)
    session.run("study.open", paths=(tmp_path,))
    keys = {one.modality: one.key for study in session.state.studies for one in study.series}
    session.run("view.show", series=keys["CT"], index=6)
    session.run("view.colors", name="hot-iron")
    assert _at_pixels(session)[3, 5].tolist() == list(_at(session, 3, 5).shown)
    session.run("fusion.set", series=keys["PT"], opacity=0.6)
    pixels = _at_pixels(session)
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    row, column = (round(place) for place in plane.to_image(HOT))
    for place in ((row, column), (3, 5), (63, 0)):
        assert pixels[place].tolist() == list(_at(session, *place).shown)
    told = _at(session, row, column).words("Series over it")
    near = float(activity(np.asarray(plane.to_patient(row, column))))
    assert _number(told.split(maxsplit=1)[1] if told.startswith("PT") else told) == pytest.approx(
        near, rel=0.2
    )


def test_labels_and_a_shutter_are_told_and_in_the_last_value(session: Session, tmp_path: Path) -> None:
    path = factories.gray(
        tmp_path / "a.dcm",
        SIGNED,
        **WINDOW,
        ShutterShape="RECTANGULAR",
        ShutterLeftVerticalEdge=5,
        ShutterRightVerticalEdge=40,
        ShutterUpperHorizontalEdge=5,
        ShutterLowerHorizontalEdge=28,
        ShutterPresentationValue=0,
    )
    _shown(session, path)
    values = np.zeros(SIGNED.shape, np.uint8)
    values[10:20, 10:20] = 3
    labels = LabelMap.empty(1, (Label(3, "nodule", "#e69f00"),)).with_slices({0: values})
    key = session.view.current.series
    assert key is not None
    document = session.state.document
    session.replace_document(document.with_reading(replace(document.reading(key), groups=(labels,))))
    pixels = _at_pixels(session)
    for place, label, shutter in (
        ((15, 15), "nodule", "does not cover"),
        ((10, 12), "nodule", "does not cover"),
        ((25, 30), "none", "does not cover"),
        ((0, 0), "none", "covers this pixel"),
    ):
        found = _at(session, *place)
        assert pixels[place].tolist() == list(found.shown)
        assert found.words("Label").startswith(label)
        assert found.words("Shutter").startswith(shutter)


def _at_pixels(session: Session) -> NDArray[np.uint8]:
    """The pixels of the screen at 1:1 in colour."""
    picture = session.rendering.draw(0, None).picture
    assert picture is not None
    return picture.rgb()
