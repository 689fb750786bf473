"""In which directions edges run in each part of a picture: histograms of oriented gradients."""

from __future__ import annotations

from typing import Annotated

from medviewer.imaging.features.feature import Image, Mask, features
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider

SMALLEST_CELL = 3


@features("Edges (HOG)")
def hog(
    image: Image,
    spacing: tuple[float, float],
    mask: Mask | None,
    *,
    cells: Annotated[int, Slider(2, 16, label="Cells on a side")] = 4,
    orientations: Annotated[int, Slider(2, 18)] = 9,
    block: Annotated[int, Slider(1, 4, label="Cells of a block on a side")] = 2,
) -> dict[str, float]:
    """Histograms of oriented gradients, normalised in blocks (N. Dalal, B. Triggs, CVPR 2005).

    The picture is divided into *cells* x *cells*; what remains at the lower and right edge does not count. A
    mask is not heeded: cells have their places in the picture.
    """
    from skimage import feature as scikit  # noqa: PLC0415  heavy, and needed only here

    rows, columns = (side // cells for side in image.shape)
    if min(rows, columns) < SMALLEST_CELL:
        raise BadValue(
            f"A picture of {image.shape[1]} x {image.shape[0]} pixels is too small for {cells} cells.",
            f"Take fewer cells: each needs {SMALLEST_CELL} pixels on a side.",
        )
    if block > cells:
        raise BadValue("A block cannot have more cells than the picture.", "Take a smaller block.")
    values = scikit.hog(
        image[: rows * cells, : columns * cells],
        orientations=orientations,
        pixels_per_cell=(rows, columns),
        cells_per_block=(block, block),
        block_norm="L2-Hys",
        feature_vector=False,
    )
    blocks = cells - block + 1
    names = [
        f"hog_{top + row}_{left + column}_{180 * turn / orientations:g}_of_{top}_{left}"
        for top in range(blocks)
        for left in range(blocks)
        for row in range(block)
        for column in range(block)
        for turn in range(orientations)
    ]
    return dict(zip(names, values.ravel().tolist(), strict=True))
