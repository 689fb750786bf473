"""The second dimension of a series as viewports show it: which value, and which place within it."""

from __future__ import annotations

from dataclasses import replace

from medviewer.core.study import Series
from medviewer.session.state import View


def value_of(series: Series, index: int) -> int:
    """The number of the value to which picture *index* belongs; 0 without a dimension."""
    return index // max(series.places, 1)


def place_of(series: Series, index: int) -> int:
    """The number of picture *index* among those of its value."""
    return index % max(series.places, 1)


def block(series: Series, index: int) -> range:
    """The pictures of the value to which picture *index* belongs."""
    start = value_of(series, index) * series.places
    return range(start, min(start + series.places, series.count))


def within(series: Series, index: int, place: int) -> int:
    """The picture at *place*, kept in range, of the value to which picture *index* belongs."""
    around = block(series, index)
    return around[max(0, min(place, len(around) - 1))] if around else 0


def at_value(series: Series, index: int, value: int) -> int:
    """The picture at the same place of another value, kept in range."""
    if series.dimension is None:
        return index
    last = len(series.dimension.values) - 1
    return max(0, min(value, last)) * series.places + place_of(series, index)


def with_value(view: View, number: int, series: Series, value: int) -> View:
    """*view* with another value in viewport *number*, and in those that go together with it."""
    for one in going_together(view, number):
        viewport = view.viewports[one]
        view = view.with_viewport(one, replace(viewport, index=at_value(series, viewport.index, value)))
    return view


def going_together(view: View, number: int) -> tuple[int, ...]:
    """The viewports that always show the same value as viewport *number*, which is one of them.

    Planes through one stack, and the slices beside them, belong together; so do the linked cells of the
    enhancement grid. Others that are linked are not among them: two phases can be compared side by side.
    """
    leader = view.viewports[number]
    beside = view.before_planes is not None or (view.before_grid is not None and view.linked)
    return tuple(
        one
        for one, viewport in enumerate(view.viewports[: view.layout.count])
        if one == number
        or (
            viewport.series == leader.series
            and (beside or (leader.cut is not None and viewport.cut is not None))
        )
    )
