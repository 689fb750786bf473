"""Labels measured for a report: how large each is, and what its values are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medviewer.core.finding import State
from medviewer.core.labels import Label, LabelMap
from medviewer.core.study import Series, Study
from medviewer.export.report.content import Table, cell
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import value_of
from medviewer.session.found.tracked import in_force
from medviewer.session.label_planes import label_stack
from medviewer.session.reporting.facts import name_of, told
from medviewer.session.reporting.order import Identity

if TYPE_CHECKING:
    from medviewer.imaging.segment.grid import Grid, Mask
    from medviewer.session.session import Session

HEADS = ("Label", "Size", "Mean", "SD", "Made by", "Series")
SHARES = (3.4, 2.2, 2.0, 2.0, 3.4, 3.2)
NOTE = "Sizes count whole voxels; mean and SD (of a population) are of modality values, padding left out."


@frozen
class LabelWork:
    """One label map, and what its series is called."""

    series: Series
    group: LabelMap
    words: str


def label_work(session: Session, study: Study, identity: Identity) -> tuple[LabelWork, ...]:
    """The label maps of a study. Main thread; nothing is decoded."""
    document, hidden = session.state.document, session.view.hidden_objects
    return tuple(
        LabelWork(series, group, name_of(told(series, identity)))
        for series in study.series
        for group in in_force(document.reading(series.key), hidden).groups
        if group.state is not State.REJECTED
    )


def label_table(session: Session, work: tuple[LabelWork, ...], context: TaskContext) -> Table | None:
    """The table of all labels, None where there are none; slow. Raises FileTrouble, SeriesTrouble."""
    rows = [row for one in work for row in _rows(session, one, context)]
    return Table("Labels", HEADS, tuple(rows), SHARES, NOTE) if rows else None


def _rows(session: Session, one: LabelWork, context: TaskContext) -> list[tuple[str, ...]]:
    rows = []
    for labels, grid, where in _parts(session, one, context):
        for label in one.group.labels:
            context.check()
            mask = labels == label.value
            if mask.any():
                rows.append(_row(one, label, mask, grid, where))
    return rows


def _parts(session: Session, one: LabelWork, context: TaskContext) -> list[tuple[Mask, Grid, str]]:
    """The labels on the grids on which they are measured: a stack, or pictures one by one."""
    # few readers need it, and it brings image libraries along
    from medviewer.imaging.segment.grid import grid_of, grid_of_frame  # noqa: PLC0415

    series, slices = one.series, one.group.slices
    marked = [index for index, labels in enumerate(slices) if labels is not None and index < series.count]
    geometry = session.frames.geometry(series)
    found = []
    if geometry is None or series.count == 1:
        for index in marked:
            words = "" if series.count == 1 else f", picture {index + 1}"
            frame = session.frames.load(series.key, index, context=context)
            # the area of a projection is that of its shadow
            words += f", {frame.plane.calibration.remark}" if frame.plane.calibration.remark else ""
            found.append((slices[index], grid_of_frame(frame), words))
        return found  # type: ignore[return-value]
    for value in sorted({value_of(series, index) for index in marked}):
        volume = session.frames.volume(series.key, value * series.places, context)
        stack = label_stack(series, volume.geometry, slices, value)
        words = "" if series.dimension is None else f", {series.dimension.words(value)}"
        found.append((stack, grid_of(volume), words))
    return found  # type: ignore[return-value]


def _row(one: LabelWork, label: Label, mask: Mask, grid: Grid, where: str) -> tuple[str, ...]:
    from medviewer.imaging.segment.measured import measured  # noqa: PLC0415  (see above)

    found = measured(mask, grid)
    unit = found.value_unit
    meaning = "" if label.meaning is None or label.meaning.meaning == label.name else label.meaning.meaning
    return (
        cell("\n".join(filter(None, (label.name, meaning)))),
        f"{_size(found.size, found.unit)} {found.unit}",
        "" if found.mean is None else f"{found.mean:.1f} {unit}".strip().replace("-", "\N{MINUS SIGN}"),
        "" if found.sd is None else f"{found.sd:.1f} {unit}".strip(),
        cell(made_by(one.group, label)),
        cell(one.words + where),
    )


def _size(size: float, unit: str) -> str:
    if unit in ("px²", "voxels"):
        return f"{size:,.0f}"
    return f"{size:,.2f}" if unit == "ml" else f"{size:,.1f}"


def made_by(group: LabelMap, label: Label) -> str:
    """Who made a label, with which method, and whether anybody has accepted what a model said."""
    if group.provenance is None:
        return f"the reader, with {label.method}" if label.method else "the reader"
    return f"{group.provenance}, {group.state.value}"
