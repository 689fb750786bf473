"""``medviewer measure``: lengths, angles, areas and values of a picture, or what the window has measured."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from medviewer.cli import desk, output
from medviewer.cli.arguments import add_index, add_json, add_path, add_series
from medviewer.core.annotation import Shape
from medviewer.core.study import SeriesKey
from medviewer.export.tables import write_table
from medviewer.imaging.measure import RULE, Measurement, with_minus
from medviewer.imaging.profile import RULE as PROFILE_RULE
from medviewer.imaging.profile import profile
from medviewer.imaging.scale import scale_at
from medviewer.kit.errors import BadValue
from medviewer.session.measuring.table import COLUMNS, ON_NO_PICTURE, Row, measured, rows, table
from medviewer.session.session import Session

Spot = tuple[float, float]
WITHOUT_NUMBERS = (Shape.ARROW, Shape.TEXT)
DRAWABLE = tuple(one for one in Shape if one not in WITHOUT_NUMBERS)


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    add_index(parser)
    parser.add_argument(
        "--draw",
        metavar="SHAPE:ROW,COLUMN:ROW,COLUMN...",
        action="append",
        default=[],
        help="what is measured, as it would be drawn, in pixels from 0, fractions allowed; a box by two "
        "opposite corners, an angle with its apex second; without any, what the window has measured is told. "
        f"Shapes: {', '.join(one.word for one in DRAWABLE)}",
    )
    parser.add_argument(
        "--real",
        metavar="MM",
        type=float,
        help="how long the first length really is: the picture is calibrated by hand by it",
    )
    add_series(parser)
    parser.add_argument(
        "-o", "--output", metavar="TABLE", type=Path, help="TABLE.csv or TABLE.xlsx: a number in each line"
    )
    add_json(parser)


def run(values: Namespace) -> int:
    """Draw, measure, tell and write."""
    drawings = [_drawing(text) for text in values.draw]
    if values.real is not None and not any(shape is Shape.LENGTH for shape, _ in drawings):
        raise BadValue("There is no length to calibrate by.", "Draw one: --draw length:ROW,COL:ROW,COL.")
    found = desk.contents(values.path)
    series = desk.chosen(found, values.path, values.series)
    with desk.session(found, with_kept=not drawings) as opened:
        if drawings:
            desk.show(opened, series, desk.frame_number(series, values.index), "")
            _draw(opened, drawings, values.real)
        taken = rows(opened, [series.key] if drawings or values.series else _measured_keys(opened))
        if not taken:
            raise BadValue("Nothing was measured here.", "Say what to measure with --draw.")
        context = output.context()
        told = [(row, measured(opened, row, context)) for row in taken]
        if values.json:
            output.tell_json([_plain(opened, row, one) for row, one in told])
        else:
            _tell(told)
        if values.output is not None:
            write_table(values.output, COLUMNS, table(opened, taken, False, context))
            output.remark(f"Written: {values.output}.")
    return 0


def _drawing(text: str) -> tuple[Shape, tuple[Spot, ...]]:
    """The shape in ``ellipse:100,120:140,180``. Raises BadValue."""
    word, *places = (part.strip() for part in text.split(":"))
    known = ", ".join(one.word for one in DRAWABLE)
    if word not in {one.word for one in DRAWABLE}:
        raise BadValue(f"{word!r:.40} cannot be measured.", f"Choose one of: {known}.")
    shape = Shape.of(word)
    try:
        spots = tuple(_spot(place) for place in places)
    except ValueError:
        raise BadValue(
            f"{text!r:.60} has a place that is no ROW,COLUMN.", "Such as length:100,120:100,180."
        ) from None
    wanted = f"at least {shape.points}" if shape.is_outline else str(shape.points)
    if len(spots) < shape.points or (len(spots) > shape.points and not shape.is_outline):
        raise BadValue(
            f"A {word} has {wanted} places, not {len(spots)}.", "Give each as ROW,COLUMN after a colon."
        )
    return shape, spots


def _spot(text: str) -> Spot:
    row, column = (float(part) for part in text.split(","))
    return row, column


def _draw(opened: Session, drawings: list[tuple[Shape, tuple[Spot, ...]]], real: float | None) -> None:
    plane = opened.rendering.plane(opened.view.current)
    assert plane is not None
    ids = [
        opened.run("annotate.add", shape=shape.word, points=[plane.to_patient(*spot) for spot in spots])
        for shape, spots in drawings
    ]
    if real is not None:
        first = next(one for one, (shape, _) in zip(ids, drawings, strict=True) if shape is Shape.LENGTH)
        opened.run("measure.calibrate", id=first, millimetres=real)


def _measured_keys(opened: Session) -> tuple[SeriesKey, ...]:
    """The series on which something was drawn."""
    readings = opened.state.document.readings
    return tuple(key for key, reading in readings.items() if reading.annotations)


def _tell(told: list[tuple[Row, Measurement | None]]) -> None:
    for row, found in told:
        if not row.annotation.shape.is_measured:
            continue
        output.tell(f"{row.name}, picture {row.picture or '?'}")
        for line in (ON_NO_PICTURE,) if found is None else found.text:
            output.tell(f"    {with_minus(line)}")
    if any(row.annotation.shape.is_area for row, _ in told):
        output.tell(f"Areas: {RULE}.")


def _plain(opened: Session, row: Row, found: Measurement | None) -> dict[str, Any]:
    one = row.annotation
    told: dict[str, Any] = {
        "name": row.name,
        "kind": one.shape.word,
        "meaning": None if one.meaning is None else asdict(one.meaning),
        "picture": row.picture,
        "quantities": [] if found is None else [asdict(quantity) for quantity in found.quantities],
        "remark": ON_NO_PICTURE if found is None else found.remark,
    }
    if one.shape.is_area:
        told["rule"] = RULE
    if one.shape is Shape.PROFILE and row.plane is not None and row.request is not None:
        ends = [row.plane.to_image(point) for point in one.points]
        line = profile(opened.rendering.load(row.request), ends[0], ends[1], scale_at(row.plane, ends))
        told["profile"] = {
            "distances": line.distances.tolist(),
            "values": [value if value == value else None for value in line.values.tolist()],
            "distance_unit": line.distance_unit,
            "unit": line.unit,
            "rule": PROFILE_RULE,
        }
    return told
