"""The recipes there are: the reader's own, kept in a folder, and those that come with the program."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from pathlib import Path
from threading import Lock, RLock

from medviewer.core.pipeline import Pipeline
from medviewer.kit.errors import BadValue, FileTrouble, MedviewerError
from medviewer.kit.frozen import frozen
from medviewer.kit.one_each import OneEach
from medviewer.kit.paths import resource, user_folder
from medviewer.kit.task import Lane, Task
from medviewer.session.recipe_files import (
    LONGEST_NAME,
    checked_name,
    own_file,
    read_file,
    same_name,
    write_recipe,
)
from medviewer.session.session_type import Session


class Source(Enum):
    """Where a recipe comes from."""

    OWN = "own"
    SHIPPED = "shipped"
    """comes with the program; never changed, but copied"""


@frozen
class Recipe:
    """A recipe of the list, its operations and values checked."""

    pipeline: Pipeline
    source: Source
    is_intact: bool = True
    """False: its file was changed by hand since medviewer saved it"""

    @property
    def name(self) -> str:
        """What it is called; no two recipes of the list share a name."""
        return self.pipeline.name


_Stamp = tuple[int, int]
_Read = tuple[_Stamp, Recipe | str]


class Library:
    """The recipes in one folder and the shipped ones: read once, changed in memory, written by workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()
        self._on_disk = RLock()
        """held by whoever looks at the folder or writes to it: an older look never follows a newer one"""
        self._read: dict[Path, _Read] = {}
        """what each file says"""
        self._files: dict[Path, _Read] = {}
        """the same, each recipe under a name of its own"""
        self._shipped = tuple(_shipped())
        self._unwritten: dict[str, Recipe | None] = {}
        """by `same_name`, what is not on the disk yet; None: to be deleted"""
        self.look()

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """All recipes, the reader's own first, each part by name. Touches no disk."""
        with self._lock:
            own = {same_name(one.name): one for _, one in self._files.values() if isinstance(one, Recipe)}
            for key, one in self._unwritten.items():
                own.pop(key, None)
                if one is not None:
                    own[key] = one
        shipped = (one for one in self._shipped if same_name(one.name) not in own)
        return (*_by_name(own.values()), *_by_name(shipped))

    @property
    def troubles(self) -> tuple[str, ...]:
        """Why files of the folder are not in the list, a sentence each."""
        return tuple(one for _, one in sorted(self._files.values(), key=str) if isinstance(one, str))

    def look(self) -> bool:
        """Read what others have changed in the folder; whether anything has changed. Any thread may ask."""
        with self._on_disk:
            before, found = self._read, dict[Path, _Read]()
            for path in sorted(self.folder.glob("*.json")):
                with suppress(OSError):  # it was deleted this moment
                    stamp = path.stat().st_mtime_ns, path.stat().st_size
                    known = before.get(path)
                    found[path] = known if known is not None and known[0] == stamp else (stamp, _read(path))
            self._read = found
            with self._lock:
                self._files = _named_apart(found)
            return found != before

    def put(self, pipeline: Pipeline) -> None:
        """Keep a recipe under its name, in place of the reader's own one that is called so."""
        with self._lock:
            self._unwritten[same_name(pipeline.name)] = Recipe(pipeline, Source.OWN)

    def drop(self, name: str) -> None:
        """Take one of the reader's own recipes off the list."""
        with self._lock:
            self._unwritten[same_name(name)] = None

    def write(self) -> None:
        """Bring the folder up to date with the list. Any thread may call. Raises FileTrouble."""
        with self._on_disk:
            for key, recipe in dict(self._unwritten).items():
                self._write_one(key, recipe)
                self.look()
                with self._lock:
                    if self._unwritten.get(key) is recipe:
                        del self._unwritten[key]

    def _write_one(self, key: str, recipe: Recipe | None) -> None:
        there = [path for path, (_, one) in self._files.items() if _is_called(one, key)]
        if recipe is not None:
            target = there[0] if there else self.folder / own_file(recipe.name)
            write_recipe(target, recipe.pipeline)
            there = there[1:]
        for path in there:
            try:
                path.unlink(missing_ok=True)
            except OSError as trouble:
                raise FileTrouble(
                    f"The recipe {path.name} could not be deleted: {trouble.strerror}.", ""
                ) from None


_libraries = OneEach(Library)


def library() -> Library:
    """The recipes of this user; read when first asked for."""
    return _libraries[user_folder("recipes")]


def all_recipes() -> tuple[Recipe, ...]:
    """All recipes there are, the reader's own first. Touches no disk but the first time."""
    return library().recipes


def recipe_names() -> tuple[str, ...]:
    """What the recipes are called, in the order of the list."""
    return tuple(one.name for one in all_recipes())


def recipe(name: str) -> Recipe:
    """The recipe of this name. Raises BadValue."""
    found = find(name)
    if found is None:
        known = ", ".join(repr(one) for one in recipe_names())
        raise BadValue(f"There is no recipe called {name!r:.{LONGEST_NAME + 2}}.", f"There are: {known}.")
    return found


def find(name: str) -> Recipe | None:
    """The recipe of this name, small letters and capitals alike, or None."""
    return next((one for one in all_recipes() if same_name(one.name) == same_name(name)), None)


def own_recipe(name: str) -> Recipe:
    """One of the reader's own recipes, which may be changed. Raises BadValue."""
    found = recipe(name)
    if found.source is Source.SHIPPED:
        raise BadValue(f"{found.name} comes with medviewer and stays as it is.", "Duplicate it first.")
    return found


def free_name(name: str) -> str:
    """*name*, or the first of "name 2", "name 3" ... that no recipe has."""
    return free_among(name, {same_name(one) for one in recipe_names()})


def free_among(name: str, taken: Collection[str]) -> str:
    """The same for the names that are *taken*, each as `same_name` gives it."""
    name, number = checked_name(name), 2
    free = name
    while same_name(free) in taken:
        ending = f" {number}"
        free, number = name[: LONGEST_NAME - len(ending)].strip() + ending, number + 1
    return free


def keep(session: Session) -> None:
    """Write what has changed in the list, soon and by a worker; a disk that refuses is told."""
    session.submit(
        Task(
            lambda _: library().write(), failed=session.notify, lane=Lane.SOON, replaces="recipes are written"
        )
    )


def look_again(session: Session) -> None:
    """Let a worker see what others, or other windows, have changed in the folder; the next list has it."""
    session.submit(Task(lambda _: library().look(), lane=Lane.SOON, replaces="recipes are looked at"))


def settle() -> None:
    """Write here and now what is not on the disk, as a program that ends does. Raises FileTrouble."""
    for one in _libraries.made:
        one.write()


def _shipped() -> Iterable[Recipe]:
    for path in sorted(resource("recipes").glob("*.json")):
        with suppress(MedviewerError):  # made for operations that this installation does not have
            found = read_file(path)
            yield Recipe(found.pipeline, Source.SHIPPED, found.is_intact)


def _read(path: Path) -> Recipe | str:
    """A recipe of the reader's folder; a file without a name in it is called as the file is."""
    try:
        found = read_file(path)
        name = found.pipeline.name or checked_name(path.stem)
    except MedviewerError as trouble:
        return str(trouble)
    return Recipe(replace(found.pipeline, name=name), Source.OWN, found.is_intact)


def _named_apart(files: dict[Path, _Read]) -> dict[Path, _Read]:
    """*files* with other names in the list for those that are called as another: "name 2", "name 3" ...

    The file that this program has named keeps its name. So none hides another, or goes when that is deleted.
    """
    taken = {same_name(one.name) for _, one in files.values() if isinstance(one, Recipe)}
    met, apart = set[str](), dict(files)
    for path, (stamp, one) in sorted(files.items(), key=lambda item: (not _is_ours(*item), item[0])):
        if isinstance(one, Recipe) and same_name(one.name) in met:
            name = free_among(one.name, taken)
            taken.add(same_name(name))
            apart[path] = stamp, replace(one, pipeline=replace(one.pipeline, name=name))
        elif isinstance(one, Recipe):
            met.add(same_name(one.name))
    return apart


def _is_ours(path: Path, read: _Read) -> bool:
    return isinstance(read[1], Recipe) and path.name == own_file(read[1].name)


def _is_called(one: Recipe | str, key: str) -> bool:
    return isinstance(one, Recipe) and same_name(one.name) == key


def _by_name(recipes: Iterable[Recipe]) -> list[Recipe]:
    return sorted(recipes, key=lambda one: same_name(one.name))
