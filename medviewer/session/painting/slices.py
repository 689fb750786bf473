"""From slice to slice: what lies between labelled ones, and the same on the next."""

from __future__ import annotations

from medviewer.imaging.segment.between_slices import between_slices
from medviewer.imaging.segment.grid import Mask
from medviewer.imaging.segment.painting import Patch
from medviewer.kit.errors import BadValue
from medviewer.kit.task import TaskContext
from medviewer.session.painting.ahead import Painted, paint_ahead, put_painted
from medviewer.session.painting.covered import Easel
from medviewer.session.painting.target import Target, existing, in_background, put, target
from medviewer.session.session_type import Session


def interpolate(session: Session, number: int, label: int) -> None:
    """Fill the slices between those that hold a label of viewport *number*, in the background.

    It is told where there are no such slices. Raises BadValue where nothing can be painted.
    """
    easel = Easel(session, number)
    into = existing(session, easel.series.key, label)
    over_others, key, group = session.view.brush.over_others, easel.series.key, into.found_as
    free, numbers = into.free(False, over_others), easel.numbers
    planes = [easel.series.frames[one].plane for one in numbers]

    def work(context: TaskContext) -> Painted:
        shapes = _shapes(into, numbers)
        places = sorted(shapes)
        if len(places) < 2 or places[-1] - places[0] == len(places) - 1:
            raise BadValue(
                f"There are no slices to fill between those of {into.label.name}.",
                "Paint it on two slices with others between them.",
            )
        positions = [planes[0].distance(one.origin) for one in planes]
        shifts = [one.to_image(planes[0].origin) for one in planes]
        found = between_slices(shapes, positions, planes[0].spacing, shifts, context)
        patches = ((numbers[at], Patch((0, 0), mask)) for at, mask in found.items())
        return paint_ahead(into, patches, free)

    def done(found: Painted) -> None:
        now = target(session, key, into.label.value, group)
        held = _held_meanwhile(into, now)  # what was painted meanwhile is the reader's
        put_painted(session, now, found, f"Interpolate {now.label.name}", now.free(False, over_others), held)

    in_background(session, f"Interpolating {into.label.name}", work, done)


def copy(session: Session, number: int, by: int, label: int) -> None:
    """Add what a label holds on the slice of viewport *number* to the next *by* slices, and go to the last.

    A negative number leads back. Raises BadValue.
    """
    easel = Easel(session, number)
    if easel.viewport.cut is not None:
        raise BadValue("Slices are copied as they were acquired, not planes.", "Show the slices as acquired.")
    into = existing(session, easel.series.key, label)
    values = into.group.slices[easel.index]
    mask = None if values is None else values == into.label.value
    if mask is None or not mask.any():
        raise BadValue(
            f"There is nothing of {into.label.name} on this slice.", "Go to a slice that has some."
        )
    numbers, way = easel.numbers, 1 if by > 0 else -1
    at = numbers.index(easel.index)
    wanted = [numbers[one] for one in range(at + way, at + by + way, way) if 0 <= one < len(numbers)]
    if not wanted:
        raise BadValue("There is no further slice.", "")
    free = into.free(False, session.view.brush.over_others)
    put(session, into, ((one, Patch((0, 0), mask)) for one in wanted), f"Copy {into.label.name}", free)
    session.run("view.goto", index=wanted[-1] % max(easel.series.places, 1), viewport=number)


def _held_meanwhile(before: Target, now: Target) -> set[int]:
    """The pictures that hold the label of *now* and have changed since *before*."""
    pairs = enumerate(zip(before.group.slices, now.group.slices, strict=False))
    return {
        at
        for at, (old, new) in pairs
        if new is not None and new is not old and bool((new == now.label.value).any())
    }


def _shapes(into: Target, numbers: tuple[int, ...]) -> dict[int, Mask]:
    """What a label holds, by the place of its picture in *numbers*."""
    found = {}
    for at, number in enumerate(numbers):
        values = into.group.slices[number] if number < len(into.group.slices) else None
        if values is not None and (mask := values == into.label.value).any():
            found[at] = mask
    return found
