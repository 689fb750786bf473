"""Surfaces of labels in shared memory: made anew only where something was marked or wiped out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from medviewer.core.geometry import ImageGeometry
from medviewer.core.study import SeriesKey
from medviewer.imaging.label_cut import Layers
from medviewer.imaging.volume_rendering.label_surface import (
    FINE,
    LIGHT,
    Factors,
    SurfaceModel,
    surface_factors,
    surface_model,
)
from medviewer.imaging.volume_rendering.presets import color_of
from medviewer.imaging.volume_rendering.renderer import Painted
from medviewer.imaging.volume_rendering.request import BodyRequest, LabelSurface
from medviewer.kit.errors import BadValue
from medviewer.kit.itself import Itself
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import value_of
from medviewer.session.label_planes import label_stack, layers_of
from medviewer.session.session_type import Session

MOST_HELD = 384 << 20
"""Bytes of all surfaces that are kept ready."""
Key = tuple[SeriesKey, int, str, int]
"""A series, the number of its value, the id of a label map and the value of a label."""


@dataclass(eq=False, slots=True)
class _Made:
    """What was made of a label, and of which slices."""

    slices: Itself
    layers: Layers
    geometry: ImageGeometry
    models: dict[bool, SurfaceModel] = field(default_factory=dict)
    """by whether they are fine; small parts are fine at once"""
    is_empty: bool = False

    def has(self, fine: bool) -> bool:
        found = self.models.get(fine)
        return self.is_empty or (found is not None and found.is_there)

    def end(self) -> None:
        for one in self.models.values():
            one.end()
        self.models.clear()


class HeldSurfaces:
    """The surfaces of a session that are ready. Any thread may ask."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = Lock()
        self._making = Lock()
        """one surface is made at a time"""
        self._made: dict[Key, _Made] = {}
        self._lending = 0
        self._gone: list[_Made] = []
        """what nobody wants any more, but a picture may still be made of"""

    @property
    def held_bytes(self) -> int:
        """The shared memory of all of them."""
        return sum(one.bytes for one in self.all())

    def all(self) -> tuple[SurfaceModel, ...]:
        """All of them, each once."""
        with self._lock:
            return self._models()

    def are_ready(self, request: BodyRequest, fine: bool) -> bool:
        """Whether `make` answers at once."""
        return all(self._is_ready(request, one, fine) for one in request.surfaces)

    def names(self, request: BodyRequest) -> tuple[str, ...]:
        """The labels that are seen; as long as that is not known, also such as are marked nowhere."""
        names = []
        for one in request.surfaces:
            found = self._made.get(self._key(request, one))
            if found is None or found.slices != one.slices or not found.is_empty:
                names.append(one.name)
        return tuple(names)

    @contextmanager
    def lend(self, request: BodyRequest, fine: bool, context: TaskContext) -> Iterator[tuple[Painted, ...]]:
        """As `make`, with surfaces that stay there until the picture of them is made."""
        with self._lock:
            self._lending += 1
        try:
            yield self.make(request, fine, context)
        finally:
            with self._lock:
                self._lending -= 1
            self._end_gone()

    def make(self, request: BodyRequest, fine: bool, context: TaskContext) -> tuple[Painted, ...]:
        """The surfaces of a request that are not empty, made if need be. Slow. Raises Cancelled."""
        painted = []
        for at, one in enumerate(request.surfaces):
            count = len(request.surfaces)
            found = self._made.get(self._key(request, one))
            if found is None or not self._is_ready(request, one, fine):
                found = self._make(request, one, fine, context.part(at / count, (at + 1) / count))
            model = found.models.get(fine)
            if model is not None:
                painted.append(Painted(model, color_of(one.color), one.opacity))
        return tuple(painted)

    def forget(self, series: SeriesKey) -> None:
        """Drop the surfaces of a series that was closed or changed."""
        self._drop(lambda key: key[0] == series)

    def close(self) -> None:
        """Give all memory back; nothing is rendered any more."""
        self._drop(lambda _: True)
        self._lending = 0
        self._end_gone()

    def _models(self) -> tuple[SurfaceModel, ...]:
        found = {id(model): model for one in self._made.values() for model in one.models.values()}
        return tuple(one for one in found.values() if one.is_there)

    def _bytes(self) -> int:
        return sum(one.bytes for one in self._models())

    def _key(self, request: BodyRequest, one: LabelSurface) -> Key:
        series = self._session.series(request.series)
        value = 0 if series is None else value_of(series, request.index)
        return (request.series, value, one.group, one.value)

    def _is_ready(self, request: BodyRequest, one: LabelSurface, fine: bool) -> bool:
        found = self._made.get(self._key(request, one))
        return found is not None and found.slices == one.slices and found.has(fine)

    def _make(self, request: BodyRequest, one: LabelSurface, fine: bool, context: TaskContext) -> _Made:
        key = self._key(request, one)
        with self._making:
            context.report(0.0, f"Surface of {one.name}")
            series, _ = self._session.source(request.series)
            geometry = self._session.frames.geometry(series)
            if geometry is None:
                raise BadValue("These pictures make no stack.", "Choose a series of parallel slices.")
            layers = layers_of(series, geometry, one.slices.held, key[1])
            made = self._made.get(key)
            if made is not None and made.geometry == geometry and _is_same(made.layers, layers, one.value):
                made.slices, made.layers = one.slices, layers
                if made.has(fine):
                    return made
            else:
                made = _Made(one.slices, layers, geometry)
            mask = label_stack(series, geometry, one.slices.held, key[1]) == one.value
            context.check()
            _fill(made, mask, geometry, fine, context)
            self._keep(key, made, request)
            return made

    def _keep(self, key: Key, made: _Made, request: BodyRequest) -> None:
        needed = {self._key(request, one) for one in request.surfaces}
        with self._lock:
            before = self._made.pop(key, None)
            self._made[key] = made
            if before is not None and before is not made:
                self._gone.append(before)
            for one in [one for one in self._made if one not in needed]:
                if self._bytes() > MOST_HELD:  # those that were made first go first
                    self._gone.append(self._made.pop(one))
        self._end_gone()

    def _drop(self, is_chosen: Callable[[Key], bool]) -> None:
        with self._lock:
            self._gone += [self._made.pop(key) for key in list(self._made) if is_chosen(key)]
        self._end_gone()

    def _end_gone(self) -> None:
        with self._lock:
            if self._lending:
                return
            gone, self._gone = self._gone, []
        for one in gone:
            one.end()


def _fill(made: _Made, mask: np.ndarray, geometry: ImageGeometry, fine: bool, context: TaskContext) -> None:
    """Make the surface of a label, light or fine; where it is small both are one."""
    if not mask.any():
        made.is_empty = True
        return
    finest = surface_factors(mask, geometry.spacing, FINE)
    light = surface_factors(mask, geometry.spacing, LIGHT)
    wanted: Factors = finest if fine else light
    try:
        model = surface_model(mask, geometry, wanted, context)
    except BadValue:  # nowhere is half of such a large voxel marked
        model, light = surface_model(mask, geometry, (1, 1, 1), context), finest
    made.models[fine] = model
    if light == finest:
        made.models[not fine] = model


def _is_same(before: Layers, after: Layers, value: int) -> bool:
    """Whether a label is marked on the same voxels."""
    return len(before) == len(after) and all(
        one is other or np.array_equal(_of(one, value, other), _of(other, value, one))
        for one, other in zip(before, after, strict=True)
    )


def _of(layer: np.ndarray | None, value: int, other: np.ndarray | None) -> np.ndarray:
    if layer is not None:
        return np.asarray(layer == value)
    assert other is not None
    return np.zeros(other.shape, bool)
