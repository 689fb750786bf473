"""A CT and a PET of one frame of reference, on different grids, with a spot whose place is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests import factories

SLOPES = (0.5, 0.75, 1.0, 1.25, 1.5)
HOT = (30.0, -10.0, 12.0)
"""the middle of what takes up, in patient millimetres"""


def activity(position: np.ndarray) -> np.ndarray:
    """Bq/ml at patient positions (..., 3): a ball of 20 mm that fades outwards, over a weak background."""
    away = np.linalg.norm(position - np.asarray(HOT), axis=-1)
    return np.asarray(200 + 8000 * np.clip(1 - away / 20, 0, 1))


def write_pair(folder: Path, **pet: object) -> None:
    """A CT of 2 mm pixels and a PET of 8 mm pixels in the same frame of reference; slopes differ by slice."""
    factories.ct(
        folder / "ct", 13, rows=64, columns=64, spacing=(2, 2), origin=(-64, -64, 0), step=2.0, series="ct"
    )
    rows, columns = np.mgrid[:20, :20]
    slices = []
    for at, slope in enumerate(SLOPES):
        position = np.stack([columns * 8 - 76.0, rows * 8 - 76.0, np.full(rows.shape, at * 6.0)], axis=-1)
        slices.append(np.rint(activity(position) / slope).astype(np.uint16))

    def edit(at: int, data) -> None:
        data.RescaleSlope, data.RescaleIntercept, data.Units = SLOPES[at], 0, "BQML"

    values = {"modality": "PT", "series": "pt", "rows": 20, "columns": 20, "spacing": (8, 8), "step": 6.0}
    factories.ct(
        folder / "pt", 5, origin=(-76, -76, 0), volume=np.stack(slices), edit=edit, **{**values, **pet}
    )
