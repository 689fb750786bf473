"""What stood where in the window, as a file: which studies, which pictures, how they were shown."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from medviewer.core.study import Study
from medviewer.imaging.colormaps import color_maps
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.plain import from_plain, to_plain
from medviewer.session.keeping.plain import DAMAGE
from medviewer.session.state import MAX_VIEWPORTS, Brush, Cells, Layout, Picture, View, Viewport

FORMAT = 1
LARGEST_FILE = 16 << 20
MOST_FILES = 2000
"""So many files of a study are named one by one; of more, their folders."""
MOST_PATHS = 10_000

MOMENTARY = (
    *("peek", "labels_hidden", "selected", "copied", "preview", "solo", "blinking", "blinked_off"),
    *("blind", "playing"),
)
"""What of a view is held, tried or running at one moment, and is not so at the next start."""

FORGIVING = (View, Viewport, Layout, Brush)
"""What is taken without those of its parts that are damaged."""

SMALLEST_ZOOM, LARGEST_ZOOM = 1e-3, 1e4
LARGEST_SIDE = 3


@frozen
class Seen:
    """What stood where."""

    view: View = View()
    pictures: tuple[Picture | None, ...] = ()
    """which picture each viewport showed, whatever number it has now"""
    cells: Cells = ()
    """of the enhancement grid"""
    paths: tuple[str, ...] = ()
    """what was opened"""
    ended: bool = True
    """whether the program was closed, or nothing was open any more"""


def plain_seen(seen: Seen) -> dict[str, Any]:
    """What stood where for a JSON file."""
    return {
        "medviewer_workplace": FORMAT,
        "ended": seen.ended,
        "paths": list(seen.paths),
        "pictures": to_plain(seen.pictures),
        "cells": to_plain(seen.cells),
        "view": to_plain(seen.view, without=MOMENTARY),
    }


def seen_of(found: Any) -> Seen | None:
    """What `plain_seen` wrote; parts that cannot be used have their defaults. None where nothing can be."""
    if not isinstance(found, Mapping) or not isinstance(found.get("view"), dict):
        return None
    parts: dict[str, Any] = {}
    kinds = {"ended": bool, "paths": tuple[str, ...], "pictures": tuple[Picture | None, ...], "cells": Cells}
    for name, kind in kinds.items():
        try:
            parts[name] = from_plain(kind, found.get(name))
        except BadValue:
            continue  # its default
    seen = Seen(sound_view(from_plain(View, found["view"], FORGIVING)), **parts)
    cells = seen.cells if all(_is_known(one) for one in seen.cells) else ()
    paths = tuple(one for one in seen.paths if "\0" not in one)[:MOST_PATHS]
    return replace(seen, cells=cells, paths=paths)


def read_seen(path: Path) -> Seen | None:
    """What is in the file of the workplace, None when there is none. Raises FileTrouble."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError("far too large")
        return seen_of(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, *DAMAGE):
        raise FileTrouble(
            "What stood where the last time cannot be read.", "Open the studies again; your work is kept."
        ) from None


def sound_view(view: View) -> View:
    """*view* with nothing in it that no command could have brought about."""
    count = range(1, LARGEST_SIDE + 1)
    layout = view.layout if view.layout.rows in count and view.layout.columns in count else Layout()
    given = (*view.viewports, *(Viewport(),) * MAX_VIEWPORTS)[:MAX_VIEWPORTS]
    befores: dict[str, Any] = {
        name: None if (before := getattr(view, name)) is None else sound_view(before)
        for name in ("before_compare", "before_planes", "before_grid")
    }
    return replace(
        view,
        layout=layout,
        viewports=tuple(_sound_viewport(one) for one in given),
        active=view.active if 0 <= view.active < layout.count else 0,
        cine_rate=min(max(view.cine_rate, 1.0), 60.0),
        brush=replace(view.brush, diameter=min(max(view.brush.diameter, 0.1), 1000.0)),
        **befores,
    )


def _sound_viewport(viewport: Viewport) -> Viewport:
    known = {one.name for one in color_maps()}
    fusion, cut, body = viewport.fusion, viewport.cut, viewport.view3d
    if fusion is not None:
        fusion = None if fusion.colors not in known else replace(fusion, opacity=_share(fusion.opacity))
    if cut is not None and not _is_frame(cut.along_row, cut.along_column):
        cut = None
    if body is not None and not _is_frame(body.along_row, body.along_column):
        body = None
    against = viewport.against
    if against is not None and not 0 <= against.viewport < MAX_VIEWPORTS:
        against = None
    return replace(
        viewport,
        index=max(0, viewport.index),
        zoom=min(max(viewport.zoom, SMALLEST_ZOOM), LARGEST_ZOOM),
        rotation=viewport.rotation if viewport.rotation in (0, 90, 180, 270) else 0,
        colors=viewport.colors if viewport.colors in known else "",
        recipe=viewport.recipe if _is_known(viewport.recipe) else None,
        fusion=fusion,
        cut=cut,
        view3d=body,
        against=against,
    )


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _is_frame(along_row: Iterable[float], along_column: Iterable[float]) -> bool:
    """Whether two vectors are unit vectors at right angles."""
    row, column = tuple(along_row), tuple(along_column)
    products = (
        sum(a * b for a, b in zip(one, other, strict=True))
        for one, other in ((row, row), (column, column), (row, column))
    )
    return all(abs(found - wanted) < 1e-3 for found, wanted in zip(products, (1, 1, 0), strict=True))


def _is_known(recipe: Any) -> bool:
    """Whether this medviewer can do what a recipe asks for."""
    return recipe is None or all(step.operation in ENHANCEMENTS for step in recipe.steps)


def paths_of(studies: Iterable[Study], opened_from: Iterable[str]) -> tuple[str, ...]:
    """What has to be opened so that *studies* are open again; at best what they were opened from."""
    roots = {one: _below(one) for one in opened_from}
    found: dict[str, None] = {}
    for study in studies:
        rest = {os.path.abspath(one.path) for series in study.series for one in series.instances}
        for root, folder in roots.items():
            inside = {one for one in rest if one == root or one.startswith(folder)}
            if inside:
                found[root] = None
                rest -= inside
        if len(rest) > MOST_FILES:
            rest = {os.path.dirname(one) for one in rest}
        found.update(dict.fromkeys(sorted(rest)))
    return tuple(found)


def _below(root: str) -> str:
    """What the paths begin with that come from *root*; a DICOMDIR speaks of all beside it."""
    folder = os.path.dirname(root) if os.path.basename(root).upper() == "DICOMDIR" else root
    return folder.rstrip(os.sep) + os.sep
