"""Mouse and keys over one viewport, and what they mean (the conventions of IHE BIR, Weasis and OHIF)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent

from medviewer.core.against import Way
from medviewer.gui.tools import TOOLS, Pointer, Tool
from medviewer.gui.tools.against import DividerCatch, DividerGrab, follow_lens
from medviewer.gui.tools.crosshair import Crosshair, PlaneCatch, PlaneGrab
from medviewer.gui.tools.grab import Catch, Grab
from medviewer.gui.tools.painting import GROUP as PAINT
from medviewer.gui.tools.tool import CLICK_PX
from medviewer.gui.tools.turning import Turn
from medviewer.imaging.crossing import Part

if TYPE_CHECKING:
    from medviewer.gui.viewport.view import ViewportView

NOTCH = 120
"""One step of a wheel in Qt's eighths of a degree; touchpads send less at a time."""
ZOOM_PER_NOTCH = 1.2
FAST_STEPS = 10

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
NO_MODIFIER = Qt.KeyboardModifier.NoModifier
BY_MODIFIER = ((SHIFT, "pan"), (CTRL, "zoom"), (ALT, "window"))


class Input:
    """Turns the events of one viewport into what tools understand."""

    def __init__(self, view: ViewportView, menu: Callable[[QPoint], object]) -> None:
        self._view = view
        self._menu = menu
        self._tools: dict[str, Tool] = {}
        self._turn = Turn(view)
        self._dragging: Tool | None = None
        self._button = Qt.MouseButton.NoButton
        self._pressed = QPointF()
        self._mouse: Pointer | None = None
        self._is_drag = False
        self._turned = 0

    @property
    def tool(self) -> Tool:
        """What the left button does at this moment."""
        if isinstance(self._dragging, Grab | PlaneGrab | DividerGrab):
            return self._dragging
        return self._turn if self._is_body else self._named(self._view.session.view.tool)

    @property
    def _takes_all(self) -> bool:
        """Whether Shift, Ctrl and Alt belong to what is half done."""
        return self.tool.is_busy and self.tool.takes_modifiers

    @property
    def _paints(self) -> bool:
        """Whether the left button paints labels: nothing that is drawn is grabbed then."""
        name = self._view.session.view.tool
        return name in TOOLS and TOOLS[name].group == PAINT and not self._is_body

    @property
    def _is_body(self) -> bool:
        """Whether a stack is seen as a body here: it is turned, and nothing is drawn on it."""
        return self._view.session.view.viewports[self._view.number].view3d is not None

    @property
    def _grows(self) -> bool:
        """Whether there is a lens or a blend here."""
        against = self._view.session.view.viewports[self._view.number].against
        return against is not None and against.way in (Way.LENS, Way.BLEND)

    def tool_changed(self) -> None:
        """Another tool was chosen: nothing stays half drawn."""
        for tool in self._tools.values():
            if tool is not self._dragging:
                tool.cancel()
        self.show_cursor(None)
        # chosen with a key: how large a brush is can be seen before the mouse moves
        if self._mouse is not None and self._button == Qt.MouseButton.NoButton:
            self.tool.hover(self._mouse)

    def press(self, event: QMouseEvent) -> None:
        """A button went down; while one is down the others mean nothing."""
        if self._button != Qt.MouseButton.NoButton:
            return
        self._view.activate()
        self._button, self._pressed, self._is_drag = event.button(), event.position(), False
        is_own = event.button() == LEFT and (self._takes_all or self.tool.takes_shift)
        at = self._pointer(event.position(), event.modifiers() if is_own else NO_MODIFIER)
        self._dragging = self._tool_for(event, at)
        if self._dragging is not None:
            self._dragging.press(at)
            self.show_cursor(None)

    def move(self, event: QMouseEvent) -> None:
        """The mouse moved, with or without a button down."""
        at = self._pointer(event.position(), event.modifiers())
        self._mouse = at
        self._view.point_at(at)
        follow_lens(self._view, at)
        if self._button == Qt.MouseButton.NoButton:
            self.tool.hover(at)
            self.show_cursor(self._caught(at))
            return
        way = event.position() - self._pressed
        self._is_drag = self._is_drag or max(abs(way.x()), abs(way.y())) > CLICK_PX
        # the right button has a menu for clicks: a hand that trembles must not zoom
        if self._dragging is not None and (self._is_drag or self._button != RIGHT):
            self._dragging.move(at)

    def release(self, event: QMouseEvent) -> None:
        """The button went up."""
        if event.button() != self._button:
            return
        button, tool = self._button, self._dragging
        self._button, self._dragging = Qt.MouseButton.NoButton, None
        if tool is not None:
            tool.release(self._pointer(event.position(), event.modifiers()))
        if button == RIGHT and not self._is_drag:
            self._menu(event.globalPosition().toPoint())
        self.show_cursor(self._caught(self._pointer(event.position())))

    def double_click(self, event: QMouseEvent) -> None:
        """The words of what is under the mouse, or else the viewport large and small again."""
        if event.button() != LEFT or event.modifiers() & (SHIFT | CTRL | ALT):
            self.press(event)
            return
        at = self._pointer(event.position())
        if self.tool.double_click(at):
            return
        catch = self._view.catch(at)
        if catch is not None:
            self._view.reword(catch.annotation)
        else:
            self._view.run("view.maximise")

    def wheel(self, event: QWheelEvent) -> None:
        """The wheel scrolls, with Ctrl it zooms at the mouse, with Shift it scrolls ten times as far.

        A body has nothing to scroll through: there it zooms. With Ctrl and Shift a lens or a brush grows, and
        a blend shows more of the other picture.
        """
        turn = event.angleDelta()
        delta = turn.y() or turn.x()  # some systems turn the wheel sideways while Shift is held
        event.accept()
        if not delta:
            return
        self._view.activate(take_keys=False)  # somebody may be typing elsewhere
        if event.modifiers() & CTRL and event.modifiers() & SHIFT and self._grows:
            self._turned = 0
            self._view.run("against.grow", by=delta / NOTCH, viewport=self._view.number)
            return
        if event.modifiers() & CTRL and event.modifiers() & SHIFT and self.tool.grow(delta / NOTCH):
            self._turned = 0
            return
        if event.modifiers() & CTRL or self._is_body:
            self._turned = 0
            self._zoom(ZOOM_PER_NOTCH ** (delta / NOTCH), event.position())
            return
        if delta * self._turned < 0:
            self._turned = 0  # what was left over from the other direction is forgotten
        self._turned += delta
        steps = -int(self._turned / NOTCH)
        self._turned += steps * NOTCH
        if steps and not self.tool.wheel(steps):
            by = steps * (FAST_STEPS if event.modifiers() & SHIFT else 1)
            self._view.run("view.scroll", by=by)

    def leave(self) -> None:
        """The mouse has left."""
        self._mouse = None
        self.tool.leave()
        self.show_cursor(None)

    def gesture(self, event: QNativeGestureEvent) -> bool:
        """Two fingers on a touchpad zoom."""
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self._view.activate()
        self._zoom(1 + event.value(), event.position())
        return True

    def wants_key(self, event: QKeyEvent) -> bool:
        """Whether a key is ours: Esc cancels what is half done before it resets anything."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            return self.tool.is_busy or self._dragging is not None
        return self.tool.is_busy and self.tool.wants(key)

    def key(self, event: QKeyEvent) -> bool:
        """Whether the key meant something here."""
        if not self.wants_key(event):
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.cancel()
        else:
            self.tool.key(Qt.Key(event.key()))
        return True

    def cancel(self) -> None:
        """Forget what is half done."""
        self.tool.cancel()
        if self._dragging is not None:
            self._dragging.cancel()
        self._dragging = None
        self.show_cursor(None)

    def show_cursor(self, catch: Catch | PlaneCatch | DividerCatch | None) -> None:
        """Say what a press would do, or what the drag does."""
        tool = self._dragging or self.tool
        self._view.show_handles(isinstance(catch, PlaneCatch) or isinstance(tool, Crosshair | PlaneGrab))
        if self._dragging is not None:
            cursor = self._dragging.cursor
            closed = cursor == Qt.CursorShape.OpenHandCursor
            self._view.setCursor(Qt.CursorShape.ClosedHandCursor if closed else cursor)
        elif catch is not None:
            self._view.setCursor(catch.cursor)
        else:
            self._view.setCursor(self.tool.cursor)

    def _tool_for(self, event: QMouseEvent, at: Pointer) -> Tool | None:
        if self._view.viewing is None:
            return None
        if event.button() == MIDDLE:
            return self._named("pan")
        if event.button() == RIGHT:
            return self._named("zoom")
        if event.button() != LEFT:
            return None
        for modifier, name in BY_MODIFIER:
            is_taken = self._takes_all or (modifier == SHIFT and self.tool.takes_shift)
            if event.modifiers() & modifier and not is_taken:
                return self._named(name)
        if not self.tool.is_busy:
            catch = self._caught(at)
            if isinstance(catch, DividerCatch):
                return DividerGrab(self._view, catch)
            if isinstance(catch, PlaneCatch):
                return PlaneGrab(self._view, catch)
            if catch is not None:
                return Grab(self._view, catch)
            if not self._paints:
                self._view.run("annotate.select", id="")
        return self.tool

    def _caught(self, at: Pointer) -> Catch | PlaneCatch | DividerCatch | None:
        """What a press would grab: the grip of a divider and annotations first.

        Lines are not grabbed where something is to be drawn.
        """
        if self.tool.is_busy or self._is_body:
            return None
        divider = self._view.catch_divider(at)
        if divider is not None and divider.is_grip:
            return divider
        if self._paints:
            return None
        name = self._view.session.view.tool
        if name in TOOLS and TOOLS[name].draws:
            return self._view.catch(at)
        catch = self._view.catch(at)
        if catch is None and divider is not None:
            return divider
        line = None if catch is not None else self._view.catch_line(at)
        # with the crosshair's own tool a click near a line means that place, not the line
        is_line = line is not None and line.grip.part is Part.LINE and name == "crosshair"
        return catch if line is None or is_line else line

    def _named(self, name: str) -> Tool:
        if name not in self._tools:
            kind = TOOLS[name if name in TOOLS else "window"]
            self._tools[name] = kind.make(self._view)
        return self._tools[name]

    def _pointer(self, position: QPointF, modifiers: Qt.KeyboardModifier = NO_MODIFIER) -> Pointer:
        ratio = self._view.ratio
        return Pointer(
            position.x() * ratio, position.y() * ratio, bool(modifiers & CTRL), bool(modifiers & SHIFT)
        )

    def _zoom(self, factor: float, position: QPointF) -> None:
        viewing = self._view.viewing
        if viewing is None:
            return
        at = self._pointer(position)
        zoom, (row, column) = viewing.zoomed(factor, (at.x, at.y))
        self._view.run("view.look", viewport=self._view.number, zoom=zoom, row=row, column=column)
