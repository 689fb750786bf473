"""What is drawn over pictures, as graphic and text objects of a presentation state (PS3.3 C.10.5)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import highdicom as hd
import numpy as np

from medviewer.core.annotation import Shape
from medviewer.core.tracking import tracking_of
from medviewer.dicom.derived_words import LONGEST_NAME, LONGEST_TEXT, cut, one_line
from medviewer.export.dicom.segments import cielab
from medviewer.export.dicom.spatial import Drawn, Line, Spot, lines_of, on_picture
from medviewer.kit.frozen import frozen

LAYER = "MEASUREMENTS"
COLOR = "#f0e442"
_LETTER = 0.012
"""The width of a letter as a share of the picture's larger side, for boxes around words."""
_HEAD_PX, _HEAD_ANGLE = 12.0, 0.4
"""An arrow's wings: basic graphics have no arrow."""
_GAP_PX = 4.0


@frozen
class Note:
    """An annotation with the words that stand beside it."""

    drawn: Drawn
    words: tuple[str, ...] = ()


def layers(notes: Sequence[Note]) -> list[Any]:
    """The one layer that everything is drawn on; none where nothing is drawn."""
    if not notes:
        return []
    return [hd.pr.GraphicLayer(LAYER, 1, "Measurements", cielab(COLOR))]


def drawings(notes: Sequence[Note], pictures: Mapping[str, Any]) -> list[Any]:
    """One item for each note, on its own picture; what lies on no picture of the state is left out."""
    found = []
    for note in notes:
        picture = note.drawn.picture
        if picture is None or picture.sop_instance not in pictures:
            continue
        layer = layers(notes)[0]
        found.append(
            hd.pr.GraphicAnnotation(
                referenced_images=[pictures[picture.sop_instance]],
                graphic_layer=layer,
                referenced_frame_number=picture.frame,
                graphic_objects=_graphics(note.drawn) or None,
                text_objects=_texts(note) or None,
            )
        )
    return found


def _graphics(drawn: Drawn) -> list[Any]:
    shape, size = drawn.annotation.shape, drawn.plane.shape
    if shape is Shape.TEXT and drawn.annotation.text:
        return []
    lines = list(lines_of(drawn))
    if shape is Shape.ARROW:
        lines.append(_head(lines[0], drawn.plane.aspect))
    tracking = drawn.annotation.tracking or tracking_of(drawn.annotation.id)
    return [
        hd.pr.GraphicObject(
            one.kind,
            _inside(one.spots, size),
            "PIXEL",
            tracking_id=cut(one_line(drawn.annotation.text) or shape.word, LONGEST_NAME),
            tracking_uid=tracking,
        )
        for one in lines
    ]


def _head(line: Line, aspect: float) -> Line:
    """The first point of an arrow is what it points at."""
    (row, column), (tail_row, tail_column) = line.spots
    turn = math.atan2((tail_row - row) * aspect, tail_column - column)
    wings = [
        (row + _HEAD_PX * math.sin(turn + side) / aspect, column + _HEAD_PX * math.cos(turn + side))
        for side in (-_HEAD_ANGLE, _HEAD_ANGLE)
    ]
    return Line("POLYLINE", (wings[0], (row, column), wings[1]))


def _texts(note: Note) -> list[Any]:
    words = "\r\n".join(one for one in note.words if one)
    if not words:
        return []
    spots = [spot for line in lines_of(note.drawn) for spot in line.spots]
    anchor = max(spots, key=lambda spot: (spot[0], spot[1]))
    rows, columns = note.drawn.plane.shape
    letter = _LETTER * max(rows, columns)
    width = min(columns - 1.0, letter * max(map(len, note.words)))
    height = min(rows - 1.0, 2.2 * letter * len(note.words))
    left = min(max(anchor[1] + 0.5 + _GAP_PX, 0.0), columns - width)
    top = min(max(anchor[0] + 0.5 + _GAP_PX, 0.0), rows - height)
    if note.drawn.annotation.shape is Shape.TEXT:
        left, top = min(max(anchor[1] + 0.5, 0.0), columns - 1.0), min(max(anchor[0] + 0.5, 0.0), rows - 1.0)
        width, height = min(width, columns - left), min(height, rows - top)
    return [
        hd.pr.TextObject(
            cut(words, LONGEST_TEXT),
            "PIXEL",
            bounding_box=(left, top, left + width, top + height),
            text_justification="LEFT",
        )
    ]


def _inside(spots: Sequence[Spot], size: tuple[int, int]) -> Any:
    """(column, row) from the corner of the first pixel; graphics end at the picture's border (C.10.5.1.2)."""
    points = on_picture(spots)
    return np.clip(points, 0.0, (size[1], size[0]))
