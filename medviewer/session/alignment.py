"""Keeping labels and findings on the pictures they were made for, however a series is renumbered.

Slices of a label map and the frames of findings count as the pictures of a series do. When more files of the
series are found, or fewer are opened, pictures get other numbers; what is known then moves with its picture.
"""

from __future__ import annotations

from dataclasses import replace

from medviewer.core.finding import Finding
from medviewer.core.labels import LabelMap
from medviewer.core.study import Series
from medviewer.session.state import Picture, Reading


def pictures_of(series: Series) -> tuple[Picture, ...]:
    """What each number of a series means: the instance and the frame of it."""
    return tuple((series.instances[one.instance].sop_instance, one.frame) for one in series.frames)


def aligned(reading: Reading, series: Series) -> Reading:
    """The same work with the numbers that *series* has now.

    What belongs to pictures that are not open stands behind the others, where nothing shows it and saving
    keeps it. A label slice that is not as large as its picture is left out.
    """
    if not reading.groups and not reading.findings:
        return reading if not reading.pictures else replace(reading, pictures=())
    now = pictures_of(series)
    before = reading.pictures or now
    if before[: len(now)] == now:
        return reading if reading.pictures else replace(reading, pictures=now)
    here = set(now)
    pictures = now + tuple(one for one in before if one not in here)
    number = {one: at for at, one in enumerate(pictures)}
    moved = tuple(number[one] for one in before)
    return replace(
        reading,
        groups=tuple(_moved(one, moved, len(pictures), series) for one in reading.groups),
        findings=tuple(_renumbered(one, moved) for one in reading.findings),
        pictures=pictures,
    )


def _moved(labels: LabelMap, moved: tuple[int, ...], count: int, series: Series) -> LabelMap:
    given = dict(zip(moved, labels.slices, strict=False))
    slices = [given.get(at) for at in range(count)]
    for at, one in enumerate(series.frames):
        values = slices[at]
        if values is not None and values.shape != one.plane.shape:
            slices[at] = None
    return replace(labels, slices=tuple(slices))


def _renumbered(finding: Finding, moved: tuple[int, ...]) -> Finding:
    if finding.frame is None or not 0 <= finding.frame < len(moved):
        return finding
    return replace(finding, frame=moved[finding.frame])
