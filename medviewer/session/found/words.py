"""Reports as text: an indented tree of what each entry says, and nothing that only programs need."""

from __future__ import annotations

from medviewer.core.objects import KeyPictures, ParametricMap, StudyObject
from medviewer.core.report import Item, Report
from medviewer.core.segments import Segmentation
from medviewer.core.structures import StructureSet
from medviewer.kit.frozen import frozen
from medviewer.session.found.places import Places

_CONTEXT = ("HAS OBS CONTEXT", "HAS ACQ CONTEXT", "HAS CONCEPT MOD")
MOST_LINES = 20_000


@frozen
class Line:
    """One line of a report."""

    depth: int
    name: str
    value: str = ""
    is_heading: bool = False
    is_context: bool = False
    """whether it says how the others are meant, and stands in the background"""
    pictures: tuple[tuple[str, int], ...] = ()


def report_lines(report: Report, places: Places | None = None) -> tuple[Line, ...]:
    """All entries of a report from top to bottom; *places* name pictures as the reader knows them."""
    state = "Complete" if report.is_complete else "Partial: the report is not finished"
    if report.is_verified:
        state += f", verified{' by ' * bool(report.verified_by)}{report.verified_by}"
    else:
        state += ", not verified"
    found = [Line(0, report.title, is_heading=True), Line(1, "State", state, is_context=True)]
    waiting = [(1, one) for one in reversed(report.root.items)]
    while waiting and len(found) < MOST_LINES:
        depth, item = waiting.pop()
        found.append(_line(depth, item, places))
        waiting += [(depth + 1, one) for one in reversed(item.items)]
    return tuple(_images_together(found))


def object_lines(found: StudyObject, places: Places) -> tuple[Line, ...]:
    """What any object says, line by line."""
    content = found.content
    if isinstance(content, Report):
        return report_lines(content, places)
    lines = [Line(0, found.label, is_heading=True)]
    if isinstance(content, Segmentation):
        for one in content.segments:
            who = " ".join(filter(None, (one.algorithm, one.version)))
            how = ", ".join(filter(None, (one.meaning.meaning if one.meaning else "", one.how.lower(), who)))
            lines.append(Line(1, one.name, how))
    elif isinstance(content, StructureSet):
        for region in content.regions:
            count = f"{len(region.contours):,} outlines"
            said = (region.kind.lower(), region.how.lower(), count)
            lines.append(Line(1, region.name, ", ".join(filter(None, said))))
    elif isinstance(content, KeyPictures):
        lines += [Line(1, "Note", content.note)] if content.note else []
        lines += [
            Line(1, "Picture", picture_words((one,), places), pictures=(one,)) for one in found.pictures
        ]
    elif isinstance(content, ParametricMap):
        lines.append(Line(1, content.quantity or "Values", content.unit or "no unit"))
    return (*lines, *(Line(1, "Remark", one, is_context=True) for one in found.remarks))


def picture_words(pictures: tuple[tuple[str, int], ...], places: Places | None) -> str:
    """Pictures as the reader knows them: series and number."""
    if places is None:
        return f"{len(pictures)} picture{'s' * (len(pictures) != 1)}"
    found = places.of(pictures[:1])
    if not found:
        return "a picture that is not open"
    key, index = found[0]
    series = places.series[key]
    number = "" if series.number is None else f" {series.number}"
    return f"{series.modality}{number}, picture {index + 1}"


def _line(depth: int, item: Item, places: Places | None) -> Line:
    name = item.name.meaning if item.name is not None else _KINDS.get(item.type, item.type.capitalize())
    value = item.text
    if item.type in ("IMAGE", "COMPOSITE", "WAVEFORM"):
        value = picture_words(item.pictures, places) if item.pictures else "nothing"
        if item.segments:
            value += f", segment {', '.join(map(str, item.segments))}"
    elif item.shape is not None:
        count = len(item.shape.points)
        value = f"{item.shape.graphic.lower()} of {count:,} point{'s' * (count != 1)}"
    is_heading = item.type == "CONTAINER"
    return Line(depth, name, value, is_heading, item.relation in _CONTEXT, item.pictures)


_KINDS = {
    "IMAGE": "Picture",
    "COMPOSITE": "Object",
    "SCOORD": "Place",
    "SCOORD3D": "Place",
    "CONTAINER": "Section",
}


def _images_together(lines: list[Line]) -> list[Line]:
    """Runs of pictures without names of their own as one line: a library of 191 says nothing 191 times."""
    found: list[Line] = []
    run: list[Line] = []
    for one in [*lines, Line(0, "")]:
        if one.name == "Picture" and one.pictures and (not run or run[0].depth == one.depth):
            run.append(one)
            continue
        if len(run) > 3:
            every = tuple(picture for line in run for picture in line.pictures)
            found.append(Line(run[0].depth, "Pictures", f"{len(run):,}", pictures=every))
        else:
            found += run
        run = []
        if one.name == "Picture" and one.pictures:
            run = [one]
        else:
            found.append(one)
    return found[:-1]


def plain_text(lines: tuple[Line, ...]) -> str:
    """Lines as text that stands for itself."""
    return "\n".join(
        "  " * one.depth + (f"{one.name}: {one.value}" if one.value else one.name) for one in lines
    )
