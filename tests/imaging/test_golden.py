"""Small pictures that have been looked at; each is told by the request that makes it.

After a wanted change: MEDVIEWER_GOLDEN=write python -m pytest tests/imaging/test_golden.py, and look again.
"""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.beside_pixels import OverlayPlane, Shutter, Supplement
from medviewer.core.cut import Cut, Slab, anatomical
from medviewer.core.fusion import Fusion
from medviewer.core.geometry import Calibration, ImageGeometry, Plane
from medviewer.core.labels import LabelLook, LabelStyle
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI, Curve
from medviewer.core.volume import Frame, Rescale, Volume, read_only
from medviewer.export.pen import draw
from medviewer.imaging.colormaps import color_map
from medviewer.imaging.corners import CornerFacts, corner_words
from medviewer.imaging.crossing import Crossing, crossed_by, handle_shapes, line_shapes
from medviewer.imaging.legend import Scale, legend
from medviewer.imaging.overlay import annotation_shapes, orientation_words, scale_bar
from medviewer.imaging.render import RenderRequest, render
from medviewer.imaging.reslice import cut_plane, reslice
from medviewer.imaging.viewing import Viewing

GOLDEN = Path(__file__).parents[1] / "golden"
AXIAL = Plane(
    (96, 128), spacing=(1.0, 1.0), calibration=Calibration.PATIENT, frame_of_reference="f", placed=True
)


def phantom() -> np.ndarray:
    """A body in air with two lungs, a spine and a padded ring, in stored CT numbers (HU + 1024)."""
    rows, columns = np.mgrid[:96, :128]

    def ellipse(row: float, column: float, high: float, wide: float) -> np.ndarray:
        return ((rows - row) / high) ** 2 + ((columns - column) / wide) ** 2 <= 1

    stored = np.full((96, 128), 24, np.int16)
    stored[ellipse(48, 64, 40, 56)] = 1064
    stored[ellipse(44, 42, 24, 16)] = stored[ellipse(44, 86, 24, 16)] = 224
    stored[ellipse(74, 64, 8, 9)] = 1724
    stored += np.random.default_rng(4).integers(-12, 13, stored.shape).astype(np.int16)
    stored[(rows - 47.5) ** 2 + (columns - 63.5) ** 2 > 66**2] = -2000
    return stored


FRAME = Frame(read_only(phantom()), AXIAL, Rescale(1, -1024, unit="HU"), padding=(-2000, -2000))
LABELS = np.where((FRAME.pixels > 150) & (FRAME.pixels < 300), 1, 0).astype(np.uint8)
TISSUE = RenderRequest("s", 0, VOI(40, 400))
LOOK = LabelLook((LabelStyle(1, "#e69f00"),))


def steps(*found: Step) -> Pipeline:
    return Pipeline(found)


REQUESTS = {
    "soft-tissue": TISSUE,
    "lung-inverted": replace(TISSUE, voi=VOI(-600, 1500, inverted=True)),
    "sigmoid-half-size": replace(TISSUE, voi=VOI(40, 400, Curve.SIGMOID), size=(48, 64)),
    "zoomed-turned": replace(
        TISSUE,
        voi=VOI(0, 2000),
        region=Viewing((96, 128), 1.0, (90, 120), 3.0).region(),
        size=(120, 90),
        rotation=90,
        flipped=True,
    ),
    "clahe": replace(TISSUE, voi=VOI(0, 2000), pipeline=steps(Step.of("clahe", {"tiles": 4}))),
    "median-sobel": replace(TISSUE, pipeline=steps(Step.of("median"), Step.of("sobel"))),
    "labels": replace(TISSUE, labels=(LOOK,), size=(192, 256)),
    "proposal": replace(TISSUE, labels=(replace(LOOK, proposed=True),), size=(192, 256)),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_picture_looks_as_it_did(name: str, tmp_path: Path) -> None:
    picture = render(FRAME, (LABELS,), REQUESTS[name])
    compare(name, picture.rgb(), tmp_path, allowed=1)


def test_what_lies_over_a_picture_looks_as_it_did(tmp_path: Path) -> None:
    viewing = Viewing((96, 128), 1.0, (300, 400))
    picture = render(FRAME, (), replace(TISSUE, size=viewing.target().size)).rgb()
    facts = CornerFacts(
        ("DOE^J 词", "1234"), ("Hospital", "CT"), ("41/104",), ("C 40 W 400",), "CLAHE", "lung 1.0"
    )
    drawn = [
        Annotation(shape, tuple(AXIAL.to_patient(*at) for at in positions), "f", "note µ²")
        for shape, positions in (
            (Shape.LENGTH, ((20, 30), (20, 80))),
            (Shape.ELLIPSE, ((60, 50), (80, 78))),
            (Shape.ARROW, ((45, 42), (58, 30))),
        )
    ]
    around = (*orientation_words(AXIAL, viewing), *scale_bar(AXIAL, viewing))
    corners = corner_words(facts, "full", viewing.size, around=around)
    shapes = (*annotation_shapes(drawn, AXIAL, viewing, FRAME), *corners, *around)
    draw(picture, shapes)
    compare("overlay", picture, tmp_path, allowed=90, share=0.01)


def beside() -> Frame:
    """The phantom with two overlays, a round shutter and a coloured spine."""
    rows, columns = np.mgrid[:96, :128]
    area = ((rows - 44) / 24) ** 2 + ((columns - 42) / 16) ** 2 <= 1
    cross = (rows == 44) & (abs(columns - 86) < 12) | (columns == 86) & (abs(rows - 44) < 12)
    overlays = (
        OverlayPlane(0x6000, read_only(np.where(area, 255, 0).astype(np.uint8)), is_region=True),
        OverlayPlane(0x6002, read_only(np.where(cross, 255, 0).astype(np.uint8))),
    )
    covered = (rows - 47.5) ** 2 + (columns - 63.5) ** 2 > 50**2
    colors = np.stack([np.arange(200) + 55, np.full(200, 40), 255 - np.arange(200)], axis=-1)
    return replace(
        FRAME,
        overlays=overlays,
        shutter=Shutter(read_only(np.where(covered, 255, 0).astype(np.uint8)), 0.3),
        supplement=Supplement(1620, read_only(colors.astype(np.uint8))),
    )


def hot() -> Frame:
    """Uptake in the heart and the liver, on the phantom's grid; nothing is known of its lower rows."""
    rows, columns = np.mgrid[:96, :128]
    away = np.hypot(rows - 50, columns - 66) / 14
    values = (9 * np.exp(-(away**2)) + 4 * np.exp(-(np.hypot(rows - 30, columns - 90) ** 2) / 90)).astype(
        np.float32
    )
    values[80:] = np.nan
    return Frame(read_only(values), AXIAL, Rescale(unit="g/ml"), windows=(VOI.from_range(0, 8),))


@pytest.mark.rule("P-28", "P-33", "P-34")
def test_overlays_and_a_shutter_look_as_they_did(tmp_path: Path) -> None:
    picture = render(beside(), (), replace(TISSUE, size=(192, 256)))
    compare("overlays-shutter", picture.rgb(), tmp_path, allowed=1)


def test_colours_and_their_bar_look_as_they_did(tmp_path: Path) -> None:
    viewing = Viewing((96, 128), 1.0, (300, 400))
    request = replace(TISSUE, colors="cividis", size=viewing.target().size)
    picture = render(FRAME, (), request).rgb()
    draw(picture, legend([Scale(color_map("cividis").hex(), TISSUE.voi, "HU", title="CT")], viewing.size))
    compare("colours", picture, tmp_path, allowed=90, share=0.01)


@pytest.mark.parametrize("fades", [False, True])
def test_a_fused_series_looks_as_it_did(fades: bool, tmp_path: Path) -> None:
    fusion = Fusion("p", colors="hot-iron", opacity=0.6, fades=fades)
    request = replace(TISSUE, fusion=fusion, size=(192, 256))
    picture = render(FRAME, (), request, fused=hot())
    compare(f"fusion-{'fading' if fades else 'even'}", picture.rgb(), tmp_path, allowed=2)


def stack() -> Volume:
    """The phantom 24 times, 3 mm apart, wandering to the patient's left: odd spacing, padding around it."""
    voxels = np.stack([np.roll(phantom(), at, axis=1) for at in range(24)])
    directions = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
    geometry = ImageGeometry(
        voxels.shape, (0.0, 0.0, 0.0), directions, (3.0, 1.0, 1.0), frame_of_reference="f"
    )
    rescale = Rescale(1, -1024, unit="HU")
    return Volume(read_only(voxels), rescale, geometry, "s", padding=(-2000, -2000))


def test_a_turned_thick_plane_and_its_lines_look_as_they_did(tmp_path: Path) -> None:
    volume, center = stack(), (64.0, 44.0, 36.0)
    turn = math.radians(25)
    across = Cut((math.cos(turn), math.sin(turn), 0.0), (0.0, 0.0, -1.0), 0.0, 6.0, Slab.MAXIMUM, "Coronal")
    cut = replace(across, distance=across.distance_of(center))
    frame = reslice(volume, cut)
    viewing = Viewing(frame.plane.shape, frame.plane.aspect, (300, 400))
    picture = render(frame, (), replace(TISSUE, cut=cut, size=viewing.target().size)).rgb()
    canvas = np.zeros((300, 400, 3), np.uint8)
    target = viewing.target()
    canvas[target.y : target.y + target.height, target.x : target.x + target.width] = picture
    others = [
        Crossing(
            cut_plane(volume.geometry, replace(one, distance=one.distance_of(center))), at, word, name, thick
        )
        for at, (one, word, name, thick) in enumerate(
            (
                (Cut(*anatomical("axial"), 0.0), "Ax", "Axial", 12.0),
                (Cut((-math.sin(turn), math.cos(turn), 0.0), (0.0, 0.0, -1.0), 0.0), "Sag", "Sagittal", 0.0),
            )
        )
    ]
    laid = crossed_by(others, frame.plane, viewing, center, 1.5)
    draw(
        canvas,
        (*line_shapes(laid, viewing.size), *handle_shapes(laid), *orientation_words(frame.plane, viewing)),
    )
    compare("plane-turned", canvas, tmp_path, allowed=90, share=0.01)


def compare(name: str, got: np.ndarray, folder: Path, allowed: int, share: float = 0.0) -> None:
    """Fail, with all three pictures in *folder*, when *got* is another picture than the golden one.

    No pixel may be off by more than *allowed*, or where letters are drawn no more than *share* of them.
    """
    path = GOLDEN / f"{name}.png"
    if os.environ.get("MEDVIEWER_GOLDEN") == "write":
        cv2.imwrite(str(path), got[..., ::-1])
    stored = cv2.imread(str(path))
    assert stored is not None, f"there is no golden picture {path.name}"
    expected = stored[..., ::-1]
    same = expected.shape == got.shape
    off = np.abs(expected.astype(int) - got).max(axis=2) if same else np.ones(got.shape[:2]) * 255
    if (off > allowed).mean() > share:
        cv2.imwrite(str(folder / f"{name}-expected.png"), expected[..., ::-1])
        cv2.imwrite(str(folder / f"{name}-got.png"), got[..., ::-1])
        cv2.imwrite(str(folder / f"{name}-difference.png"), np.clip(off * 8, 0, 255).astype(np.uint8))
        pytest.fail(f"{name} has changed; expected, got and difference are in {folder}")
