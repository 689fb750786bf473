"""A window on the grey values: which of them are shown between black and white."""

from __future__ import annotations

import math
from dataclasses import replace
from enum import Enum

from medviewer.kit.frozen import frozen


class Curve(Enum):
    """VOI LUT Function (PS3.3 C.11.2.1.3)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@frozen
class Lut:
    """A look-up table as the file has it (PS3.3 C.11.1, C.11.2).

    *first* is the input value of the first entry; inputs beyond both ends take the end's entry. The output
    goes from 0 to 2**bits - 1, whatever the entries are.
    """

    first: int
    bits: int
    entries: tuple[int, ...]
    explanation: str = ""


@frozen
class VOI:
    """A window in the units of the picture (Hounsfield for CT), or a look-up table from the file.

    A *width* of 0 means that nobody has chosen a window yet: the picture's own values decide.
    """

    center: float = 0.0
    width: float = 0.0
    curve: Curve = Curve.LINEAR
    inverted: bool = False
    """The reader's wish, on top of what the file's photometric interpretation says."""
    lut: Lut | None = None
    name: str = ""

    @classmethod
    def unknown(cls) -> VOI:
        """No window chosen: the picture's values will decide."""
        return cls()

    @classmethod
    def from_range(cls, lowest: float, highest: float, name: str = "") -> VOI:
        """The window in which *lowest* is just black and *highest* just white."""
        center = lowest / 2 + highest / 2
        width = max(highest - lowest, _narrowest(Curve.LINEAR_EXACT, center))
        return cls(center, width, Curve.LINEAR_EXACT, name=name)

    @property
    def is_known(self) -> bool:
        """Whether this says how to show a picture."""
        return self.lut is not None or is_usable(self.center, self.width, self.curve)

    def with_inversion(self, inverted: bool) -> VOI:
        """The same window, shown inverted or not."""
        return self if self.inverted is inverted else replace(self, inverted=inverted)

    def scaled(self, slope: float, intercept: float = 0.0) -> VOI:
        """The same greys for values times *slope* plus *intercept*; not for a table.

        LINEAR counts on steps of 1, which these values do not have: it becomes the LINEAR_EXACT of the same
        line (PS3.3 C.11.2.1.2.1 and C.11.2.1.3.2).
        """
        center, width, curve = self.center, self.width, self.curve
        if curve is Curve.LINEAR:
            center, width, curve = center - 0.5, width - 1, Curve.LINEAR_EXACT
        center, width = center * slope + intercept, width * abs(slope)
        return replace(self, center=center, width=max(width, _narrowest(curve, center)), curve=curve)

    def dragged(self, wider: float, brighter: float) -> VOI:
        """The window after a drag: *wider* and *brighter* in fractions of the present width.

        Right widens, up lowers the centre and so brightens (IHE BIR). A table from the file becomes the
        window that spans it; where no window is chosen yet there is nothing to drag.
        """
        if not self.is_known:
            return self
        start = self.as_window()
        width = max(start.width * (1 + wider), _narrowest(start.curve, start.center))
        return replace(start, center=start.center - brighter * start.width, width=width, name="")

    def as_window(self) -> VOI:
        """This as centre and width."""
        if self.lut is None:
            return self
        last = self.lut.first + len(self.lut.entries) - 1
        return replace(VOI.from_range(self.lut.first, last), inverted=self.inverted)


def digits_for(width: float) -> int:
    """How many digits behind the point the numbers of a window need: none for Hounsfield units and the like.

    Narrow windows (SUV, ADC) have at least three that count.
    """
    if width >= 5:
        return 0 if width >= 50 else 1
    return max(3, 2 - math.floor(math.log10(max(width, 1e-12))))


def is_usable(center: float, width: float, curve: Curve = Curve.LINEAR) -> bool:
    """Whether centre and width form a window: PS3.3 C.11.2.1.2 wants a width of at least 1 for LINEAR."""
    if not (math.isfinite(center) and math.isfinite(width)):
        return False
    return width >= 1 if curve is Curve.LINEAR else width > 0


def _narrowest(curve: Curve, center: float) -> float:
    """The smallest width of use; pictures of tiny quantities (m²/s) have windows far below 1."""
    # values are float32, which cannot be told apart below a ten-millionth of their size
    return 1.0 if curve is Curve.LINEAR else max(1e-12, abs(center) * 1e-7)
