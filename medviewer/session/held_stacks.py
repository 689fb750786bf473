"""Stacks in shared memory, ready to be rendered as bodies: those that were used last, while there is room."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from medviewer.core.study import SeriesKey
from medviewer.imaging.volume_rendering.body import MOST_BYTES
from medviewer.imaging.volume_rendering.renderer import Model, model
from medviewer.imaging.volume_rendering.request import Stack
from medviewer.kit.memory import shared_bytes
from medviewer.kit.task import TaskContext
from medviewer.session.session_type import Session

MOST_HELD = 768 << 20
"""Bytes of all stacks that are kept ready: a preset that was used before comes at once."""
SHARE_FOR_ONE = 0.5
"""Of the shared memory that is left; where a stack would need more, others go first."""


class HeldStacks:
    """The stacks of a session that are ready. Any thread may ask."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = Lock()
        self._making = Lock()
        """one stack is made ready at a time"""
        self._models: dict[Stack, Model] = {}

    @property
    def held_bytes(self) -> int:
        """The shared memory of all of them."""
        return sum(one.body.bytes for one in self.all() if one.is_there)

    def all(self) -> tuple[Model, ...]:
        """All of them, the one that was used last at the end."""
        return tuple(self._models.values())

    def get(self, key: Stack) -> Model | None:
        """A stack as far as it was made, also when its memory is gone meanwhile."""
        return self._models.get(key)

    def is_ready(self, key: Stack) -> bool:
        """Whether `make` answers at once."""
        found = self._models.get(key)
        return found is not None and found.is_there

    def make(self, key: Stack, context: TaskContext) -> Model:
        """The stack in shared memory, made if need be. Slow. Raises MedviewerError, Cancelled."""
        with self._making:
            with self._lock:
                found = self._models.pop(key, None)
                if found is not None and found.is_there:
                    self._models[key] = found  # the one that was used last
                    return found
            series, index, around = key
            volume = self._session.frames.volume(series, index, context.part(0.0, 0.6))
            self._make_room(min(2 * volume.voxels.size, MOST_BYTES))
            found = model(volume, context.part(0.6, 1.0), around)
            with self._lock:
                self._models[key] = found
            return found

    def forget(self, series: SeriesKey) -> None:
        """Drop the stacks of a series that was closed or changed."""
        self._drop(lambda: [key for key in self._models if key[0] == series])

    def close(self) -> None:
        """Give all memory back."""
        self._drop(lambda: list(self._models))

    def _make_room(self, wanted: int) -> None:
        """Drop what was not used for longest until there is room for another stack."""
        while self._models and (
            self.held_bytes + wanted > MOST_HELD or wanted > shared_bytes() * SHARE_FOR_ONE
        ):
            self._drop(lambda: list(self._models)[:1])

    def _drop(self, chosen: Callable[[], list[Stack]]) -> None:
        with self._lock:
            gone = [self._models.pop(key) for key in chosen()]
        for one in gone:
            one.end()
