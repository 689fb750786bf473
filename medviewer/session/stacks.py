"""How frames become one volume: read straight into its voxels, copied out of memory, or resampled."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.beside_pixels import Decision
from medviewer.core.geometry import ImageGeometry
from medviewer.core.study import Series
from medviewer.core.volume import (
    Frame,
    FrameSource,
    LazyFrames,
    Rescale,
    StackSource,
    Volume,
    read_only,
)
from medviewer.imaging.evened import GAPS, RESAMPLED, evened, mixtures
from medviewer.kit.errors import SeriesTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.memory import in_megabytes
from medviewer.kit.task import TaskContext

SAYING = "Building the volume"
_FEW = 8


@frozen
class Wanted:
    """Which frames of a series are to become a volume."""

    series: Series
    source: FrameSource
    geometry: ImageGeometry
    indices: range
    around: int
    """the number, in the stack, of the one that somebody is looking at"""
    at_hand: Callable[[int], Frame | None]
    """frames that are decoded already"""
    most_bytes: int
    memory: Callable[[int], NDArray[np.uint8]]
    """gives so many bytes for the voxels"""

    def frame(self, index: int) -> Frame:
        """One of the frames. Raises FileTrouble, SeriesTrouble."""
        return self.checked(index, self.at_hand(index) or self.source.frame(index))

    def frames(self, indices: Iterable[int]) -> Generator[tuple[int, Frame], None, None]:
        """Some of the frames with their numbers. Raises FileTrouble, SeriesTrouble."""
        if isinstance(self.source, StackSource):
            yield from self.source.frames(indices)
            return
        for index in indices:
            yield index, self.source.frame(index)

    def checked(self, index: int, frame: Frame) -> Frame:
        """The same. Raises SeriesTrouble for one that fits no volume."""
        if frame.is_color:
            raise SeriesTrouble("Planes cannot be cut through colour pictures.", "Look at its slices.")
        if frame.pixels.shape != self.series.frames[index].plane.shape:
            raise SeriesTrouble(
                "The pictures of this series are not of one size: no planes can be cut.",
                "Look at its slices.",
            )
        return frame


def build(wanted: Wanted, context: TaskContext) -> tuple[Volume, dict[int, Frame] | None]:
    """The volume, and its slices as far as they are made, None where they are not the pictures as they are.

    Raises FileTrouble, SeriesTrouble, Cancelled.
    """
    like = wanted.indices[len(wanted.indices) // 2]
    if wanted.series.geometry is None:
        return _evened(wanted, wanted.frame(like), context), None
    known = {index: frame for index in wanted.indices if (frame := wanted.at_hand(index))}
    left = set(wanted.indices).difference(known)
    order = sorted(left, key=lambda index: (index != like, abs(index - wanted.indices.start - wanted.around)))
    coming = wanted.frames(index for index in order if index in left)
    with _hurry(wanted, len(left)), closing(coming):
        # a frame that is decoded already is taken as it is, whatever stands in the file by now
        example = known[like] = wanted.checked(like, known.get(like) or next(coming)[1])
        voxels = _room(wanted, example.pixels.dtype)
        left -= {like}
        if left:
            left &= _read_straight(wanted, voxels, like, context)
        frames = _laid(wanted, voxels, example, known, coming, len(left), context)
    if frames is None:
        return _as_modality(wanted, example, context), None
    read_only(voxels)
    for place, frame in frames.items():
        frames[place] = replace(frame, pixels=voxels[place])

    def slice_at(place: int) -> Frame:
        found = frames.get(place)
        if found is None:
            found = replace(wanted.source.frame(wanted.indices[place]), pixels=voxels[place])
            frames[place] = found
        return found

    volume = _volume(wanted, voxels, example, example.rescale, _remarks(frames.values()))
    slices = LazyFrames(slice_at, range(len(wanted.indices)))
    return replace(volume, padding=example.padding, frames=slices, decided=example.decided), frames


def _read_straight(wanted: Wanted, voxels: NDArray[Any], like: int, context: TaskContext) -> set[int]:
    """Fill what can be read without a frame; what is left."""
    if not isinstance(wanted.source, StackSource):
        return set(wanted.indices)
    return set(wanted.source.read_stack(wanted.indices, voxels, like, wanted.around, context))


def _laid(
    wanted: Wanted,
    voxels: NDArray[Any],
    example: Frame,
    known: dict[int, Frame],
    coming: Iterator[tuple[int, Frame]],
    count: int,
    context: TaskContext,
) -> dict[int, Frame] | None:
    """Lay frames that are *known*, and *count* that are *coming*, into the voxels; the frames by place.

    None when they do not mean the same.
    """
    total = len(wanted.indices)
    frames = {}
    for number, (index, frame) in enumerate(chain(known.items(), coming), total - len(known) - count + 1):
        if not _is_alike(wanted.checked(index, frame), example):
            return None
        place = index - wanted.indices.start
        voxels[place] = frame.pixels
        frames[place] = replace(frame, pixels=voxels[place])
        context.report(min(1.0, number / total), SAYING)
    return frames


def _hurry(wanted: Wanted, count: int) -> AbstractContextManager[int]:
    """For how many frames to ask at once; few are not worth starting more decoders."""
    if isinstance(wanted.source, StackSource) and count > _FEW:
        return wanted.source.hurried()
    return nullcontext(1)


def _is_alike(frame: Frame, example: Frame) -> bool:
    """Whether stored values of both mean the same."""
    return (
        frame.rescale == example.rescale
        and frame.padding == example.padding
        and frame.pixels.dtype == example.pixels.dtype
        and frame.inverted == example.inverted
    )


def _as_modality(wanted: Wanted, example: Frame, context: TaskContext) -> Volume:
    """Slices whose stored values differ in meaning, as modality values: those mean the same."""
    voxels = _room(wanted, np.dtype(np.float32))
    planes = []
    for place, index in enumerate(wanted.indices):
        context.report(place / len(wanted.indices), SAYING)
        frame = wanted.frame(index)
        _check_same(frame, example)
        voxels[place] = _modality(frame)
        planes.append(replace(frame, pixels=voxels[place], rescale=_identity(example), padding=None))
    read_only(voxels)
    frames = tuple(replace(frame, pixels=voxels[place]) for place, frame in enumerate(planes))
    volume = _volume(wanted, voxels, example, _identity(example), _remarks(planes))
    return replace(volume, frames=frames, decided=_agreed(frames))


def _evened(wanted: Wanted, example: Frame, context: TaskContext) -> Volume:
    """Slices with gaps or uneven steps on their regular grid."""
    voxels = _room(wanted, np.dtype(np.float32))
    near: dict[int, NDArray[np.float32]] = {}
    met: dict[int, Frame] = {}

    def slice_at(place: int) -> NDArray[np.float32]:
        if place not in near:
            context.report(place / len(wanted.indices), SAYING)
            frame = wanted.frame(wanted.indices[place])
            _check_same(frame, example)
            met[place] = replace(frame, pixels=np.empty((0, 0)))  # what is said of it, without its values
            for passed in [known for known in near if known < place - 1]:
                del near[passed]
            near[place] = _modality(frame)
        return near[place]

    planes = [wanted.series.frames[index].plane for index in wanted.indices]
    made_of = mixtures(planes, wanted.geometry)
    evened(slice_at, made_of, voxels)
    words = (*_remarks(met.values()), RESAMPLED, *((GAPS,) if None in made_of else ()))
    volume = _volume(wanted, read_only(voxels), example, _identity(example), words)
    return replace(volume, decided=_agreed(tuple(met.values())))


def _check_same(frame: Frame, example: Frame) -> None:
    if frame.rescale.unit != example.rescale.unit or frame.inverted != example.inverted:
        raise SeriesTrouble(
            "The values of this series do not mean the same in all its pictures: no planes can be cut.",
            "Look at its slices.",
        )


def _modality(frame: Frame) -> NDArray[np.float32]:
    """Modality values, NaN where there is no picture."""
    values = frame.values()
    if frame.padded is not None:
        values[frame.padded] = np.nan
    return values


def _identity(example: Frame) -> Rescale:
    return Rescale(unit=example.rescale.unit)


def _volume(
    wanted: Wanted, voxels: NDArray[Any], example: Frame, rescale: Rescale, remarks: Sequence[str]
) -> Volume:
    return Volume(
        voxels=voxels,
        rescale=rescale,
        geometry=wanted.geometry,
        series=wanted.series.key,
        inverted=example.inverted,
        windows=example.windows,
        remarks=tuple(remarks),
    )


def _remarks(frames: Iterable[Frame]) -> tuple[str, ...]:
    """What is said of any of the slices has to be said of what is cut through them."""
    return tuple(dict.fromkeys(remark for frame in frames for remark in frame.remarks))


def _agreed(frames: Sequence[Frame]) -> tuple[Decision, ...]:
    """What decided the greys of all of the slices alike."""
    every = [set(frame.decided) for frame in frames]
    return tuple(decision for decision in frames[0].decided if all(decision in one for one in every))


def needed(geometry: ImageGeometry, kind: np.dtype[Any]) -> int:
    """The bytes of the voxels."""
    slices, rows, columns = geometry.shape
    return slices * rows * columns * kind.itemsize


def _room(wanted: Wanted, kind: np.dtype[Any]) -> NDArray[Any]:
    """Memory for the voxels. Raises SeriesTrouble when there is not enough, before any is taken."""
    size = needed(wanted.geometry, kind)
    if size > wanted.most_bytes:
        raise SeriesTrouble(
            f"The volume of this series needs {in_megabytes(size)}; {wanted.most_bytes >> 20:,} MB are there"
            " for pictures.",
            "Allow more in the preferences, or close other programs.",
        )
    try:
        return wanted.memory(size).view(kind).reshape(wanted.geometry.shape)
    except MemoryError:
        raise SeriesTrouble(
            f"The volume of this series needs {in_megabytes(size)}, which this computer does not have free.",
            "Close other programs.",
        ) from None
