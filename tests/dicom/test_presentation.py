"""Presentation states: read as they are written, applied as dcmtk's independent implementation does it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from medviewer.core.presentation import Look, Outline
from medviewer.core.study import Instance
from medviewer.core.voi import Lut
from medviewer.core.volume import Frame
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.presentation import read_presentation
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.imaging.presented import presentation_shapes, presented
from medviewer.imaging.render import RenderRequest, render
from medviewer.imaging.shapes import Stroke, Words
from medviewer.imaging.viewing import Viewing
from medviewer.kit.errors import FileTrouble
from tests import factories

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "dicom" / "objects" / "gspr"
ROWS, COLUMNS = 40, 56


def instance(path: Path) -> Instance:
    (study,) = group([read_header(path)])
    return study.series[0].instances[0]


def frame_of(path: Path) -> Frame:
    (study,) = group([read_header(path)])
    return SeriesSource(study.series[0], InProcessDecoder()).frame(0)


def picture(folder: Path, **values: Any) -> Path:
    """A computed radiograph of 12 bits."""
    ramp = np.linspace(0, 4095, ROWS * COLUMNS).reshape(ROWS, COLUMNS).astype(np.uint16)
    return factories.gray(
        folder / "image.dcm", ramp, modality="CR", BitsStored=12, HighBit=11,
        SOPClassUID=factories.CLASSES["CR"], **values,
    )  # fmt: skip


def state(folder: Path, image: Path, **values: Any) -> Path:
    """A presentation state about one picture."""
    data = pydicom.dcmread(image, stop_before_pixels=True)
    about = factories.item(
        ReferencedSOPClassUID=data.SOPClassUID, ReferencedSOPInstanceUID=data.SOPInstanceUID
    )
    area = factories.item(
        DisplayedAreaTopLeftHandCorner=[1, 1],
        DisplayedAreaBottomRightHandCorner=[COLUMNS, ROWS],
        PresentationSizeMode="SCALE TO FIT",
        PresentationPixelAspectRatio=[1, 1],
    )
    series = factories.item(SeriesInstanceUID=data.SeriesInstanceUID, ReferencedImageSequence=[about])
    written = {
        "ReferencedSeriesSequence": [series],
        "DisplayedAreaSelectionSequence": [area],
        "PresentationLUTShape": "IDENTITY",
        "ContentLabel": "LOOK",
        "ContentDescription": "as it was read",
        "PresentationCreationDate": "20260115",
        "PresentationCreationTime": "101500",
        "ContentCreatorName": None,
        "ImageRotation": 0,
        "ImageHorizontalFlip": "N",
        "Manufacturer": "medviewer tests",
        "StudyInstanceUID": data.StudyInstanceUID,
        **values,
    }
    return factories.report(folder / "state.dcm", kind="PR", **written)


def window(center: float, width: float, **values: Any) -> list[pydicom.Dataset]:
    return [factories.item(WindowCenter=center, WindowWidth=width, **values)]


def table(first: int, bits: int, entries: np.ndarray, **values: Any) -> pydicom.Dataset:
    return factories.item(
        LUTDescriptor=[len(entries) % 65536, first, bits], LUTData=entries.astype("<u2").tobytes(), **values
    )


def in_numbers(given: pydicom.Dataset) -> pydicom.Dataset:
    """The same table in US instead of OW: dcmtk 3.6.7 passes over a modality table in OW."""
    entries = np.frombuffer(given.LUTData, "<u2").tolist()
    given[0x00283006] = pydicom.DataElement(0x00283006, "US", entries)
    return given


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a window": ({}, {"SoftcopyVOILUTSequence": window(2000, 1500)}),
    "a window on rescaled values": (
        {},
        {"RescaleSlope": 2, "RescaleIntercept": -1000, "RescaleType": "US",
         "SoftcopyVOILUTSequence": window(3000, 2500)},
    ),
    "a rescale in the file that the state does not have": (
        {"RescaleSlope": 2, "RescaleIntercept": -1000},
        {"SoftcopyVOILUTSequence": window(2000, 1500)},
    ),
    "inversion": ({}, {"SoftcopyVOILUTSequence": window(2000, 1500), "PresentationLUTShape": "INVERSE"}),
    "a table of values of interest": (
        {},
        {"SoftcopyVOILUTSequence": [factories.item(
            VOILUTSequence=[table(0, 12, (np.arange(4096) ** 2 / 4095).astype(int))])]},
    ),
    "a modality table": (
        {},
        {"ModalityLUTSequence": [in_numbers(table(0, 12, np.arange(4095, -1, -1), ModalityLUTType="US"))],
         "SoftcopyVOILUTSequence": window(2000, 1500)},
    ),
    "a presentation table": (
        {},
        {"SoftcopyVOILUTSequence": window(2048, 4096), "PresentationLUTShape": None,
         "PresentationLUTSequence": [table(0, 12, (np.sqrt(np.arange(4096) / 4095) * 4095).astype(int))]},
    ),
    "a shutter of the picture that the state does not have": (
        {"ShutterShape": "RECTANGULAR", "ShutterLeftVerticalEdge": 10, "ShutterRightVerticalEdge": 40,
         "ShutterUpperHorizontalEdge": 5, "ShutterLowerHorizontalEdge": 30, "ShutterPresentationValue": 0},
        {"SoftcopyVOILUTSequence": window(2000, 1500)},
    ),
    "a turn": ({}, {"SoftcopyVOILUTSequence": window(2000, 1500), "ImageRotation": 90}),
    "a flip": ({}, {"SoftcopyVOILUTSequence": window(2000, 1500), "ImageHorizontalFlip": "Y"}),
    "a turn and a flip": (
        {},
        {"SoftcopyVOILUTSequence": window(2000, 1500), "ImageRotation": 90, "ImageHorizontalFlip": "Y"},
    ),
}  # fmt: skip


def ours(image: Path, about: Path) -> np.ndarray:
    frame, found = frame_of(image), read_presentation(instance(about))
    (look,) = found.looks
    seen = presented(frame, look, found.label)
    request = RenderRequest(
        "s",
        0,
        seen.windows[0] if seen.windows else frame.windows[0],
        rotation=look.rotation,
        flipped=look.flipped,
    )
    return render(seen, (), request).pixels


@pytest.mark.rule("P-22", "P-24", "P-35")
@pytest.mark.skipif(not shutil.which("dcmp2pgm"), reason="dcmtk is not installed")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_a_state_is_applied_as_dcmtk_applies_it(tmp_path: Path, case: str, photometric: str) -> None:
    in_image, in_state = CASES[case]
    image = picture(tmp_path, PhotometricInterpretation=photometric, **in_image)
    about = state(tmp_path, image, **in_state)
    out = tmp_path / "out.pgm"
    subprocess.run(["dcmp2pgm", "-q", "-p", about, image, out], check=True, capture_output=True)
    _, head, pixels = out.read_bytes().split(b"\n", 2)
    columns, rows, _ = (int(word) for word in head.split())
    theirs = np.frombuffer(pixels, np.uint8, rows * columns).reshape(rows, columns)
    mine = ours(image, about)
    assert mine.shape == theirs.shape
    assert np.abs(mine.astype(int) - theirs).max() <= 1


@pytest.mark.rule("P-34", "P-35")
def test_only_what_lies_in_every_opening_of_a_shutter_is_seen(tmp_path: Path) -> None:
    image = picture(tmp_path)
    about = state(
        tmp_path, image, ShutterShape=["RECTANGULAR", "CIRCULAR"], ShutterPresentationValue=65535,
        ShutterLeftVerticalEdge=5, ShutterRightVerticalEdge=50, ShutterUpperHorizontalEdge=4,
        ShutterLowerHorizontalEdge=30, CenterOfCircularShutter=[20, 28], RadiusOfCircularShutter=17,
    )  # fmt: skip
    (look,) = read_presentation(instance(about)).looks
    shutter = presented(frame_of(image), look, "LOOK").shutter
    assert shutter is not None
    assert shutter.grey == 1.0
    for row in range(ROWS):
        for column in range(COLUMNS):
            inside = 3 <= row <= 29 and 4 <= column <= 49 and (row - 19) ** 2 + (column - 27) ** 2 <= 17**2
            assert (shutter.covered[row, column] == 0) == inside


@pytest.mark.rule("P-24", "P-35")
def test_a_table_that_has_no_window_before_it_is_told_and_not_guessed(tmp_path: Path) -> None:
    frame = frame_of(picture(tmp_path))
    look = Look(frozenset(), rescale=frame.rescale, table=Lut(0, 8, tuple(range(256))))
    made = presented(frame, look, "LOOK")
    assert made.windows == ()
    assert any("not applied" in remark for remark in made.remarks)


def graphic(kind: str, *values: float, units: str = "PIXEL", filled: str = "N") -> pydicom.Dataset:
    return factories.item(
        GraphicAnnotationUnits=units,
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(values) // 2,
        GraphicData=list(values),
        GraphicType=kind,
        GraphicFilled=filled,
    )


def drawn(folder: Path, **values: Any) -> tuple[Look, tuple[Any, ...]]:
    image = picture(folder)
    notes = factories.item(GraphicLayer="L", **values)
    (look,) = read_presentation(instance(state(folder, image, GraphicAnnotationSequence=[notes]))).looks
    viewing = Viewing((ROWS, COLUMNS), size=(ROWS * 10, COLUMNS * 10))
    return look, presentation_shapes(look, viewing)


@pytest.mark.rule("P-35")
def test_graphics_lie_where_their_pixels_lie(tmp_path: Path) -> None:
    _, shapes = drawn(tmp_path, GraphicObjectSequence=[graphic("POLYLINE", 0, 0, COLUMNS, ROWS)])
    (line,) = shapes
    assert isinstance(line, Stroke)
    # 0\0 is the outer corner of the first pixel, columns\rows that of the last one
    assert np.allclose(line.points, [(0, 0), (COLUMNS * 10, ROWS * 10)])


@pytest.mark.rule("P-35")
def test_a_circle_and_an_ellipse_go_through_their_points(tmp_path: Path) -> None:
    circle, ellipse = graphic("CIRCLE", 20, 20, 25, 20), graphic("ELLIPSE", 10, 20, 30, 20, 20, 15, 20, 25)
    look, shapes = drawn(tmp_path, GraphicObjectSequence=[circle, ellipse])
    assert [one.outline for one in look.graphics] == [Outline.CIRCLE, Outline.ELLIPSE]
    one, two = (np.array(shape.points) / 10 for shape in shapes if isinstance(shape, Stroke))
    assert np.hypot(*(one - (20, 20)).T) == pytest.approx(5)
    assert ((two[:, 0] - 20) / 10) ** 2 + ((two[:, 1] - 20) / 5) ** 2 == pytest.approx(1)


@pytest.mark.rule("P-35")
def test_a_smooth_line_goes_through_all_its_points(tmp_path: Path) -> None:
    values = (5, 5, 20, 8, 30, 25, 12, 30)
    _, shapes = drawn(tmp_path, GraphicObjectSequence=[graphic("INTERPOLATED", *values)])
    points = np.array(shapes[0].points) / 10
    for x, y in zip(values[::2], values[1::2], strict=True):
        assert np.hypot(*(points - (x, y)).T).min() < 1e-6


@pytest.mark.rule("P-35")
def test_words_in_shares_of_the_shown_area_keep_their_place_on_the_screen(tmp_path: Path) -> None:
    words = factories.item(
        BoundingBoxAnnotationUnits="DISPLAY",
        BoundingBoxTopLeftHandCorner=[0.25, 0.5],
        BoundingBoxBottomRightHandCorner=[0.5, 0.6],
        BoundingBoxTextHorizontalJustification="LEFT",
        UnformattedTextValue="Effusion\r\nleft",
    )
    _, shapes = drawn(tmp_path, TextObjectSequence=[words])
    first, second = shapes
    assert isinstance(first, Words)
    assert isinstance(second, Words)
    assert (first.text, second.text) == ("Effusion", "left")
    assert (first.x, first.y) == pytest.approx((0.25 * COLUMNS * 10, 0.5 * ROWS * 10))


def test_a_damaged_state_is_refused_in_a_sentence(tmp_path: Path) -> None:
    about = state(tmp_path, picture(tmp_path), SoftcopyVOILUTSequence=window(2000, 1500))
    whole, chance, refused = about.read_bytes(), np.random.default_rng(7), 0
    found = instance(about)
    for _ in range(300):
        content = bytearray(whole)
        for at in chance.integers(132, len(whole), 6):
            content[at] = chance.integers(0, 256)
        about.write_bytes(content)
        try:
            read_presentation(found)
        except FileTrouble:
            refused += 1
    assert refused < 300


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared images are not here")
@pytest.mark.rule("P-35")
def test_a_real_state_is_read_with_its_ellipse_and_its_words() -> None:
    found = read_presentation(instance(SHARED / "PR000000.dcm"))
    assert (found.label, found.description) == ("PRESENTATION", "hip")
    (look,) = found.looks
    assert look.window is not None
    assert (look.window.center, look.window.width) == (2048, 4096)
    assert look.graphics[0].outline is Outline.ELLIPSE
    assert look.captions[0].lines[0].startswith("Mean: 2651.41")
