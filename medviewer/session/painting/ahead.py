"""Painting through whole stacks: a worker paints and packs the slices, and the window only takes them."""

from __future__ import annotations

from collections.abc import Mapping, Set
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import read_only
from medviewer.imaging.segment.painting import Patch
from medviewer.kit.frozen import frozen
from medviewer.session.keeping.packing import pack_ahead
from medviewer.session.painting.target import Patches, Slice, Target, changed_by, keep
from medviewer.session.session_type import Session


@frozen(eq=False)
class Painted:
    """Slices as they were and as painting makes them, by the number of their picture."""

    patches: Mapping[int, Patches]
    before: Mapping[int, Slice | None]
    after: Mapping[int, Slice | None]
    """of those that change"""
    value: int
    free: NDArray[np.bool_]
    erase: bool


def paint_ahead(into: Target, patches: Patches, free: NDArray[np.bool_], erase: bool = False) -> Painted:
    """What painting where labels are *free* makes of the slices of a target. Workers call it."""
    of_picture: dict[int, list[tuple[int, Patch]]] = {}
    for number, patch in patches:
        of_picture.setdefault(number, []).append((number, patch))
    before = {one: into.group.slices[one] for one in of_picture if one < len(into.group.slices)}
    changed = changed_by(into, chain(*of_picture.values()), free, erase)
    after = {one: None if values is None else read_only(values) for one, values in changed.items()}
    pack_ahead(after.values())  # the window would wait for it when the journal takes this
    return Painted(of_picture, before, after, into.label.value, free, erase)


def put_painted(
    session: Session,
    into: Target,
    found: Painted,
    words: str,
    free: NDArray[np.bool_],
    but: Set[int] = frozenset(),
) -> None:
    """Put what was painted ahead into its label as it is now, *but* on some pictures.

    Slices that have changed meanwhile are painted anew.
    """
    slices = into.group.slices
    is_same = into.label.value == found.value and np.array_equal(free, found.free)
    fitting = {
        one for one, values in found.before.items() if is_same and one < len(slices) and slices[one] is values
    } - but
    anew = chain(*(patches for one, patches in found.patches.items() if one not in fitting | but))
    changed = {one: values for one, values in found.after.items() if one in fitting}
    changed |= changed_by(into, anew, free, found.erase)
    if changed:
        keep(session, into, into.group.with_slices(changed), words)
