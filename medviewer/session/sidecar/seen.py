"""What stood in the viewports when a picture was saved: everything that decides its pixels, and a file of it.

UIDs are in it, as without them nobody would find the pictures again; names, dates and descriptions are not.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import medviewer
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import Series
from medviewer.core.vectors import Point
from medviewer.export.exporter import trouble
from medviewer.imaging.request import RenderRequest
from medviewer.kit.errors import BadValue, ExportTrouble, FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.kit.plain import from_plain, to_plain
from medviewer.session.pictures import Look, Taken
from medviewer.session.rendering import Rendering
from medviewer.session.shown_labels import is_seen
from medviewer.session.state import CornerText, Layout, Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session

FORMAT = 1
LARGEST_FILE = 16 << 20


@frozen
class SeenViewport:
    """One viewport, and the picture in it by its UIDs."""

    viewport: Viewport
    """its index is a hint only: *instance* and *frame* name the picture"""
    study: str = ""
    """Study Instance UID"""
    series: str = ""
    """Series Instance UID"""
    instance: str = ""
    """SOP Instance UID"""
    frame: int = 0
    recipe: Pipeline = Pipeline()
    """what was done to the picture, whoever asked for it"""
    recipe_sha256: str = ""
    annotations: tuple[str, ...] = ()
    """ids of those that were drawn over the picture"""
    labels: tuple[tuple[str, int], ...] = ()
    """(id of the group, value) of those that were drawn over it"""
    size: tuple[int, int] = (1, 1)
    """(height, width) in the picture that was saved"""
    density: float = 1.0
    """how large words and strokes were"""


@frozen
class Seen:
    """All of it."""

    viewports: tuple[SeenViewport, ...]
    layout: Layout = Layout()
    active: int = 0
    columns: int = 1
    """of the picture that was saved"""
    cells: tuple[int, ...] = (0,)
    """the viewports in it, row by row"""
    look: Look = Look()
    corner_text: CornerText = CornerText.FULL
    labels_hidden: bool = False
    annotations_hidden: bool = False
    reference_lines: bool = True
    linked: bool = False
    solo: bool = False
    group: str = ""
    label: int = 0
    selected: str = ""
    crosshair: Point | None = None
    planes: bool = False
    """whether the planes of a stack stand side by side, at one scale"""
    overlay_color: str = ""
    by: str = ""
    """the program that wrote it, with its version"""


def seen(session: Session, taken: Taken, numbers: tuple[int, ...], look: Look) -> Seen:
    """What is seen now, of which *taken* is the picture that shows the viewports *numbers*. Main thread."""
    view = session.view
    count = view.layout.count
    sizes = dict(zip(numbers, taken.cells, strict=True))
    viewports = []
    for number, viewport in enumerate(view.viewports[:count]):
        one = _viewport(session, number, viewport)
        if number in sizes:
            drawn = sizes[number]
            ids = () if drawn.scene is None else tuple(found.id for found in drawn.scene.annotations)
            density = 1.0 if drawn.scene is None else drawn.scene.density
            one = replace(one, size=drawn.size, density=density, annotations=ids)
        viewports.append(one)
    return Seen(
        tuple(viewports),
        layout=view.layout,
        active=view.active,
        columns=taken.columns,
        cells=numbers,
        look=look,
        corner_text=view.corner_text,
        labels_hidden=view.labels_hidden,
        annotations_hidden=view.annotations_hidden,
        reference_lines=view.reference_lines,
        linked=view.linked,
        solo=view.solo,
        group=view.group,
        label=view.label,
        selected=view.selected,
        crosshair=view.crosshair,
        planes=view.before_planes is not None,
        overlay_color=view.overlay_color,
        by=f"medviewer {medviewer.__version__}",
    )


def decided(rendering: Rendering, seen: Seen, taken: Taken) -> Seen:
    """With the windows that the pictures themselves have decided: known once they are decoded."""
    viewports = list(seen.viewports)
    for number, one in zip(seen.cells, taken.cells, strict=True):
        if isinstance(one.request, RenderRequest):
            voi = rendering.decided(one.request)
            if voi.is_known:
                viewport = replace(viewports[number].viewport, voi=voi)
                viewports[number] = replace(viewports[number], viewport=viewport)
    return replace(seen, viewports=tuple(viewports))


def write_seen(seen: Seen, path: Path) -> Path:
    """Write it. A file that is something else is not replaced. Raises ExportTrouble."""
    if path.exists() and not is_view(path):
        raise ExportTrouble(
            f"{path.name} is there already and is no view of medviewer.",
            "Choose another name for the picture.",
        )
    content = json.dumps({"medviewer_view": FORMAT, **to_plain(seen)}, indent=1, allow_nan=False)
    try:
        write_atomically(path, content.encode())
    except OSError as error:
        raise trouble(path, error) from None
    return path


def read_seen(path: Path) -> Seen:
    """What is in a file that `write_seen` wrote. Raises FileTrouble."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileTrouble(f"{path.name} is too large for a view.", "")
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict) and "medviewer_readings" in found:
            raise FileTrouble(f"{path.name} holds a reading, not a view.", "Open it with File, Load reading.")
        version = found["medviewer_view"]
        if type(version) is int and version > FORMAT:
            raise FileTrouble(f"{path.name} was saved by a newer medviewer.", "Update medviewer to open it.")
        if isinstance(version, bool) or version != FORMAT:
            raise ValueError("a format that never was")
        made = from_plain(Seen, found)
        _check(made)
        return made
    except OSError as error:
        raise FileTrouble(
            f"{path.name} cannot be read: {error.strerror or 'the disk refused'}.", "Check that it is there."
        ) from None
    except (BadValue, ValueError, KeyError, TypeError, RecursionError):
        raise FileTrouble(
            f"{path.name} is no view that medviewer has saved.", "Choose the file beside a saved picture."
        ) from None


def is_view(path: Path) -> bool:
    """Whether a file is a view, whole or not; looks at its beginning only."""
    try:
        with open(path, "rb") as file:
            return b'"medviewer_view"' in file.read(64)
    except OSError:
        return False


def _check(found: Seen) -> None:
    """Raise ValueError where numbers contradict each other."""
    count = found.layout.count
    if not (1 <= found.layout.rows <= 3 and 1 <= found.layout.columns <= 3 and len(found.viewports) == count):
        raise ValueError("no such layout")
    if not (0 <= found.active < count and found.cells and all(0 <= one < count for one in found.cells)):
        raise ValueError("no such viewport")
    if not 1 <= found.columns <= len(found.cells):
        raise ValueError("no such picture")
    for one in found.viewports:
        if not (one.viewport.zoom > 0 and one.viewport.rotation in (0, 90, 180, 270) and one.density > 0):
            raise ValueError("no such viewing")
        if not all(1 <= side <= 1 << 15 for side in one.size):
            raise ValueError("no such size")


def _viewport(session: Session, number: int, viewport: Viewport) -> SeenViewport:
    series = session.series(viewport.series)
    study = session.study_of(viewport.series)
    still = replace(viewport, playing=False)
    if series is None or study is None or not series.count:
        return SeenViewport(still)
    instance, frame = _picture(series, viewport.index)
    pipeline = session.rendering.shown_pipeline(number)
    labels = tuple(
        (group.id, label.value)
        for group in session.rendering.groups(number)
        for label in group.labels
        if is_seen(session.view, group, label)
    )
    return SeenViewport(
        still,
        study=study.uid,
        series=series.uid,
        instance=instance,
        frame=frame,
        recipe=pipeline,
        recipe_sha256=pipeline.sha256,
        labels=labels,
    )


def _picture(series: Series, index: int) -> tuple[str, int]:
    address = series.frames[min(index, series.count - 1)]
    return series.instances[address.instance].sop_instance, address.frame
