"""Planes through stacks as viewports show them: where they may lie, and how they move together."""

from __future__ import annotations

import math
from dataclasses import replace

from medviewer.core import vectors
from medviewer.core.cut import PLANES, Cut, anatomical
from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.study import Series
from medviewer.core.vectors import Point, Vector, cross, dot, point, rotated, squared
from medviewer.imaging.reslice import reach
from medviewer.imaging.reslice_grid import aligned
from medviewer.kit.errors import BadValue
from medviewer.session.dimension import block, place_of
from medviewer.session.session_type import Session
from medviewer.session.state import View, Viewport

STRAIGHT = 1e-6
"""Directions that differ by no more are anatomical ones again."""


def stack_of(session: Session, viewport: Viewport) -> ImageGeometry:
    """The grid through which planes of a viewport are cut. Raises BadValue with the reason for none."""
    series = session.series(viewport.series)
    if series is None or not series.count:
        raise BadValue("There is no stack to cut planes through.", "Open a study first.")
    geometry: ImageGeometry | None = session.frames.geometry(series)
    if geometry is None:
        reason = " ".join(series.problems[:2]) or "Its pictures do not lie behind one another in the patient."
        raise BadValue("No planes can be cut through this series.", reason)
    return geometry


def why_no_planes(session: Session, viewport: Viewport) -> str:
    """Why no planes can be cut through the stack of a viewport, "" when they can."""
    try:
        stack_of(session, viewport)
    except BadValue as trouble:
        return f"{trouble.message} {trouble.advice}".strip()
    return ""


def start(session: Session, viewport: Viewport) -> Point:
    """Where planes through the stack of a viewport cross at first: at the crosshair, if that lies there.

    Otherwise in the middle of the slice that is shown.
    """
    geometry = stack_of(session, viewport)
    view, plane = session.view, session.rendering.plane(viewport)
    if view.crosshair is not None and _shows_planes(session, geometry.frame_of_reference):
        return kept_inside(geometry, view.crosshair)
    if plane is None:
        return middle(geometry)
    center = plane.to_patient((plane.shape[0] - 1) / 2, (plane.shape[1] - 1) / 2)
    return kept_inside(geometry, center)


def anatomical_cut(geometry: ImageGeometry, name: str, at: Point, like: Cut | None = None) -> Cut:
    """The plane called *name* that holds *at*, with the slab of *like*. Raises BadValue for another name."""
    cut = Cut(*anatomical(name), 0.0, name=name.capitalize())
    if like is not None:
        cut = replace(cut, thickness=like.thickness, slab=like.slab)
    return holding(geometry, cut, at)


def holding(geometry: ImageGeometry, cut: Cut, at: Point) -> Cut:
    """*cut* slid to hold *at*, or as near to that as the stack reaches.

    Where its pixels are voxels it goes to the nearest of them: within one there is nothing else to see.
    """
    first, last, step = reach(geometry, cut)
    if aligned(geometry, cut.along_row, cut.along_column) is not None:
        return at_step(geometry, cut, round((cut.distance_of(at) - first) / step))
    return replace(cut, distance=min(max(cut.distance_of(at), first), last))


def steps(geometry: ImageGeometry, cut: Cut) -> tuple[int, int]:
    """(number, count): which of the planes that a wheel steps through *cut* is nearest to."""
    first, last, step = reach(geometry, cut)
    count = round((last - first) / step) + 1
    return min(max(round((cut.distance - first) / step), 0), count - 1), count


def at_step(geometry: ImageGeometry, cut: Cut, number: int) -> Cut:
    """The plane *number* of those that a wheel steps through, kept in range."""
    first, _, step = reach(geometry, cut)
    _, count = steps(geometry, cut)
    return replace(cut, distance=first + min(max(number, 0), count - 1) * step)


def place_in_stack(session: Session, viewport: Viewport) -> tuple[int, int]:
    """(number, count) of what the wheel steps through: pictures of one value, or planes of one direction."""
    series = session.series(viewport.series)
    if series is None:
        return 0, 0
    geometry = session.frames.geometry(series)
    if viewport.cut is None or geometry is None:
        return place_of(series, viewport.index), series.places
    return steps(geometry, viewport.cut)


def turned(cut: Cut, axis: Vector, degrees: float, center: Point) -> Cut:
    """*cut* turned around an axis (a unit vector) through *center*, which it holds afterwards."""
    along_row, along_column = squared(
        rotated(cut.along_row, axis, degrees), rotated(cut.along_column, axis, degrees)
    )
    straight = _straight(cut.name)
    if straight is not None and _alike((along_row, along_column), straight):
        along_row, along_column = straight
    after = replace(cut, along_row=along_row, along_column=along_column)
    return replace(after, distance=after.distance_of(center))


def tilt(cut: Cut) -> tuple[float, Vector]:
    """By how many degrees a plane was turned, and the way in which its normal went (no unit vector).

    That way stands on the normal as it was: however far a plane is turned, it is turned to one side.
    """
    straight = _straight(cut.name)
    if straight is None:
        return 0.0, (0.0, 0.0, 0.0)
    before, now = cross(*straight), cut.normal
    cosine = min(max(dot(before, now), -1.0), 1.0)
    return math.degrees(math.acos(cosine)), vectors.moved(now, before, -cosine)


def moved(session: Session, view: View, position: Point, reference: str) -> View:
    """*view* with the crosshair at *position*: every plane there holds it, slices are the nearest to it."""
    view = replace(view, crosshair=position)
    for number in range(view.layout.count):
        viewport = view.viewports[number]
        plane = session.rendering.plane(viewport)
        series = session.series(viewport.series)
        if series is None or plane is None or not plane.placed or plane.frame_of_reference != reference:
            continue
        geometry = session.frames.geometry(series)
        if viewport.cut is None or geometry is None:
            after = replace(viewport, index=nearest_slice(series, geometry, viewport.index, position))
        else:
            after = replace(viewport, cut=holding(geometry, viewport.cut, position))
        if after != viewport:
            view = view.with_viewport(number, after)
    return view


def along(session: Session, view: View, number: int, before: Viewport) -> View:
    """*view* after viewport *number* went through its stack: crosshair and planes go the same way.

    Nothing happens where no plane of the same frame of reference is shown.
    """
    plane = session.rendering.plane(view.viewports[number])
    if plane is None or view.crosshair is None or not _shows_planes(session, plane.frame_of_reference, view):
        return view
    was = session.rendering.plane(before)
    if was is None or was.frame_of_reference != plane.frame_of_reference:
        return view
    cut = view.viewports[number].cut
    # pixels of a plane along the voxels lie on their slices; the plane itself lies where it was put
    off = plane.distance(view.crosshair) if cut is None else cut.distance_of(view.crosshair) - cut.distance
    across = plane.normal if cut is None else cut.normal
    kept = view.viewports[number]
    there = vectors.moved(view.crosshair, across, -off)
    return moved(session, view, there, plane.frame_of_reference).with_viewport(number, kept)


def nearest_slice(series: Series, geometry: ImageGeometry | None, index: int, position: Point) -> int:
    """The picture nearest to *position* among those of the same value as picture *index*."""
    around = block(series, index)
    if geometry is not None and geometry.shape[0] == len(around):
        return around[min(max(round(float(geometry.to_index(position)[0])), 0), len(around) - 1)]
    return min(around, key=lambda at: abs(series.frames[at].plane.distance(position)))


def along_axis(geometry: ImageGeometry, name: str, at: float) -> Point:
    """The place at which an anatomical plane lies *at* mm along its axis of the patient: z, y or x.

    Raises BadValue with the limits beyond the stack.
    """
    axis = {"sagittal": 0, "coronal": 1, "axial": 2}[name]
    position = list(middle(geometry))
    first, last, step = reach(geometry, anatomical_cut(geometry, name, middle(geometry)))
    ends = sorted((-first, -last) if name == "sagittal" else (first, last))
    if not ends[0] - step / 2 <= at <= ends[1] + step / 2:
        raise BadValue(
            f"There is no {name} plane at {'xyz'[axis]} {at:g} mm.",
            f"This stack reaches from {ends[0]:.1f} to {ends[1]:.1f} mm.",
        )
    position[axis] = at
    return point(position)


def kept_inside(geometry: ImageGeometry, position: Point) -> Point:
    """*position*, or where the stack comes nearest to it."""
    index = geometry.to_index(position)
    inside = [min(max(at, 0.0), count - 1.0) for at, count in zip(index, geometry.shape, strict=True)]
    return point(geometry.to_patient(inside))


def middle(geometry: ImageGeometry) -> Point:
    """The middle of a stack."""
    return point(geometry.to_patient([(count - 1) / 2 for count in geometry.shape]))


def planes_in(session: Session, view: View, reference: str) -> tuple[int, ...]:
    """The viewports of the grid that show a plane in a frame of reference."""
    found = []
    for number in range(view.layout.count):
        viewport = view.viewports[number]
        plane = session.rendering.plane(viewport) if viewport.cut is not None else None
        if plane is not None and plane.frame_of_reference == reference:
            found.append(number)
    return tuple(found)


def fitted(now: Viewport, cut: Cut | None, index: int) -> Viewport:
    """Another grid of pixels, fitted and upright, seen as before otherwise."""
    return replace(now.upright(), cut=cut, view3d=None, index=index)


def plane_of(session: Session, number: int) -> Plane:
    """Where the picture of viewport *number* lies in the patient. Raises BadValue where that is not known."""
    plane = session.rendering.plane(session.view.viewports[number])
    if plane is None or not plane.placed:
        raise BadValue("This picture has no place in the patient.", "Choose a series of slices.")
    return plane


def _shows_planes(session: Session, reference: str, view: View | None = None) -> bool:
    return bool(planes_in(session, view or session.view, reference))


def _straight(name: str) -> tuple[Vector, Vector] | None:
    return anatomical(name.lower()) if name.lower() in PLANES else None


def _alike(one: tuple[Vector, Vector], other: tuple[Vector, Vector]) -> bool:
    pairs = zip(one[0] + one[1], other[0] + other[1], strict=True)
    return all(abs(a - b) <= STRAIGHT for a, b in pairs)
