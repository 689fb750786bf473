"""What a family of features is: one function that puts a picture into named numbers, and one decorator."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.declared import Declared
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Value
from medviewer.kit.registry import Registry

Image = NDArray[np.float32]
"""(row, column), prepared as a network would see it: 0 to 1 unless the plan of the values says otherwise"""
Mask = NDArray[np.bool_]
"""(row, column) on the grid of the image"""
Function = Callable[..., Mapping[str, float]]
"""(image, spacing, mask, *, parameters)"""


@frozen
class Region:
    """Where and at which scale a picture is measured."""

    spacing: tuple[float, float] = (1.0, 1.0)
    """mm from pixel to pixel, (row, column); 1 where only pixels are known"""
    mask: Mask | None = None
    """None measures the whole picture"""


WHOLE = Region()


@frozen
class Family(Declared):
    """A declared family of features. Called, it checks its parameters and measures."""

    needs_mask: bool
    """whether it says something about a given outline only"""

    def __call__(self, image: Image, region: Region, /, **values: Value) -> dict[str, float]:
        """Numbers by name, always the same names for the same parameters. Raises BadValue."""
        mask = region.mask
        if mask is not None and mask.shape != image.shape:
            raise BadValue("The outline has another size than the picture.", "")
        if mask is not None and not mask.any():
            mask = None if not self.needs_mask else mask
        asked = self.checked(values)
        if self.needs_mask and mask is None and asked.get("of", "given") == "given":
            raise BadValue(
                f"{self.title} needs an outline.", "Give masks, or let it find one: shape(of=bright)."
            )
        found = self.function(image, region.spacing, mask, **asked)
        # what cannot be told of a picture (the correlation of one that is all of one grey) is 0 and not NaN
        return {name: float(number) if np.isfinite(number) else 0.0 for name, number in found.items()}

    def can_do_without_mask(self, values: Mapping[str, Value]) -> bool:
        """Whether it says something about a picture of which nobody drew an outline."""
        return not self.needs_mask or self.checked(values).get("of", "given") != "given"


FAMILIES: Registry[Family] = Registry("family of features", "medviewer.features")


def features(title: str, *, needs_mask: bool = False, name: str = "") -> Callable[[Function], Function]:
    """Declare the decorated function as a family; its parameters are its keyword-only arguments."""

    def declare(function: Function) -> Function:
        FAMILIES.add(Family(name or function.__name__, title, function, needs_mask))
        return function

    return declare


def inside(image: Image, mask: Mask | None) -> NDArray[np.float64]:
    """The values that count, (pixel,)."""
    return np.asarray(image.ravel() if mask is None else image[mask], np.float64)
