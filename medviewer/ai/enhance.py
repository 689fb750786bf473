"""Letting a network make a picture better: values in, values out, on the picture's own grid.

What goes in is scaled as the card says. What comes out is compared with what went in, and the difference,
scaled back, is added to the picture: what lies outside the range that the network knows keeps its distance,
and no value is rounded to the network's range.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import Card, Values
from medviewer.ai.catalog import Model
from medviewer.ai.infer import Reader
from medviewer.ai.prepare import ends
from medviewer.ai.tiles import Tiles, blended
from medviewer.kit.errors import ModelTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import CancelToken, TaskContext

LARGEST_PART_PX = 1024
"""A network of any size gets parts with sides of about this: it can be stopped between two."""
MARGIN_PX = 16
"""Mirrored pixels around the picture: most networks take what lies beyond their input for zeros."""
KEPT = 2
"""So many networks stay loaded."""
Image = NDArray[np.float32]
Mask = NDArray[np.bool_]


@frozen
class Range:
    """How modality values become numbers of a network: (value - offset) * factor + base, within limits."""

    offset: float
    factor: float
    base: float = 0.0
    limits: tuple[float, float] | None = None

    def into(self, image: Image) -> Image:
        """*image* as the network takes it; a new array."""
        scaled = (image - np.float32(self.offset)) * np.float32(self.factor)
        scaled += np.float32(self.base)
        return scaled if self.limits is None else np.clip(scaled, *self.limits, out=scaled)


def enhanced(model: Model, image: Image, valid: Mask | None, strength: float, context: TaskContext) -> Image:
    """*image* (row, column; finite modality values) as *model* makes it, mixed with itself below 1.

    Percentiles and means are those of *valid* pixels. A picture of one value comes back as it is. Raises
    ModelTrouble, Cancelled within a fraction of a second.
    """
    context.check()
    reader = _loaded(model, context.token)
    card = reader.card
    plan = range_of(image if valid is None else image[valid], card.input.values)
    if plan is None:
        return image
    given = plan.into(image)
    found = _run(reader, given, context)
    if card.output.predicts == "noise":
        found = -found
    else:
        found -= given
    found *= np.float32(strength / plan.factor)
    found += image
    return found


def range_of(values: NDArray[np.float32], plan: Values) -> Range | None:
    """The scale that *plan* means for a picture with these *values*; None where all of them are one."""
    if plan.scale == "none":
        low, factor, base, limits = 0.0, 1.0, 0.0, None
    elif plan.scale == "z-score":
        low, deviation = float(np.mean(values, dtype=np.float64)), float(np.std(values, dtype=np.float64))
        if deviation < 1e-6 * max(abs(low), 1e-6):
            return None
        factor, base, limits = 1 / deviation, 0.0, None
    else:
        low, high = ends(values, plan)
        if high <= low:
            return None
        factor, base = (plan.to[1] - plan.to[0]) / (high - low), plan.to[0]
        limits = (min(plan.to), max(plan.to))
    mean, deviation = (plan.mean or (0.0,))[0], (plan.deviation or (1.0,))[0]
    if limits is not None:
        limits = ((limits[0] - mean) / deviation, (limits[1] - mean) / deviation)
    return Range(low, factor / deviation, (base - mean) / deviation, limits)


def _run(reader: Reader, given: Image, context: TaskContext) -> Image:
    """What the network gives for a scaled picture, in parts that run into each other."""
    card = reader.card
    fixed = card.input.size
    (above, below), (left, right) = (
        _margins(given.shape[axis], fixed[axis] if fixed else 0, card.input.divisible_by) for axis in (0, 1)
    )
    # mirrored, so that no border of the picture is an edge to the network
    whole = np.pad(given, ((above, below), (left, right)), mode="symmetric")[..., None]
    size = fixed or _part(whole.shape, card.input.divisible_by)
    if whole.shape[:2] == size:
        found = _pictures(reader, context.token, [whole])[0]
    else:
        found = blended(
            whole,
            size,
            partial(_pictures, reader, context.token),
            overlap=card.input.geometry.overlap,
            batch=card.input.geometry.batch if fixed else 1,
            report=lambda done, of: context.report(done / of, f"{card.title}: part {done} of {of}"),
        )
    rows, columns = given.shape
    return np.array(found[above : above + rows, left : left + columns, 0], np.float32)


def _margins(side: int, fixed: int, multiple: int) -> tuple[int, int]:
    """How many pixels come before and after a *side* for a network of a *fixed* size, or 0 for any."""
    if fixed >= side:
        return (fixed - side) // 2, fixed - side - (fixed - side) // 2
    more = 0 if fixed else -(side + 2 * MARGIN_PX) % multiple
    return MARGIN_PX, MARGIN_PX + more


def _part(shape: tuple[int, ...], multiple: int) -> tuple[int, int]:
    """The size of the parts for a network of any size: the whole of a small picture."""
    most = -(-LARGEST_PART_PX // multiple) * multiple
    return min(shape[0], most), min(shape[1], most)


def _pictures(reader: Reader, token: CancelToken, tiles: Tiles) -> NDArray[np.float32]:
    """(tile, row, column, 1) for tiles of that shape. Raises ModelTrouble for anything else."""
    card, shape = reader.card, (len(tiles), *tiles[0].shape[:2])
    raw = reader.raw(tiles, token=token).astype(np.float32)
    if raw.shape != shape:
        if raw.shape not in ((*shape, 1), (shape[0], 1, *shape[1:])):
            sides = " x ".join(str(side) for side in raw.shape[1:])
            raise ModelTrouble(
                f"{card.name} gave {sides or 'one number'} for a part of {shape[1]} x {shape[2]}.",
                "An enhancement gives one channel of the size that it takes.",
            )
        raw = raw.reshape(shape)
    if not np.isfinite(raw).all():
        raise ModelTrouble(f"{card.name} gave values that are no numbers; nothing is shown.")
    return raw[..., None]


_readers: OrderedDict[str, Reader] = OrderedDict()
_reading = Lock()


def _loaded(model: Model, token: CancelToken) -> Reader:
    """The network of *model*, loaded once for all pictures. Raises ModelTrouble, Cancelled."""
    with _reading:
        if model.sha256 in _readers:
            _readers.move_to_end(model.sha256)
            return _readers[model.sha256]
        # what stays for others must not end with the task that came first
        loading, is_loaded = CancelToken(), Lock()

        def stop() -> None:
            if is_loaded.acquire(blocking=False):
                loading.cancel()

        token.on_cancel(stop)
        reader = Reader(model, loading)
        if not is_loaded.acquire(blocking=False):
            token.check()
        _readers[model.sha256] = reader
        while len(_readers) > KEPT:
            _readers.popitem(last=False)
        return reader


def forget() -> None:
    """Let go of the networks that are kept."""
    with _reading:
        _readers.clear()


def made_for(card: Card) -> str:
    """For which images *card* says that it was made, as a sentence; "" for any."""
    words = [*card.applies.modality, *card.applies.body, *card.applies.view]
    return f"Made for {', '.join(words)}." if words else ""
