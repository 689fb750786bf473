"""SimpleITK's filters on arrays: they tell how far they are, and can be stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import Cancelled
from medviewer.kit.task import TaskContext


def filtered(
    name: str,
    arrays: Sequence[NDArray[Any]],
    spacing: tuple[float, ...],
    context: TaskContext,
    **settings: object,
) -> NDArray[Any]:
    """What the filter *name* makes of *arrays*, (slice, row, column) or (row, column), each copied once.

    ``NumberOfIterations=5`` is what its SetNumberOfIterations gets. Other threads run meanwhile. Raises
    Cancelled.
    """
    import SimpleITK as sitk  # noqa: PLC0415  heavy: a quarter of a second to import

    filtering: Any = getattr(sitk, f"{name}ImageFilter")()
    for setting, value in settings.items():
        getattr(filtering, f"Set{setting}")(value)
    images = []
    for array in arrays:
        image: Any = sitk.GetImageFromArray(array.view(np.uint8) if array.dtype == bool else array)
        image.SetSpacing([float(step) for step in spacing[::-1]])
        images.append(image)
    result = _ran(filtering, sitk.sitkProgressEvent, images, context)
    images.clear()  # what went in is not needed beside what comes out
    found: NDArray[Any] = sitk.GetArrayFromImage(result)
    return found


def _ran(filtering: Any, progress: int, images: Sequence[Any], context: TaskContext) -> Any:
    context.check()

    def told() -> None:
        # an exception may not leave this call: it comes from within the library
        try:
            context.report(min(1.0, filtering.GetProgress()))
        except Cancelled:
            filtering.Abort()

    filtering.AddCommand(progress, told)
    try:
        result = filtering.Execute(*images)
    except RuntimeError:
        context.check()  # that it was stopped is why it failed
        raise
    finally:
        filtering.RemoveAllCommands()
    context.check()
    return result
