"""Small changes to training pictures that leave the anatomy true: by default no flips, no cuts."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from dataclasses import fields, replace
from hashlib import blake2b
from threading import local
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.warp import affine, bend_image, bend_mask, blurred, warp_image, warp_mask, waves
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Slider, Value, Words, checked, fields_of

STRENGTH = "strength"
"""In a configuration: multiplies all limits."""
SIDES = "Flipped pictures show the heart on the right and the liver on the left."


@frozen
class Augmentation:
    """Limits; each change is drawn evenly between them, by default so that hearts stay left."""

    rotate_deg: Annotated[float, Slider(0, 180, label="Rotation", unit="degrees")] = 8.0
    scale: Annotated[float, Slider(0, 0.9, label="Larger and smaller")] = 0.12
    stretch: Annotated[float, Slider(0, 0.5, label="Between height and width")] = 0.06
    shift: Annotated[float, Slider(0, 0.5, label="Shift, share of the side")] = 0.06
    gamma: Annotated[float, Slider(0, 2, label="Gamma, logarithm; where values lie in 0 to 1")] = 0.4
    contrast: Annotated[float, Slider(0, 1, label="Contrast")] = 0.2
    brightness: Annotated[float, Slider(0, 1, label="Brightness")] = 0.1
    noise: Annotated[float, Slider(0, 1, label="Noise")] = 0.02
    blur: Annotated[float, Slider(0, 5, label="Blur, standard deviation", unit="px")] = 0.0
    elastic: Annotated[float, Slider(0, 0.2, label="Elastic deformation, share of the side")] = 0.0
    erase: Annotated[float, Slider(0, 0.5, label="Erased rectangle, share of the area; no masks")] = 0.0
    flip_left_right: Annotated[bool, Words("Flip left and right", "needs sides_do_not_matter")] = False
    flip_up_down: Annotated[bool, Words("Flip top and bottom", "needs sides_do_not_matter")] = False
    sides_do_not_matter: Annotated[
        bool, Words("Sides do not matter", "nothing that is learnt lies on one side of the body only")
    ] = False

    def __post_init__(self) -> None:
        """Raises BadValue where flips were not allowed."""
        if (self.flip_left_right or self.flip_up_down) and not self.sides_do_not_matter:
            raise BadValue(
                f"Flips exchange the sides of the body. {SIDES}",
                "Where sides truly do not matter, say so with sides_do_not_matter = true.",
            )

    @classmethod
    def of(cls, values: Iterable[tuple[str, Value]]) -> Augmentation:
        """The usual limits but for *values*; ``strength`` multiplies all. Raises BadValue."""
        given = dict(values)
        strength = given.pop(STRENGTH, 1.0)
        if isinstance(strength, (bool, str)) or strength is None or not 0 <= strength <= 10:
            raise BadValue("augment.strength must be a number from 0 to 10.", "0 changes nothing.")
        declared: Any = cls
        known = fields_of(declared)
        names = [one.name for one in known]
        for name in given:
            if name not in names:
                raise BadValue(
                    f"There is no augmentation {name!r:.80}.", f"There are: {', '.join(names)}, {STRENGTH}."
                )
        return cls(**{name: checked(known, {name: value})[name] for name, value in given.items()}).times(
            float(strength)
        )

    def times(self, strength: float) -> Augmentation:
        """All limits made smaller or larger, as far as they may go; with 0 nothing is flipped either."""
        declared: Any = type(self)
        made: dict[str, Any] = {}
        for one in fields_of(declared):
            value = getattr(self, one.name)
            if isinstance(value, bool):
                made[one.name] = value and strength > 0
            else:
                made[one.name] = min(value * strength, one.maximum or math.inf)
        return replace(self, **made)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be said wherever this is used."""
        if self.flip_left_right or self.flip_up_down:
            return (f"Training pictures are flipped. {SIDES} Findings of one side may be missed.",)
        return ()

    @property
    def changes(self) -> bool:
        """Whether anything is changed at all."""
        return any(bool(getattr(self, one.name)) for one in fields(self) if one.name != "sides_do_not_matter")


def generator(seed: tuple[int, int, int]) -> np.random.Generator:
    """Random numbers that depend on (run, epoch, picture) alone; valid until the thread asks again.

    The state of one generator per thread is set to a hash: making a new one takes longer than moving a small
    picture.
    """
    if not hasattr(_own, "rng"):
        _own.rng = np.random.Generator(np.random.PCG64(0))
    digest = blake2b(struct.pack("<3q", *seed), digest_size=32).digest()
    state, step = int.from_bytes(digest[:16], "little"), int.from_bytes(digest[16:], "little")
    _own.rng.bit_generator.state = {
        "bit_generator": "PCG64",
        # the step must be odd (O'Neill 2014)
        "state": {"state": state, "inc": step | 1},
        "has_uint32": 0,
        "uinteger": 0,
    }
    found: np.random.Generator = _own.rng
    return found


_own = local()


def augmented(
    picture: NDArray[np.float32],
    mask: NDArray[np.uint8] | None,
    limits: Augmentation,
    seed: tuple[int, int, int],
) -> tuple[NDArray[np.float32], NDArray[np.uint8] | None]:
    """*picture* (row, column, channel) and its mask, changed alike. *seed* is (run, epoch, picture).

    A stack (slice, row, column, channel) is changed as one: each slice in the same way.
    """
    rng = generator(seed)
    move = _Move.drawn(picture.shape[-3:-1], limits, rng)
    picture = move.image(picture)
    if mask is not None:
        return _toned(picture, limits, rng), move.mask(mask)
    return _erased(_toned(picture, limits, rng), limits, rng), None


def augmented_pair(
    picture: NDArray[np.float32],
    wanted: NDArray[np.float32],
    limits: Augmentation,
    seed: tuple[int, int, int],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A picture and the better one, shifted and turned over alike, by whole pixels.

    Any other move would take noise off by itself, and noise and greys are what is learnt. Edges are mirrored.
    """
    rng = generator(seed)
    rows, columns = (
        _mirrored(size, round((2 * share - 1) * limits.shift * size))
        for size, share in zip(picture.shape[-3:-1], rng.random(2).tolist(), strict=True)
    )
    if limits.flip_up_down and rng.random() < 0.5:
        rows = rows[::-1]
    if limits.flip_left_right and rng.random() < 0.5:
        columns = columns[::-1]
    return picture[..., rows[:, None], columns, :], wanted[..., rows[:, None], columns, :]


def _mirrored(size: int, shift: int) -> NDArray[np.int64]:
    """Where each of *size* pixels comes from after a shift."""
    places: NDArray[np.int64] = np.abs(np.arange(size) - shift)
    return np.asarray(np.minimum(places, 2 * (size - 1) - places), np.int64)


@frozen(eq=False)
class _Move:
    """Where each pixel goes."""

    matrix: NDArray[np.float64]
    coordinates: NDArray[np.float32] | None
    """where a pixel comes from, where it is no straight line"""
    flips: tuple[int, ...]
    """axes, counted from the row"""

    @classmethod
    def drawn(cls, size: tuple[int, ...], limits: Augmentation, rng: np.random.Generator) -> _Move:
        zoom, stretch, angle, down, right = (2 * one - 1 for one in rng.random(5).tolist())
        zoom, stretch = 1 + zoom * limits.scale, stretch * limits.stretch
        matrix = affine(
            (size[0], size[1]),
            angle_deg=angle * limits.rotate_deg,
            scale=(zoom * (1 + stretch), zoom * (1 - stretch)),
            shift=(down * limits.shift * size[0], right * limits.shift * size[1]),
        )
        coordinates = None
        if limits.elastic:
            coordinates = waves((size[0], size[1]), matrix, limits.elastic, rng)
        asked = (limits.flip_up_down, limits.flip_left_right)
        flips = tuple(axis for axis, wanted in enumerate(asked) if wanted and rng.random() < 0.5)
        return cls(matrix, coordinates, flips)

    def image(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """*picture* (row, column, channel) moved, or each slice of a stack."""
        if picture.ndim == 4:
            low = float(picture.min())
            return np.stack([self._image(one, low) for one in picture])
        return self._image(picture, float(picture.min()))

    def mask(self, mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """*mask* (row, column) moved, or each slice of a stack."""
        if mask.ndim == 3:
            return np.stack([self.mask(one) for one in mask])
        moved = (
            warp_mask(mask, self.matrix) if self.coordinates is None else bend_mask(mask, self.coordinates)
        )
        return self._flipped(moved)

    def _image(self, picture: NDArray[np.float32], fill: float) -> NDArray[np.float32]:
        if self.coordinates is None:
            return self._flipped(warp_image(picture, self.matrix, fill))
        return self._flipped(bend_image(picture, self.coordinates, fill))

    def _flipped(self, array: NDArray[Any]) -> NDArray[Any]:
        return np.flip(array, self.flips) if self.flips else array


def _toned(
    picture: NDArray[np.float32], limits: Augmentation, rng: np.random.Generator
) -> NDArray[np.float32]:
    gamma, contrast, brightness, noise, blur = (2 * one - 1 for one in rng.random(5).tolist())
    within = float(picture.min()) >= 0 and float(picture.max()) <= 1
    if limits.blur:
        picture = blurred(picture, abs(blur) * limits.blur)
    if within and limits.gamma:
        picture = picture ** np.float32(math.exp(gamma * limits.gamma))
    contrast *= limits.contrast
    # one new array, changed in place: this runs for every picture of every epoch
    mean = float(np.add.reduce(picture, axis=None)) / picture.size
    picture = picture * np.float32(1 + contrast)
    picture += np.float32(brightness * limits.brightness - mean * contrast)
    if limits.noise:
        grain = rng.standard_normal(picture.shape, np.float32)
        grain *= np.float32(abs(noise) * limits.noise)
        picture += grain
    if within:
        np.maximum(picture, 0, out=picture)
        np.minimum(picture, 1, out=picture)
    return picture


def _erased(
    picture: NDArray[np.float32], limits: Augmentation, rng: np.random.Generator
) -> NDArray[np.float32]:
    """With one rectangle at its mean value, in all slices of a stack."""
    if not limits.erase:
        return picture
    rows, columns = picture.shape[-3:-1]
    area = float(rng.uniform(0, limits.erase)) * rows * columns
    sides = float(np.exp(rng.uniform(-0.7, 0.7)))
    height = min(rows, max(1, round(math.sqrt(area * sides))))
    width = min(columns, max(1, round(math.sqrt(area / sides))))
    top, left = rng.integers(0, rows - height + 1), rng.integers(0, columns - width + 1)
    picture = picture.copy()
    picture[..., top : top + height, left : left + width, :] = picture.mean()
    return picture
