"""Scissors: a label without what an outline covers, or nothing of it but that."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from medviewer.core.vectors import Point
from medviewer.imaging.segment.painting import Patch, inside_outline
from medviewer.imaging.segment.scissors import Outline
from medviewer.kit.task import TaskContext
from medviewer.session.painting.ahead import Painted, paint_ahead, put_painted
from medviewer.session.painting.covered import Easel
from medviewer.session.painting.target import existing, in_background, put, target
from medviewer.session.session_type import Session


def scissors(
    session: Session, number: int, points: Sequence[Point], label: int, keep: bool, through: bool
) -> None:
    """Cut a label away inside an outline on viewport *number*, or outside it. Raises BadValue."""
    easel = Easel(session, number)
    into = existing(session, easel.series.key, label)
    into.free(True, True)
    words = f"Cut {into.label.name}"
    if through and easel.plane.placed:
        _through(session, easel, points, into.label.value, into.found_as, keep)
        return
    patch = inside_outline(easel.plane, points)
    if keep:
        mask = np.ones(easel.plane.shape, bool)
        mask[patch.part] &= ~patch.mask
        kept = easel.on_pictures(patch)
        patches = {
            one: _without(found, kept.get(one))
            for one, found in easel.on_pictures(Patch((0, 0), mask)).items()
        }
    else:
        patches = easel.on_pictures(patch)
    put(session, into, patches.items(), words, into.free(True, True), erase=True)


def _through(
    session: Session, easel: Easel, points: Sequence[Point], label: int, group: str, keep: bool
) -> None:
    """All slices along the view, in the background: a label may lie on hundreds."""
    key, frames = easel.series.key, easel.series.frames
    into = target(session, key, label, group)
    slices, free = into.group.slices, into.free(True, True)
    numbered = ((one, slices[one]) for one in easel.numbers if one < len(slices))
    labelled = [(one, values) for one, values in numbered if values is not None]

    def work(context: TaskContext) -> Painted:
        outline, found = Outline(easel.plane, points), []
        for done, (one, values) in enumerate(labelled):
            context.report(done / len(labelled), "Cutting")
            own = values == label
            covered = outline.covers(frames[one].plane, own)
            found.append((one, Patch((0, 0), own & ~covered if keep else covered)))
        return paint_ahead(into, found, free, erase=True)

    def done(found: Painted) -> None:
        now = target(session, key, label, group)
        put_painted(session, now, found, f"Cut {now.label.name}", now.free(True, True))

    in_background(session, "Cutting", work, done)


def _without(patch: Patch, kept: Patch | None) -> Patch:
    """A patch without the pixels of another."""
    if kept is None:
        return patch
    rows, columns = patch.indices()
    spots = np.stack([rows, columns], axis=1) - kept.start
    near = np.flatnonzero(((spots >= 0) & (spots < kept.mask.shape)).all(axis=1))
    there = near[kept.mask[spots[near, 0], spots[near, 1]]]
    mask = patch.mask.copy()
    mask[rows[there] - patch.start[0], columns[there] - patch.start[1]] = False
    return Patch(patch.start, mask)
