"""The way from stored bits to greys, number by number and picture by picture, beside other implementations.

Five values below, at and above each edge of a window, for every function, photometric interpretation, sign
and padding, through files; then whole pictures beside dcmtk's dcm2pnm where that is installed.
"""

from __future__ import annotations

import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medviewer.core.geometry import Plane
from medviewer.core.voi import VOI, Curve
from medviewer.core.volume import Frame
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.imaging.grayscale import effective_voi
from medviewer.imaging.render import RenderRequest, render
from medviewer.kit.errors import FileTrouble
from tests import factories
from tests.imaging import standard

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "dicom"
WINDOWS = ((40.0, 400.0), (-600.0, 1500.0), (100.0, 1.0), (12.5, 33.0), (300.0, 2.0))
"""centre, width in modality values"""
INTERCEPT = -1024
PADDING = 24
"""a stored value in the middle of the pictures' range"""


def frame_of(path: Path, index: int = 0) -> Frame:
    (study,) = group([read_header(path)])
    return SeriesSource(study.series[0], InProcessDecoder()).frame(index)


def shown(frame: Frame) -> np.ndarray:
    voi = effective_voi(frame, RenderRequest("s", 0, frame.windows[0]).voi)
    return render(frame, (), RenderRequest("s", 0, voi)).pixels


def around(center: float, width: float, signed: bool) -> np.ndarray:
    """Stored values around both edges and the middle of a window, and around the padding."""
    edges = (center - width / 2, center, center + width / 2)
    shift = 0 if signed else -INTERCEPT
    values = [round(edge) + shift + step for edge in edges for step in range(-5, 6)]
    values = [value for value in values if signed or value >= 0]
    values += [PADDING + step for step in range(-5, 6)]
    return np.array([values], np.int16 if signed else np.uint16)


@pytest.mark.rule("P-01", "P-14", "P-15", "P-16", "P-16b", "P-22", "P-31")
@pytest.mark.parametrize(("center", "width"), WINDOWS)
@pytest.mark.parametrize("curve", [curve.value for curve in Curve])
def test_every_value_around_every_edge_has_the_grey_of_the_standard(
    tmp_path: Path, curve: str, center: float, width: float
) -> None:
    for photometric, signed, padded in product(("MONOCHROME1", "MONOCHROME2"), (True, False), (True, False)):
        stored = around(center, width, signed)
        path = factories.gray(
            tmp_path / "one.dcm", stored, modality="CT", PixelRepresentation=int(signed),
            RescaleSlope=1, RescaleIntercept=0 if signed else INTERCEPT,
            PhotometricInterpretation=photometric, VOILUTFunction=curve,
            WindowCenter=center, WindowWidth=width,
            PixelPaddingValue=PADDING if padded else None,
        )  # fmt: skip
        frame = frame_of(path)
        voi = frame.windows[0]
        assert (voi.center, voi.width, voi.curve.value) == (center, width, curve)
        assert frame.inverted == (photometric == "MONOCHROME1")
        for value, grey in zip(stored[0], shown(frame)[0], strict=True):
            expected = 0.0 if padded and value == PADDING else standard.grey(frame, int(value), voi)
            assert abs(int(grey) - expected) <= 0.5 + 1e-3, (photometric, signed, padded, value)


@pytest.mark.rule("P-16b")
def test_numbers_worked_out_by_hand() -> None:
    """LINEAR, centre 40, width 400: (x - 39.5) / 399 + 0.5 of 255."""
    from_hand = {-160: 0, -159: 1, -100: 38, 0: 102, 40: 128, 100: 166, 200: 230, 239: 255, 240: 255}
    pixels = np.array([list(from_hand)], np.int16)
    frame = Frame(pixels, Plane((1, len(from_hand))))
    assert render(frame, (), RenderRequest("s", 0, VOI(40, 400))).pixels[0].tolist() == list(
        from_hand.values()
    )


needs_dcmtk = pytest.mark.skipif(not shutil.which("dcm2pnm"), reason="dcmtk is not installed")


def by_dcmtk(path: Path, out: Path, *options: str) -> np.ndarray | None:
    """dcm2pnm's picture through the file's first window or table; None where it refuses."""
    done = subprocess.run(["dcm2pnm", "-q", "--write-raw-pnm", *options, path, out], capture_output=True)
    if done.returncode or not out.exists():
        return None
    kind, _, rest = out.read_bytes().partition(b"\n")
    size, _, rest = rest.partition(b"\n")
    _, _, pixels = rest.partition(b"\n")
    columns, rows = (int(word) for word in size.split())
    samples = 3 if kind == b"P6" else 1
    return np.frombuffer(pixels, np.uint8, rows * columns * samples).reshape(rows, columns, -1).squeeze(-1)


@needs_dcmtk
@pytest.mark.rule("P-07", "P-08", "P-12", "P-14", "P-16", "P-22")
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
@pytest.mark.parametrize("stored_bits", [8, 12, 16])
@pytest.mark.parametrize("way", ["linear", "sigmoid", "table", "modality table"])
def test_a_whole_picture_agrees_with_dcmtk(
    tmp_path: Path, photometric: str, signed: bool, stored_bits: int, way: str
) -> None:
    low = -(1 << stored_bits - 1) if signed else 0
    ramp = np.linspace(low, low + (1 << stored_bits) - 1, 64 * 64).reshape(64, 64)
    pixels = np.rint(ramp).astype(np.int16 if signed else np.uint16)
    span = 1 << stored_bits
    steps = np.arange(min(span, 4096))
    curve = (np.sqrt(steps / steps[-1]) * 4095).astype("<u2")
    values: dict[str, Any] = {"WindowCenter": low + span * 0.4, "WindowWidth": span * 0.5}
    if way == "sigmoid":
        values["VOILUTFunction"] = "SIGMOID"
    if way == "table":
        values["VOILUTSequence"] = [
            factories.item(LUTDescriptor=[len(steps), low % 65536, 12], LUTData=curve.tobytes())
        ]
    if way == "modality table":
        values["ModalityLUTSequence"] = [
            factories.item(
                LUTDescriptor=[len(steps), low % 65536, 12], LUTData=curve.tobytes(), ModalityLUTType="US"
            )
        ]
        values |= {"WindowCenter": 2000, "WindowWidth": 2500, "RescaleSlope": None, "RescaleIntercept": None}
    path = factories.gray(
        tmp_path / "one.dcm", pixels, modality="OT", PixelRepresentation=int(signed), BitsStored=stored_bits,
        HighBit=stored_bits - 1, PhotometricInterpretation=photometric, **values,
    )  # fmt: skip
    how = {"table": "+Wl", "sigmoid": "+Wi"}.get(way, "+Wi")
    theirs = by_dcmtk(path, tmp_path / "out.pgm", how, "1", *(("+Wfs",) if way == "sigmoid" else ()))
    assert theirs is not None
    assert np.abs(shown(frame_of(path)).astype(int) - theirs).max() <= 1


@needs_dcmtk
@pytest.mark.rule("P-01")
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared images are not here")
@pytest.mark.parametrize(
    "folder", ["ct-chest-lungdx-a0002", "mr-mouse-pdmr", "ct-phantom-gantry-tilt", "cr-dx-mg"]
)
def test_real_pictures_agree_with_dcmtk(tmp_path: Path, folder: str) -> None:
    compared = 0
    for path in sorted((SHARED / folder).rglob("*"))[:12]:
        try:
            frame = frame_of(path)
        except (FileTrouble, ValueError, IndexError):
            continue
        if frame.is_color or not frame.windows or frame.windows[0].lut is not None:
            continue
        theirs = by_dcmtk(path, tmp_path / f"{compared}.pgm", "+Wi", "1")
        if theirs is None or theirs.shape != frame.pixels.shape:
            continue
        mine = shown(frame).astype(int)
        nowhere = np.zeros(mine.shape, bool) if frame.padded is None else frame.padded
        assert np.abs(mine - theirs)[~nowhere].max() <= 1, path.name
        compared += 1
    assert compared > 0
