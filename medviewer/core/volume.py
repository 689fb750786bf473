"""Frames and volumes: decoded pixels with what is needed to read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, overload, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from medviewer.core.beside_pixels import Decision, OverlayPlane, Shutter, Supplement
from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.study import SeriesKey
from medviewer.core.voi import VOI, Lut
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext

Padding = tuple[float, float]
"""Stored values from the first to the second, ascending and both inclusive, that are no part of the picture
(PS3.3 C.7.5.1.1.2)."""


def is_padding(stored: Any, padding: Padding) -> Any:
    """Whether a stored value is padding, or of an array of them where they are."""
    return (stored >= padding[0]) & (stored <= padding[1])


@frozen
class Rescale:
    """From stored to modality values: a line, or a table that replaces it (PS3.3 C.11.1)."""

    slope: float = 1.0
    intercept: float = 0.0
    lut: Lut | None = None
    unit: str = ""
    """HU, counts, ... or nothing when the file does not say"""
    factor: float = 1.0
    """by which values in *file_unit* were multiplied to become these: uptake from activity"""
    file_unit: str = ""

    def apply(self, stored: NDArray[Any]) -> NDArray[np.float32]:
        """Modality values of *stored* values, as float32."""
        if self.lut is not None:
            entries = np.asarray(self.lut.entries, np.float32)
            index = np.clip(stored.astype(np.int64) - self.lut.first, 0, len(entries) - 1)
            return entries[index]
        if stored.dtype.itemsize > 2 and (self.slope, self.intercept) != (1.0, 0.0):
            # float32 holds 24 bits: wider numbers would lose theirs before the intercept brings them near 0
            exact = stored.astype(np.float64) * self.slope + self.intercept
            return exact.astype(np.float32)
        values = stored.astype(np.float32)
        if self.slope != 1.0:
            values *= np.float32(self.slope)
        if self.intercept != 0.0:
            values += np.float32(self.intercept)
        return values


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Frame:
    """One decoded picture in the numbers of its file."""

    pixels: NDArray[Any]
    """(row, column), or (row, column, 3) uint8 RGB; read-only"""
    plane: Plane
    rescale: Rescale = field(default_factory=Rescale)
    padding: Padding | None = None
    inverted: bool = False
    """whether the lowest value is white: MONOCHROME1, or Presentation LUT Shape INVERSE"""
    windows: tuple[VOI, ...] = ()
    """what the file offers, the default first; in modality units"""
    remarks: tuple[str, ...] = ()
    """what the reader has to know: incomplete, lossy, window ignored, ..."""
    overlays: tuple[OverlayPlane, ...] = ()
    shutter: Shutter | None = None
    supplement: Supplement | None = None
    """colours of the highest stored values, None for a picture that is grey throughout"""
    decided: tuple[Decision, ...] = ()
    """what in the file decided each step of the way to a grey"""
    derived: str = ""
    """what has to stand beside its values where they are not those of the file: a slab, interpolated"""

    @property
    def is_color(self) -> bool:
        """Whether the pixels are red, green and blue."""
        return self.pixels.ndim == 3

    @property
    def bytes(self) -> int:
        """The memory of its pixels, and of the masks that lie over them."""
        masks = [one.bits for one in self.overlays]
        if self.shutter is not None:
            masks.append(self.shutter.covered)
        return self.pixels.nbytes + sum(one.nbytes for one in masks)

    @property
    def in_whole_numbers(self) -> bool:
        """Whether its modality values go in steps of 1 or more, as the standard's LINEAR takes them to."""
        line = (self.rescale.slope, self.rescale.intercept)
        return self.pixels.dtype.kind != "f" and all(float(one).is_integer() for one in line)

    @property
    def padded(self) -> NDArray[np.bool_] | None:
        """Where the padding is, or None when there is none."""
        if self.padding is None or self.is_color:
            return None
        mask: NDArray[np.bool_] = is_padding(self.pixels, self.padding)
        return mask if mask.any() else None

    def values(self) -> NDArray[np.float32]:
        """Modality values, (row, column) float32; padding keeps its own value."""
        return self.rescale.apply(self.pixels)


@frozen(eq=False)
class Volume:
    """Frames that form a regular grid."""

    voxels: NDArray[Any]
    """(slice, row, column) in the numbers of the file; read-only; NaN where nothing is"""
    rescale: Rescale
    """of all slices; where slices differ the voxels are modality values already"""
    geometry: ImageGeometry
    series: SeriesKey
    padding: Padding | None = None
    inverted: bool = False
    windows: tuple[VOI, ...] = ()
    remarks: tuple[str, ...] = ()
    """what the reader has to know of the whole stack: resampled between uneven slices, ..."""
    decided: tuple[Decision, ...] = ()
    """what in the files decided each step of the way to a grey, as far as all slices say the same"""
    frames: Sequence[Frame] = ()
    """the slices as pictures whose pixels are views of *voxels*; empty where the stack was resampled"""


class FrameSource(Protocol):
    """What a series offers, decoded or not."""

    @property
    def series(self) -> SeriesKey:
        """Which series this is."""

    @property
    def count(self) -> int:
        """How many frames there are, in the order in which they are shown."""

    def plane(self, index: int) -> Plane:
        """Where frame *index* lies; known from the headers, so always fast."""

    def frame(self, index: int) -> Frame:
        """Frame *index*, decoded. Slow: workers call it. Raises FileTrouble."""


@runtime_checkable
class StackSource(FrameSource, Protocol):
    """A source that can fill the voxels of a stack itself, without a copy of each picture."""

    def read_stack(
        self, indices: Sequence[int], voxels: NDArray[Any], like: int, around: int, context: TaskContext
    ) -> list[int]:
        """Read pictures straight into *voxels* (picture, row, column), those near *around* first.

        Only those are that stand in their files as they are and mean the same as picture *like*, which is one
        of *indices*. The answer is which of *indices* are left for `frame`. Raises Cancelled.
        """

    def frames(self, indices: Iterable[int]) -> Iterator[tuple[int, Frame]]:
        """Pictures *indices* with their numbers; the next ones are decoded while one is looked at.

        Which come later may still be decided meanwhile, but for a few. Slow. Raises FileTrouble.
        """

    def hurried(self) -> AbstractContextManager[int]:
        """A time in which all processors may decode: for how many frames to ask at once."""


class LazyFrames(Sequence[Frame]):
    """Some frames, decoded only when they are asked for."""

    def __init__(self, decode: Callable[[int], Frame], indices: Sequence[int]) -> None:
        self._decode = decode
        self._indices = indices

    def __len__(self) -> int:
        return len(self._indices)

    @overload
    def __getitem__(self, at: int) -> Frame: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Frame]: ...
    def __getitem__(self, at: int | slice) -> Frame | Sequence[Frame]:
        if isinstance(at, slice):
            return LazyFrames(self._decode, self._indices[at])
        return self._decode(self._indices[at])


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """*array*, which nobody may write to any more."""
    array.flags.writeable = False
    return array
