"""Named things that plug in: one class serves operations, models, exporters, commands, tools and panels."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from threading import RLock
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from medviewer.kit.errors import BadValue, MedviewerError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

log = logging.getLogger(__name__)

FAULTS = (
    ImportError,
    SyntaxError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    MedviewerError,
)
"""How a plugin that somebody else wrote can fail while it is imported."""


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """What it is called."""


T = TypeVar("T", bound=Named)


class Registry(Generic[T]):
    """Things by name, in the order in which they were added.

    On first use it also loads the entry points of *group*, so that another package can add to it. A plugin
    that cannot be imported is named in the log and skipped; `failed` keeps what went wrong.
    """

    def __init__(self, what: str, group: str = "") -> None:
        self.what = what
        self.group = group
        self.failed: dict[str, str] = {}
        self._items: dict[str, T] = {}
        self._loaded = not group
        self._entered = False
        self._loading = RLock()
        self._look: Callable[[str], str] | None = None

    def add(self, item: T) -> T:
        """Keep *item* under its name. Raises ValueError when the name is taken."""
        if item.name in self._items:
            raise ValueError(f"There are two {self.what}s called {item.name!r}.")
        self._items[item.name] = item
        return item

    def look_with(self, look: Callable[[str], str]) -> None:
        """Ask *look* for a name that is not there: it may `exchange` items, and says why there is none."""
        self._look = look

    def exchange(self, gone: Iterable[str], new: Iterable[T]) -> None:
        """Put *new* items in place of those whose names are *gone*, at once for all threads."""
        left = {name: item for name, item in self._items.items() if name not in set(gone)}
        self._items = {**left, **{item.name: item for item in new}}

    def __getitem__(self, name: str) -> T:
        """The item called *name*. Raises BadValue that suggests what may have been meant."""
        found = self._items.get(name)
        if found is not None:
            return found
        self._load()
        why = self._look(name) if self._look is not None and name not in self._items else ""
        if name in self._items:
            return self._items[name]
        if why:
            raise BadValue(why)
        import difflib  # noqa: PLC0415  (only who mistypes needs it)

        near = difflib.get_close_matches(name.lower(), self._items, n=1)
        meant = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(self._items) or 'none'}."
        raise BadValue(f"There is no {self.what} called {name!r:.80}.", meant)

    def __contains__(self, name: object) -> bool:
        if name in self._items:  # what is there already needs no look for plugins
            return True
        self._load()
        if self._look is not None and name not in self._items and isinstance(name, str):
            self._look(name)
        return name in self._items

    def __iter__(self) -> Iterator[T]:
        self._load()
        return iter(tuple(self._items.values()))

    def __len__(self) -> int:
        self._load()
        return len(self._items)

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in order."""
        self._load()
        return tuple(self._items)

    def _load(self) -> None:
        with self._loading:  # other threads wait; a plugin that looks something up while it loads does not
            if self._loaded or self._entered:
                return
            self._entered = True
            for point in entry_points(group=self.group):
                self._load_one(point)
            self._loaded = True

    def _load_one(self, point: EntryPoint) -> None:
        try:
            point.load()
        except FAULTS as trouble:
            self.failed[point.name] = str(trouble)
            log.warning("the plugin %s of %s was skipped: %s", point.name, self.group, type(trouble).__name__)


def entry_points(group: str) -> Iterable[EntryPoint]:
    """What installed packages offer for *group*.

    Whether any package names the group is looked up first: the library that reads entry points properly takes
    as long to load as a window to show, and hardly anybody has plugins.
    """
    if not any(group in text for text in _declared()):
        return ()
    from importlib.metadata import entry_points as found  # noqa: PLC0415  (see above)

    return found(group=group)


@cache
def _declared() -> tuple[str, ...]:
    """The entry points of all packages on the path, as their files have them."""
    texts = []
    for folder in dict.fromkeys(sys.path):
        try:
            names = [name for name in os.listdir(folder or ".") if name.endswith("-info")]
        except OSError:
            continue
        for name in names:
            try:
                with open(os.path.join(folder, name, "entry_points.txt"), "rb") as file:
                    texts.append(file.read().decode(errors="replace"))
            except OSError:
                continue
    return tuple(texts)
