"""What a presentation state says of the look of pictures (PS3.3 A.33, C.10, C.11)."""

from __future__ import annotations

from enum import Enum

from medviewer.core.shutter import ShutterOutline
from medviewer.core.voi import VOI, Lut
from medviewer.core.volume import Rescale
from medviewer.kit.frozen import frozen

Spot = tuple[float, float]
"""(row, column). On the picture like image positions, (0, 0) at the centre of the first pixel; on the
displayed area as shares of its height and width, (0, 0) at its top left corner as it is seen."""


class Outline(Enum):
    """The kinds of graphic object (PS3.3 C.10.5)."""

    POINT = "POINT"
    POLYLINE = "POLYLINE"
    INTERPOLATED = "INTERPOLATED"
    """a smooth line through the points"""
    CIRCLE = "CIRCLE"
    """its centre, and a point on it"""
    ELLIPSE = "ELLIPSE"
    """both ends of one axis, then both ends of the other"""


@frozen
class Graphic:
    """A line or an outline."""

    outline: Outline
    spots: tuple[Spot, ...]
    on_area: bool = False
    """whether *spots* are on the displayed area, not on the picture"""
    filled: bool = False


@frozen
class Caption:
    """Words beside or inside a box, perhaps with a line to what they are about."""

    lines: tuple[str, ...]
    top_left: Spot | None = None
    """of the box that they begin in; None when there is only an anchor"""
    box_on_area: bool = False
    anchor: Spot | None = None
    anchor_on_area: bool = False
    has_line: bool = False
    """whether a line leads to the anchor"""


@frozen
class Area:
    """Which part of a picture is shown (PS3.3 C.10.4)."""

    top: float
    left: float
    bottom: float
    right: float
    """image positions of the outer edges"""
    magnification: float | None = None
    """screen pixels per picture pixel; None: fitted"""


@frozen
class Look:
    """How some pictures are to look."""

    pictures: frozenset[tuple[str, int]]
    """(SOP Instance UID, frame from 0); frame -1 stands for all of them"""
    rescale: Rescale = Rescale()
    """in place of the file's own: without one in the state the standard wants none (PS3.4 N.2.1)"""
    window: VOI | None = None
    inverted: bool = False
    """whether the lowest value is white, whatever the file says"""
    table: Lut | None = None
    """from the output of the window to greys"""
    shutter: ShutterOutline | None = None
    area: Area | None = None
    rotation: int = 0
    """degrees clockwise, after the flip"""
    flipped: bool = False
    graphics: tuple[Graphic, ...] = ()
    captions: tuple[Caption, ...] = ()

    def covers(self, instance: str, frame: int) -> bool:
        """Whether this is about a picture."""
        return (instance, -1) in self.pictures or (instance, frame) in self.pictures


@frozen
class PresentationState:
    """One object of the study that says how others look."""

    uid: str
    label: str
    description: str = ""
    when: str = ""
    """date of its content, as in the file"""
    time: str = ""
    looks: tuple[Look, ...] = ()
    remarks: tuple[str, ...] = ()
    """what it asks for that is not done here"""

    def look(self, instance: str, frame: int) -> Look | None:
        """What it says of one picture, None when it is about others."""
        return next((look for look in self.looks if look.covers(instance, frame)), None)
