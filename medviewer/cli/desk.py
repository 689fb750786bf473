"""A session for one command: what lies under a path is open, nothing is remembered, nothing is restored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medviewer.cli import output
from medviewer.core.beside_pixels import SHUTTER
from medviewer.core.cut import Cut
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.study import Series, Study, Unreadable
from medviewer.core.voi import VOI
from medviewer.dicom.group import group
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.imaging.grayscale import automatic_voi, reader_voi
from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Parameter, Value
from medviewer.kit.runner import InlineRunner
from medviewer.kit.settings import Settings
from medviewer.session.commands.window import presets
from medviewer.session.defaults import default_recipe
from medviewer.session.keeping.keeper import Keeper
from medviewer.session.matching import reference_of
from medviewer.session.networks import remarks
from medviewer.session.noted import PICTURE, request_note
from medviewer.session.opening import Opened
from medviewer.session.pictures import Look, compose_layout, snapshots
from medviewer.session.recipe_files import read_file
from medviewer.session.recipes import find
from medviewer.session.session import Session
from medviewer.session.state import Viewport
from medviewer.studies.scan import scan


@frozen
class Contents:
    """What lies under a path."""

    studies: tuple[Study, ...]
    unreadable: tuple[Unreadable, ...]

    @property
    def series(self) -> tuple[Series, ...]:
        """All series, study by study."""
        return tuple(series for study in self.studies for series in study.series)


class _NothingWritten(Keeper):
    """A command does not change what the reader keeps about a study."""

    def touched(self) -> None:
        """Write nothing."""

    def save_now(self) -> None:
        """Write nothing."""

    def restore(self, studies: Iterable[Study]) -> None:
        """Bring back what was kept, and leave the files to whoever works on it."""
        self.show(studies)


class _NothingKept(_NothingWritten):
    """Nor does it show any of it, unless it is about just that."""

    def restore(self, studies: Iterable[Study]) -> None:
        """Bring nothing back."""


def contents(path: Path) -> Contents:
    """What lies under *path*. Raises FileTrouble when it does not exist."""
    if not Path(path).exists():
        raise FileTrouble(f"There is no file or folder called {path}.", "Check the path.")
    result = scan([path], output.context())
    return Contents(group(result.headers), result.unreadable)


@contextmanager
def session(found: Contents, with_kept: bool = False) -> Iterator[Session]:
    """A session in which *found* is open, on request with what its reader has kept about it."""
    opened = Session(InlineRunner(), settings=Settings(remember_studies=False))
    opened.keeper = _NothingWritten(opened) if with_kept else _NothingKept(opened)
    try:
        opened.set_opened(Opened(studies=found.studies, unreadable=found.unreadable))
        opened.keeper.restore(found.studies)
        yield opened
    finally:
        opened.close()


def chosen(found: Contents, path: Path, uid: str = "") -> Series:
    """The series with this UID or key, else the first with pictures. Raises FileTrouble, BadValue.

    A segmentation is pictures too, but nobody looks at one while there is what it was made of.
    """
    with_pictures = sorted((one for one in found.series if one.count), key=lambda one: one.modality == "SEG")
    if uid:
        return _named(found, with_pictures, uid)
    if not with_pictures:
        raise FileTrouble(*_nothing(found, path))
    if len(with_pictures) > 1:
        first = with_pictures[0]
        words = " ".join(filter(None, (first.modality, first.description, f"({first.uid})")))
        output.remark(
            f"Of {len(with_pictures)} series the first is taken: {words}; --series chooses another."
        )
    return with_pictures[0]


def look(steps: Iterable[str], recipe: Path | None, default_of: Series | None = None) -> Pipeline:
    """The enhancements that --recipe, or --default for a series, and --step ask for.

    Raises BadValue, FileTrouble.
    """
    pipeline = Pipeline() if default_of is None else default_recipe(default_of)
    if recipe is not None:
        pipeline = _recipe(recipe)
    for text in steps:
        # a recipe with something added is no longer that recipe
        pipeline = replace(pipeline.added(step(text)), name="", description="")
    return pipeline


def _recipe(path: Path) -> Pipeline:
    """The recipe in a file, else the one of the list that is called so. Raises BadValue, FileTrouble."""
    listed = None if path.exists() else find(str(path))
    if listed is not None:
        return listed.pipeline
    found = read_file(path)
    if not found.is_intact:
        output.remark(f"The steps in {path.name} were changed by hand since the recipe was saved.")
    return found.pipeline


def step(text: str) -> Step:
    """The enhancement in ``clahe:clip_limit=3,tiles=8``. Raises BadValue."""
    name, _, rest = text.partition(":")
    operation = ENHANCEMENTS[name.strip()]
    declared = {parameter.name: parameter for parameter in operation.parameters}
    values: dict[str, Value] = {}
    for pair in filter(None, rest.split(",")):
        key, has_value, value = (part.strip() for part in pair.partition("="))
        if not has_value or key not in declared:
            known = ", ".join(declared) or "none"
            raise BadValue(f"{name} has no parameter {pair.strip()!r:.60}.", f"Its parameters are: {known}.")
        try:
            values[key] = declared[key].parse(_reference(declared[key], value))
        except BadValue as trouble:
            raise BadValue(f"{key} of {operation.name}: {trouble.message}", trouble.advice) from None
    return Step.of(operation.name, operation.checked(values))


def _reference(parameter: Parameter, value: str) -> str:
    """A value as it was typed; where a text carries data, @FILE stands for the picture that it describes."""
    if parameter.told is None or not value.startswith("@"):
        return value
    path = Path(value[1:])
    found = contents(path)
    series = chosen(found, path)
    with session(found) as opened:
        request = opened.rendering.request_of(Viewport(series=series.key), None, overlay=False)
        assert request is not None
        return reference_of(opened.rendering, request, output.context())


def window(opened: Session, series: Series, index: int, text: str, cut: Cut | None = None) -> VOI:
    """The window that --window asks for. Raises BadValue, FileTrouble."""
    if not text:
        return VOI.unknown()
    if text.lower() in ("auto", "automatic"):
        return automatic_voi(opened.frames.load(series.key, index, cut))
    for one in presets():
        if one.voi.name.lower() == text.lower():
            one.check(opened.frames.load(series.key, index, cut) if one.unit else None)
            return one.voi
    parts = text.split(",")
    try:
        center, width = (float(part) for part in parts)
    except ValueError:
        names = ", ".join(dict.fromkeys(one.voi.name for one in presets()))
        raise BadValue(
            f"{text!r:.40} is no window.", f"Give centre,width (40,400), auto, or one of: {names}."
        ) from None
    voi = reader_voi(center, width, opened.frames.load(series.key, index, cut))
    if not voi.is_known:
        raise BadValue(
            f"A window cannot have the centre {center:g} and the width {width:g}.", "Widths are above 0."
        )
    return voi


def frame_number(series: Series, number: int) -> int:
    """A picture's number from 0, where -1 is the last. Raises BadValue."""
    if not -series.count <= number < series.count:
        last = series.count - 1
        raise BadValue(f"There is no frame {number}.", f"The frames of this series are 0 to {last}.")
    return number % series.count


def put(opened: Session, series: Series, pipeline: Pipeline) -> None:
    """Apply enhancements to a series; nothing to undo, nothing to keep."""
    for sentence in remarks(pipeline, series.modality):
        output.remark(sentence)
    document = opened.state.document
    reading = replace(document.reading(series.key), pipeline=pipeline)
    opened.store.set(replace(opened.state, document=document.with_reading(reading)))


def show(
    opened: Session, series: Series, index: int, text: str, lay: Callable[[], object] | None = None
) -> None:
    """Put one picture into the viewport, through the window that --window asks for.

    *lay* is called when the picture is shown: it may cut a plane, and say what lies over it.
    """
    opened.run("view.show", series=series.key, index=index)
    if lay is not None:
        lay()
    voi = window(opened, series, index, text, opened.view.current.cut)
    opened.change(lambda view: view.with_viewport(view.active, replace(view.current, voi=voi)))


def raw(
    opened: Session, series: Series, index: int, text: str, lay: Callable[[], object] | None = None
) -> NDArray[np.uint8]:
    """Exactly the pixels of a picture, 1:1, with nothing on them: neither words nor the file's overlays."""
    show(opened, series, index, text, lay)
    overlays = opened.frames.load(series.key, index).overlays
    hidden = (*(one.group for one in overlays), SHUTTER)
    opened.change(lambda view: view.with_viewport(view.active, replace(view.current, hidden_overlays=hidden)))
    shown = opened.rendering.draw(opened.view.active, None)
    assert shown.picture is not None
    return shown.picture.pixels


def note(opened: Session) -> str:
    """What a file of the shown picture says of it, never who the patient is. Raises FileTrouble."""
    request = opened.rendering.request(opened.view.active, None)
    return "" if request is None else f"{PICTURE}. {request_note(opened.rendering, request)}"


def composed(
    opened: Session,
    series: Series,
    index: int,
    text: str,
    scale: float,
    lay: Callable[[], object] | None = None,
) -> NDArray[np.uint8]:
    """A picture as the window shows it, at *scale* times its own size, without the patient's identity."""
    show(opened, series, index, text, lay)
    taken = snapshots(opened, scale, False, Look(identity=False))
    return compose_layout(opened.rendering, taken, output.context())


def _named(found: Contents, with_pictures: list[Series], uid: str) -> Series:
    matching = [series for series in with_pictures if uid in (series.key, series.uid)]
    if matching:
        if len(matching) > 1:
            output.remark(f"{len(matching)} stacks have this series UID; the first is taken.")
        return matching[0]
    if any(uid in (series.key, series.uid) for series in found.series):
        raise BadValue("This series holds no pictures.", "medviewer info lists what it holds.")
    known = ", ".join(series.uid for series in with_pictures[:5]) or "none"
    raise BadValue(f"There is no series {uid!r:.80} here.", f"The series with pictures are: {known}.")


def _nothing(found: Contents, path: Path) -> tuple[str, str]:
    """What to say when there is no picture under *path*."""
    if len(found.unreadable) == 1 and not found.series:
        return found.unreadable[0].reason, "Choose another file."
    if found.series:
        problems = [problem for series in found.series for problem in series.problems]
        if path.is_file() and problems:
            return problems[-1], "Choose another file."
        return f"{path} holds no pictures.", " ".join(dict.fromkeys(problems[:3]))
    if found.unreadable:
        return (
            f"None of the {len(found.unreadable)} files in {path} can be read as DICOM.",
            f"The first: {found.unreadable[0].reason}",
        )
    return f"{path} holds no files.", "Choose a file or a folder with DICOM images."
