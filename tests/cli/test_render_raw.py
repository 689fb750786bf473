"""``medviewer render --raw`` beside an independent reading of PS3.3 C.11.1 and C.11.2, on real files."""

from __future__ import annotations

import csv
import hashlib
import math
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from medviewer.cli import desk
from medviewer.cli.main import main
from medviewer.core.study import Series
from medviewer.kit.errors import FileTrouble
from medviewer.session.session import Session

FOLDERS = {
    "bad": 1,
    "charset": 1,
    "codecs": 31,
    "cr-dx-mg": 2,
    "ct-chest-lidc-0314": 104,
    "ct-chest-lungdx-a0002": 30,
    "ct-phantom-gantry-tilt": 22,
    "luts-overlays": 2,
    "mr-breast-uta4-p1": 60,
    "mr-ct-singles": 1,
    "mr-enhanced": 4,
    "mr-head-hfs": 47,
    "mr-mouse-pdmr": 25,
    "nm-pt": 6,
    "objects": 9,
    "us": 0,
}
"""How many grey pictures with a window of their own there are; ultrasound is in colour."""
TILES_IN_MOSAIC = (0x0019, 0x100A)
"""Siemens: one picture that holds a whole stack; the viewer shows its slices."""
MOST_FRAMES = 3
"""of one file; all have the same header apart from their functional groups"""
BEAM_INTENSITY = ("1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.2")
"""XA and XRF: the modality LUT leads back to beam intensity and is no part of display (PS3.3 C.8.7.2.1.1)."""


def group_item(data: Dataset, frame: int, keyword: str) -> Dataset:
    """What holds the attributes of a functional group for a frame: its own, shared, or the data set."""
    for items in (data.get("PerFrameFunctionalGroupsSequence"), data.get("SharedFunctionalGroupsSequence")):
        if items:
            item = items[frame if len(items) > 1 else 0]
            if keyword in item:
                return item[keyword].value[0]
    return data


def looked_up(values: NDArray[np.float64], item: Dataset, signed: bool) -> NDArray[np.float64]:
    """A look-up table (C.11.1.1), as fractions of its output range."""
    count, first, bits = (int(value) for value in item.LUTDescriptor)
    count = count or 65536
    first = first - 65536 if signed and first > 32767 else first
    raw = item.LUTData
    entries = np.frombuffer(raw, "<u2") if isinstance(raw, bytes) else np.asarray(raw, np.float64)
    if isinstance(raw, bytes) and bits == 8 and len(raw) == count:
        entries = np.frombuffer(raw, np.uint8)
    index = np.clip(np.rint(values) - first, 0, count - 1).astype(int)
    return np.asarray(entries, np.float64)[index] / (2**bits - 1)


def modality(stored: NDArray[Any], data: Dataset, frame: int) -> NDArray[np.float64]:
    """C.11.1: stored values to modality values."""
    values = stored.astype(np.float64)
    if data.SOPClassUID in BEAM_INTENSITY:
        return values
    if data.get("ModalityLUTSequence"):
        item = data.ModalityLUTSequence[0]
        bits = int(item.LUTDescriptor[2])
        return looked_up(values, item, bool(data.PixelRepresentation)) * (2**bits - 1)
    item = group_item(data, frame, "PixelValueTransformationSequence")
    slope, intercept = item.get("RescaleSlope"), item.get("RescaleIntercept")
    if slope is None or intercept is None:
        return values
    return values * float(slope) + float(intercept)


def first(value: Any) -> float:
    return float(value[0] if isinstance(value, pydicom.multival.MultiValue) else value)


def greys(stored: NDArray[Any], data: Dataset, frame: int) -> NDArray[np.float64] | None:
    """C.11.2: 0..255 as unrounded floats, through the file's own LUT or window; None without a usable one."""
    values = modality(stored, data, frame)
    item = group_item(data, frame, "FrameVOILUTSequence")
    if item.get("VOILUTSequence"):
        shown = looked_up(values, item.VOILUTSequence[0], bool(data.PixelRepresentation))
    else:
        try:
            center, width = first(item.WindowCenter), first(item.WindowWidth)
        except (AttributeError, TypeError, ValueError, IndexError):
            return None
        curve = str(item.get("VOILUTFunction") or "LINEAR")
        if "FloatPixelData" in data or "DoubleFloatPixelData" in data:
            curve = "LINEAR_EXACT"  # LINEAR counts on integer steps (C.11.2.1.2.1); shares of 1 have none
        if not width >= (1 if curve == "LINEAR" else 1e-9):
            return None
        shown = windowed(values, center, width, curve)
    inverted = data.PhotometricInterpretation == "MONOCHROME1"
    if str(data.get("PresentationLUTShape", "")) == "INVERSE" and not inverted:
        inverted = True
    return 255 * (1 - shown if inverted else shown)


def windowed(x: NDArray[np.float64], c: float, w: float, curve: str) -> NDArray[np.float64]:
    """C.11.2.1.2.1 and C.11.2.1.3.1 and .2, with 0 and 1 for the ends of the output range."""
    if curve == "SIGMOID":
        return 1 / (1 + np.exp(np.clip(-4 * (x - c) / w, -700, 700)))
    if curve == "LINEAR_EXACT":
        return np.select([x <= c - w / 2, x > c + w / 2], [0.0, 1.0], (x - c) / w + 0.5)
    low, high = c - 0.5 - (w - 1) / 2, c - 0.5 + (w - 1) / 2
    inside = (x - (c - 0.5)) / (w - 1) + 0.5 if w > 1 else np.zeros_like(x)
    return np.select([x <= low, x > high], [0.0, 1.0], inside)


def padding(stored: NDArray[Any], data: Dataset) -> NDArray[np.bool_]:
    """C.7.5.1.1.2: no part of the picture."""
    if "PixelPaddingValue" not in data:
        return np.zeros(stored.shape, bool)
    ends = [int(data.PixelPaddingValue), int(data.get("PixelPaddingRangeLimit") or data.PixelPaddingValue)]
    if data.PixelRepresentation:
        ends = [end - 65536 if end > 32767 else end for end in ends]
    return (stored >= min(ends)) & (stored <= max(ends))


def supplement(stored: NDArray[Any], data: Dataset) -> tuple[NDArray[np.bool_], NDArray[Any]]:
    """C.7.6.19: where the palette colours a grey picture, and with what."""
    entries, first, bits = (int(value) for value in data.RedPaletteColorLookupTableDescriptor)
    tables = (data[f"{name}PaletteColorLookupTableData"].value for name in ("Red", "Green", "Blue"))
    colors = np.stack([np.frombuffer(table, "<u2")[:entries] for table in tables], axis=-1)
    at = np.clip(stored.astype(int) - first, 0, entries - 1)
    return stored >= first, colors[at].astype(float) / (2**bits - 1) * 255


def stored_values(data: Dataset, frame: int) -> NDArray[Any] | None:
    """What pydicom decodes; None where it cannot."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pixels = data.pixel_array
        except Exception:  # noqa: BLE001  (pydicom raises whatever it likes on damaged files)
            return None
    if TILES_IN_MOSAIC in data:
        return tile(pixels, int(data[TILES_IN_MOSAIC].value), frame)
    return pixels[frame] if pixels.ndim == 3 else pixels


def tile(mosaic: NDArray[Any], count: int, number: int) -> NDArray[Any]:
    """One of *count* slices in the smallest square of tiles that holds them, row by row."""
    side = math.ceil(math.sqrt(count))
    height, width = (length // side for length in mosaic.shape)
    top, left = number // side * height, number % side * width
    return mosaic[top : top + height, left : left + width]


def ours_checked(opened: Session, series: Series, index: int, name: str, known: dict[str, str]) -> Any:
    """Our own stored values where pydicom has no decoder; the published checksum says that they are right.

    There is none for lossy pictures; their greys must still follow from what was decoded.
    """
    pixels = opened.frames.load(series.key, index).pixels
    if len(series.frames) == len(series.instances) and name in known:
        assert hashlib.sha1(pixels.tobytes()).hexdigest() == known[name], name
    return pixels


@pytest.fixture(scope="module")
def checksums(shared_data: Path) -> dict[str, str]:
    with open(shared_data / "dicom" / "expected-pixels.csv", newline="") as file:
        return {row["path"]: row["sha1_of_array_bytes"] for row in csv.DictReader(file)}


def read(path: Path) -> Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(path, force=True)


def test_the_independent_windows_give_the_numbers_of_the_standard():
    values = np.array([-160.0, -159.5, 39.5, 239.0, 240.0])
    assert windowed(values, 40, 400, "LINEAR")[[0, 2, 4]] == pytest.approx([0, 0.5, 1])
    # dcm4che pull request 1578: three probes of CT, W 400, C 40
    probes = windowed(np.array([-128.0, 66.0, 194.0]), 40, 400, "LINEAR") * 255
    assert np.rint(probes) == pytest.approx([20, 144, 226])


@pytest.mark.rule("P-01", "P-07", "P-08", "P-12", "P-14", "P-18", "P-20", "P-22", "P-28")
@pytest.mark.parametrize("folder", FOLDERS)
def test_raw_greys_agree_with_the_standard_within_one(shared_data, folder, checksums):
    found = desk.contents(shared_data / "dicom" / folder)
    compared = 0
    with desk.session(found) as opened:
        for series in found.series:
            compared += sum(agrees(opened, series, index, shared_data, checksums) for index in some(series))
    assert compared >= FOLDERS[folder]


def some(series: Series) -> list[int]:
    """All single-frame files of a series, and some frames of each of the others."""
    return [
        index
        for index, address in enumerate(series.frames)
        if address.frame < MOST_FRAMES or address.frame == series.instances[address.instance].frames - 1
    ]


def agrees(opened: Session, series: Series, index: int, shared_data: Path, checksums: dict[str, str]) -> bool:
    """Compare one picture; False when it is in colour, has no window of its own, or cannot be decoded."""
    address = series.frames[index]
    path = Path(series.instances[address.instance].path)
    data = read(path)
    if "MONOCHROME" not in str(data.get("PhotometricInterpretation", "")):
        return False
    try:
        ours = desk.raw(opened, series, index, "")
    except FileTrouble:
        return False
    stored = stored_values(data, address.frame)
    if stored is None:
        name = str(path.relative_to(shared_data))
        stored = ours_checked(opened, series, index, name, checksums)
    expected = None if stored is None else greys(stored, data, address.frame)
    if expected is None or stored is None:
        return False
    picture = ~padding(stored, data)
    if "RedPaletteColorLookupTableDescriptor" in data:
        is_colored, colors = supplement(stored, data)
        assert np.abs(ours[is_colored].astype(int) - colors[is_colored]).max() <= 1, path.name
        picture &= ~is_colored
        assert (ours[picture] == ours[picture][:, :1]).all(), path.name
        ours = ours[..., 0]
    assert ours.shape == stored.shape, path.name
    worst = np.abs(ours.astype(float) - expected)[picture].max(initial=0)
    assert worst <= 1, f"{path.name} frame {address.frame}: {worst:.2f} grey levels apart"
    return True


@pytest.mark.parametrize(
    "name",
    [
        "ct-chest-lungdx-a0002/1-01.dcm", "luts-overlays/mlut_18.dcm", "luts-overlays/vlut_04.dcm",
        "mr-enhanced", "codecs/wg04/CT2_J2KR", "codecs/wg04/XA1_JLSL",
    ],
)  # fmt: skip
def test_the_command_writes_exactly_those_pixels(shared_data, tmp_path, name):
    path = shared_data / "dicom" / name
    if path.is_dir():
        path = next(path.iterdir())
    elif not path.exists():
        path = sorted(path.parent.iterdir())[0]
    out = tmp_path / "out.png"
    assert main(["render", str(path), "--raw", "-o", str(out)]) == 0
    found = desk.contents(path)
    with desk.session(found) as opened:
        expected = desk.raw(opened, found.series[0], 0, "")
    assert np.array_equal(cv2.imread(str(out), cv2.IMREAD_UNCHANGED), expected)
