"""What a mouse tool is: one object per viewport that is told of presses, moves and releases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import Qt

from medviewer.core.annotation import Annotation
from medviewer.core.geometry import Plane
from medviewer.core.vectors import Point
from medviewer.core.volume import Frame
from medviewer.imaging.shapes import Drawn
from medviewer.imaging.viewing import Viewing
from medviewer.kit.frozen import frozen
from medviewer.kit.registry import Registry
from medviewer.session.session import Session

CLICK_PX = 4.0
"""A press that moves less than this (logical pixels) is a click, not a drag."""


@frozen
class Pointer:
    """Where the mouse is over one viewport."""

    x: float
    """device pixels, as in imaging.viewing"""
    y: float
    fine: bool = False
    """Ctrl is held during a drag: a fifth of the speed"""
    fast: bool = False
    """Shift is held during a drag: five times the speed"""

    @property
    def speed(self) -> float:
        """By how much a drag counts."""
        return 0.2 if self.fine else 5.0 if self.fast else 1.0


class Surface(Protocol):
    """What a tool sees of the viewport it works on."""

    session: Session
    number: int

    @property
    def viewing(self) -> Viewing | None:
        """How the picture lies in the viewport, None when nothing is shown."""

    @property
    def plane(self) -> Plane | None:
        """Where the shown picture lies in the patient."""

    @property
    def frame(self) -> Frame | None:
        """The shown picture, when it is decoded."""

    @property
    def ratio(self) -> float:
        """Device pixels per logical pixel."""

    def run(self, name: str, /, **values: Any) -> Any:
        """Run a command; when it cannot be done the reader is told why."""

    def drawn(self, annotation: Annotation, viewing: Viewing) -> tuple[Drawn, ...]:
        """The shapes of an annotation as it would be drawn here."""

    def line(self, points: tuple[Point, ...], plane: Plane, viewing: Viewing) -> tuple[Drawn, ...]:
        """A plain line through patient positions, as half an annotation has it."""

    def draw_again(self) -> None:
        """Paint what the tool draws anew, in this turn."""

    def ask_words(self, x: float, y: float, words: str, done: Callable[[str], object]) -> None:
        """Let the reader type at a device position; *done* gets the words unless Esc was pressed."""


class Tool:
    """What the left button does. Half-drawn things live in here; finished ones go to the session."""

    cursor = Qt.CursorShape.ArrowCursor
    takes_modifiers = False
    """whether Shift, Ctrl and Alt mean something to it while it is busy, and not another tool"""
    takes_shift = False
    """whether Shift means something to it from the first press on, and does not pan"""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface

    @property
    def is_busy(self) -> bool:
        """Whether something is half done, so that Esc cancels it and the cursor belongs to it."""
        return False

    def press(self, at: Pointer) -> None:
        """The button went down."""

    def move(self, at: Pointer) -> None:
        """The mouse moved with the button down."""

    def hover(self, at: Pointer) -> None:
        """The mouse moved with no button down."""

    def release(self, at: Pointer) -> None:
        """The button went up."""

    def double_click(self, at: Pointer) -> bool:
        """Whether the tool takes the double click; otherwise the viewport is maximised."""
        return False

    def wants(self, key: Qt.Key) -> bool:
        """Whether a key means something to what is half done."""
        return False

    def key(self, key: Qt.Key) -> None:
        """A key that it `wants` went down."""

    def wheel(self, steps: int) -> bool:
        """Whether the tool takes the wheel; otherwise it scrolls, whatever tool is active (IHE BIR-16)."""
        return False

    def grow(self, steps: float) -> bool:
        """Whether the tool takes the wheel with Ctrl and Shift, which makes things larger and smaller."""
        return False

    def leave(self) -> None:
        """The mouse has left the viewport."""

    def cancel(self) -> None:
        """Forget what is half done."""

    def shapes(self, viewing: Viewing) -> tuple[Drawn, ...]:
        """What to draw over the picture for what is half done, in device pixels."""
        return ()

    def patient_point(self, at: Pointer) -> Point | None:
        """The position in the patient under the mouse, None when nothing is shown."""
        viewing, plane = self.surface.viewing, self.surface.plane
        if viewing is None or plane is None:
            return None
        return plane.to_patient(*viewing.to_image(at.x, at.y))


@frozen
class ToolKind:
    """A declared tool."""

    name: str
    title: str
    icon: str
    key: str
    """its customary key (IHE BIR, Weasis); resources/shortcuts.json may say otherwise"""
    make: Callable[[Surface], Tool]
    draws: bool = False
    """whether it leaves annotations behind"""
    group: str = ""
    """tools of one group share a button of the tool bar"""

    @property
    def help(self) -> str:
        """Its first sentence."""
        return (self.make.__doc__ or "").strip().partition("\n")[0]


TOOLS: Registry[ToolKind] = Registry("tool", "medviewer.tools")

T = TypeVar("T", bound=type[Any])


def tool(
    name: str, title: str, icon: str, key: str, draws: bool = False, group: str = ""
) -> Callable[[T], T]:
    """Declare the decorated class as a tool."""

    def declare(made: T) -> T:
        TOOLS.add(ToolKind(name, title, icon, key, made, draws, group))
        return made

    return declare
