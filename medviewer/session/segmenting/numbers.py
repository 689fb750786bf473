"""The labels of a series in numbers, computed in the background; tables of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from medviewer.core.geometry import Calibration
from medviewer.core.labels import Label, LabelMap
from medviewer.core.study import Series
from medviewer.imaging.segment.grid import grid_of_frame
from medviewer.imaging.segment.statistics import PERCENTILES, PartStatistics, Tally, depths
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import block
from medviewer.session.measuring.calibrating import uid_of, with_scale
from medviewer.session.segmenting.combining import part
from medviewer.session.session_type import Session

VOXELS = "Volume: voxels × their size; area of a pixel × distance between slices, across them."
SHARES = "Volume: area × each slice's share of the stack, as the slices are not at equal distances."
NO_STACK = "No volume: these pictures form no stack. Areas are those of single pictures."
NO_SCALE = "The file does not say how large a pixel is: sizes are in pixels."
VALUES = "Values are those of the modality, never enhanced, padding left out; SD of the population (÷ N)."
Scales = tuple[tuple[str, float], ...]
UNEVEN = 0.01
"""Slices whose shares differ by more than this part are not at equal distances."""


@frozen(eq=False)
class LabelNumbers:
    """One label, and how its numbers came about."""

    group: str
    """name of its group"""
    label: Label
    found: PartStatistics
    rule: str


def numbers(
    session: Session,
    series: Series,
    index: int,
    wanted: Iterable[tuple[LabelMap, Label]],
    context: TaskContext,
    scales: Scales = (),
) -> tuple[LabelNumbers, ...]:
    """The numbers of labels on the pictures of the value that picture *index* has, in their order.

    *scales* are those set by hand (`Reading.scales`). Slow. Raises FileTrouble, SeriesTrouble, Cancelled.
    """
    wanted = tuple(wanted)
    tallies = [Tally() for _ in wanted]
    indices = tuple(block(series, index))
    planes = [with_scale(series.frames[at].plane, scales, uid_of(series, at)) for at in indices]
    is_stack = session.frames.geometry(series) is not None and len(planes) > 1
    shares = depths(planes) if is_stack else ()
    for number, at in enumerate(indices):
        context.report(number / len(indices), "Numbers of labels")
        masks = [part(group, label.value, at) for group, label in wanted]
        if all(mask is None for mask in masks):
            continue
        grid = grid_of_frame(session.frames.load(series.key, at, context=context))
        for tally, mask in zip(tallies, masks, strict=True):
            if mask is not None and mask.shape == grid.values.shape:
                tally.add(at, mask, grid, planes[number], shares[number] if shares else None)
    calibration = planes[0].ruler[1] if planes else Calibration.NONE
    remark = calibration.remark if calibration.unit == "mm" else ""
    beside = f" Lengths are {remark}." if remark else ""
    return tuple(
        LabelNumbers(group.name, label, found, _rule(found, shares) + beside)
        for (group, label), found in zip(wanted, (one.statistics() for one in tallies), strict=True)
    )


def rows(told: Iterable[LabelNumbers]) -> Iterator[tuple[str | float | int | None, ...]]:
    """A table of them, its head first; None where nothing can be said."""
    yield (
        "label",
        "group",
        "meaning",
        "code",
        "volume [ml]",
        "largest area",
        "area unit",
        "slices",
        "voxels",
        "mean",
        "SD (population)",
        "minimum",
        *(f"P{share}" for share in PERCENTILES),
        "maximum",
        "unit",
        "longest diameter [mm]",
        "rule",
    )
    for one in told:
        found, meaning = one.found, one.label.meaning
        largest = max(found.areas, key=lambda area: area[1], default=None)
        yield (
            one.label.name,
            one.group,
            "" if meaning is None else meaning.meaning,
            "" if meaning is None else f"{meaning.scheme} {meaning.value}",
            found.volume_ml,
            None if largest is None else largest[1],
            "" if largest is None else largest[2],
            found.slices,
            found.voxels,
            found.mean,
            found.sd,
            found.minimum,
            *(found.percentiles or (None,) * len(PERCENTILES)),
            found.maximum,
            found.unit,
            found.diameter_mm,
            one.rule,
        )


def _rule(found: PartStatistics, shares: tuple[float, ...]) -> str:
    if any(unit != "mm²" for _, _, unit in found.areas):
        return NO_SCALE
    if not shares:
        return NO_STACK
    return SHARES if max(shares) - min(shares) > UNEVEN * max(shares) else VOXELS
