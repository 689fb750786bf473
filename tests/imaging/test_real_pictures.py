"""Real files through the grey-scale chain, beside pydicom's own arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.pixels import apply_modality_lut, apply_windowing

from medviewer.core.geometry import Plane
from medviewer.core.voi import VOI, Curve
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.grayscale import automatic_voi
from medviewer.imaging.render import RenderRequest, render


def read(path: Path) -> tuple[pydicom.Dataset, Frame]:
    dataset = pydicom.dcmread(path)
    pixels = dataset.pixel_array
    rescale = Rescale(
        float(dataset.get("RescaleSlope", 1)), float(dataset.get("RescaleIntercept", 0)), unit="HU"
    )
    return dataset, Frame(read_only(pixels.copy()), Plane(pixels.shape[:2]), rescale)


@pytest.mark.parametrize("folder", ["ct-chest-lidc-0314", "ct-chest-lungdx-a0002", "mr-head-hfs/t1-sag"])
@pytest.mark.parametrize("curve", list(Curve))
@pytest.mark.parametrize(("center", "width"), [(40, 400), (-600, 1500), (300, 1)])
def test_a_window_agrees_with_pydicom(
    shared_data: Path, folder: str, curve: Curve, center: float, width: float
) -> None:
    path = sorted((shared_data / "dicom" / folder).glob("*.dcm"))[3]
    dataset, frame = read(path)
    dataset.WindowCenter, dataset.WindowWidth, dataset.VOILUTFunction = center, width, curve.value
    values = apply_modality_lut(frame.pixels, dataset)
    if curve is Curve.LINEAR and width == 1:
        expected = np.where(values <= center - 0.5, 0.0, 255.0)  # pydicom divides by zero here
    else:
        with np.errstate(over="ignore"):
            windowed = apply_windowing(values, dataset)
        expected = (windowed - windowed_floor(dataset)) / windowed_span(dataset) * 255
    shown = render(frame, (), RenderRequest("s", 0, VOI(center, width, curve))).pixels
    assert np.abs(shown - expected).max() <= 0.51


def windowed_floor(dataset: pydicom.Dataset) -> float:
    """The lowest value that pydicom's windows give: they fill the range of what could be stored."""
    bits, slope = dataset.BitsStored, float(dataset.get("RescaleSlope", 1))
    lowest = -(2 ** (bits - 1)) if dataset.PixelRepresentation else 0
    return lowest * slope + float(dataset.get("RescaleIntercept", 0))


def windowed_span(dataset: pydicom.Dataset) -> float:
    return (2**dataset.BitsStored - 1) * float(dataset.get("RescaleSlope", 1))


def test_the_automatic_window_of_a_chest_shows_lung_and_bone(shared_data: Path) -> None:
    path = sorted((shared_data / "dicom" / "ct-chest-lidc-0314").glob("*.dcm"))[50]
    _, frame = read(path)
    voi = automatic_voi(frame)
    assert voi.center - voi.width / 2 < -850
    assert 200 < voi.center + voi.width / 2 < 2000
