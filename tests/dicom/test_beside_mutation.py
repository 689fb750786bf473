"""Damage to what lies beside the pixels: a picture with all its parts, or a reason, and nothing else."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from medviewer.core.volume import Frame
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.dicom.workers import WorkerPool
from medviewer.kit.errors import FileTrouble
from tests import factories

TIMES = 600 * int(os.environ.get("MEDVIEWER_MUTANTS", "1"))
"""Of each kind of file."""


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool() as started:
        yield started


def _with_overlays(path: Path, frames: int) -> Path:
    """PET with overlays in and beside the pixels, shutters, and colours over grey."""
    stack = np.stack([factories.gradient(20, 24)] * frames)
    data = factories.picture(
        stack if frames > 1 else stack[0],
        modality="PT",
        BitsStored=12,
        HighBit=11,
        Units="BQML",
        CorrectedImage=["DECY", "ATTN"],
        DecayCorrection="START",
        PatientWeight="80",
        SeriesDate="20200102",
        SeriesTime="120000",
        AcquisitionDate="20200102",
        AcquisitionTime="120500",
        RescaleSlope="5",
        RescaleIntercept="0",
        WindowCenter="50",
        WindowWidth="100",
        RadiopharmaceuticalInformationSequence=[
            factories.item(
                RadiopharmaceuticalStartTime="100000",
                RadionuclideTotalDose="400000000",
                RadionuclideHalfLife="7200",
            )
        ],
        ShutterShape=["RECTANGULAR", "CIRCULAR", "POLYGONAL"],
        ShutterLeftVerticalEdge=2,
        ShutterRightVerticalEdge=20,
        ShutterUpperHorizontalEdge=2,
        ShutterLowerHorizontalEdge=18,
        CenterOfCircularShutter=[10, 10],
        RadiusOfCircularShutter=9,
        VerticesOfThePolygonalShutter=[1, 1, 1, 24, 20, 24, 20, 1],
        PixelPresentation="COLOR",
    )
    for name in ("Red", "Green", "Blue"):
        setattr(data, f"{name}PaletteColorLookupTableDescriptor", [0, 3000, 16])
        data[f"{name}PaletteColorLookupTableDescriptor"].value = [8, 3000, 16]
        segments = np.array([0, 3, 0, 256, 512, 1, 5, 65535], "<u2").tobytes()
        setattr(data, f"Segmented{name}PaletteColorLookupTableData", segments)
    for at, bit in ((0x6000, 0), (0x6002, 14)):
        elements = [(0x10, "US", 20), (0x11, "US", 24), (0x15, "IS", frames), (0x40, "CS", "G")]
        elements += [
            (0x50, "SS", [-2, 3]),
            (0x51, "US", 1),
            (0x100, "US", 16 if bit else 1),
            (0x102, "US", bit),
        ]
        elements += [] if bit else [(0x3000, "OW", b"\x55" * (60 * frames))]
        for element, vr, value in elements:
            data.add_new(at << 16 | element, vr, value)
    return factories.write(path, data)


def _with_profile(path: Path) -> Path:
    profile = imagecodecs.cms_profile("adobergb")
    return factories.color(path, rows=8, columns=8, ICCProfile=profile + b"\0" * (len(profile) % 2))


def _changed(content: bytes, chance: np.random.Generator) -> bytes:
    """*content* with some bytes changed behind the meta information, mostly to what breaks counts."""
    changed = bytearray(content)
    for at in chance.integers(350, len(content), int(chance.integers(1, 5))):
        changed[int(at)] = int(chance.choice([0, 1, 0x7F, 0x80, 0xFF, 0x5C, 0x30, int(chance.integers(256))]))
    return bytes(changed)


def _whole(made: Frame) -> None:
    """All parts of a frame fit its pixels and can be used."""
    shape = made.pixels.shape[:2]
    assert all(plane.bits.shape == shape and not plane.bits.flags.writeable for plane in made.overlays)
    assert made.shutter is None or (made.shutter.covered.shape == shape and 0 <= made.shutter.grey <= 1)
    assert made.supplement is None or made.supplement.colors.shape[1] == 3
    assert all(decision.words for decision in made.decided)
    assert np.isfinite([made.rescale.slope, made.rescale.intercept]).all()
    assert made.values().shape == made.pixels.shape


@pytest.mark.parametrize("kind", ["one", "several", "profile"])
def test_damage_beside_the_pixels_is_a_picture_or_a_reason(
    tmp_path: Path, pool: WorkerPool, kind: str
) -> None:
    path = tmp_path / "a.dcm"
    if kind == "profile":
        content = _with_profile(path).read_bytes()
    else:
        content = _with_overlays(path, 3 if kind == "several" else 1).read_bytes()
    chance = np.random.default_rng(len(kind))
    ends: Counter[str] = Counter()
    times = TIMES // 3 if kind == "profile" else TIMES
    for _ in range(times):
        path.write_bytes(_changed(content, chance))
        try:
            studies = group([read_header(path)])
            for series in (series for study in studies for series in study.series):
                source = SeriesSource(series, pool)
                for at in range(min(2, series.count)):
                    _whole(source.frame(at))
                    ends["picture"] += 1
        except FileTrouble as trouble:
            ends["reason" if "a.dcm" in trouble.message else "no name"] += 1
    assert not ends["no name"]
    assert ends["picture"] > times // 3
