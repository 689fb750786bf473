"""What is drawn over one picture, laid out once per change, and what of it can be grabbed."""

from __future__ import annotations

from dataclasses import replace
from operator import is_not
from typing import Any

from medviewer.core.annotation import Annotation
from medviewer.core.geometry import Plane
from medviewer.core.volume import Frame
from medviewer.gui.tools import Pointer
from medviewer.gui.tools.grab import Body, Catch, caught
from medviewer.gui.viewport.strokes import Pen
from medviewer.imaging.against_shapes import Marks
from medviewer.imaging.annotation_lines import strokes
from medviewer.imaging.crossing import Grip, grip, handle_shapes
from medviewer.imaging.shapes import Drawn, Words
from medviewer.imaging.viewing import Viewing
from medviewer.session.scene import Scene, scene, shapes
from medviewer.session.session import Session
from medviewer.session.state import Viewport

PREVIEW = "preview, exact in a moment"


class Drawings:
    """The shapes over viewport *number*."""

    def __init__(self, session: Session, number: int, pen: Pen) -> None:
        self._session = session
        self._number = number
        self._pen = pen
        self._scene: Scene | None = None
        self._shapes: tuple[Drawn, ...] = ()
        self._values: tuple[Any, ...] = (None,) * 4
        """of the frame and the others that are told in shapes"""
        self._bodies: dict[str, Body] | None = None
        self.is_stale = True
        """whether something has changed since the last layout"""

    def shapes(
        self,
        viewing: Viewing,
        frame: Frame | None,
        ratio: float,
        with_lines: bool = True,
        is_preview: bool = False,
    ) -> tuple[Drawn, ...]:
        """All shapes in device pixels; *ratio* is device pixels per logical pixel.

        A picture that *is_preview* says so beside what was done to it: how strong edges and noise look in it
        depends on its size, and nobody is to choose by that alone. Without *with_lines* other planes are not
        drawn: their lines would go through words in the middle.
        """
        if self.is_stale or (self._scene is not None and self._scene.viewing != viewing):
            self.is_stale = False
            self._bodies = None
            is_titled = self._session.view.before_grid is not None
            taken = scene(self._session, self._number, viewing, density=ratio, is_titled=is_titled)
            taken = taken if taken is None or with_lines else replace(taken, lines=())
            before, self._scene = self._scene, _preview(taken) if taken is not None and is_preview else taken
            rendering = self._session.rendering
            fused, scale = rendering.fused(self._number), rendering.comparing.scale(self._number)
            made = rendering.made(self._viewport) if self._has_values(frame) else None
            values = (frame, fused, scale, made)
            # strokes of a brush change the picture only: what lies over it stays
            if self._scene != before or any(map(is_not, values, self._values)):
                self._shapes = () if self._scene is None else shapes(self._scene, *values)
            self._values = values
        return self._shapes

    @property
    def _viewport(self) -> Viewport:
        return self._session.view.viewports[self._number]

    def _has_values(self, frame: Frame | None) -> bool:
        """Whether values of the picture are written beside anything."""
        return frame is not None and self._scene is not None and bool(self._scene.annotations)

    def catch(self, at: Pointer, ratio: float) -> Catch | None:
        """The annotation under the mouse, as it was painted last."""
        drawn = self._scene
        if drawn is None or not drawn.annotations:
            return None
        if self._bodies is None:
            self._bodies = {
                one.id: self._body(one, drawn.plane, drawn.viewing, ratio) for one in drawn.annotations
            }
        return caught(drawn.annotations, drawn.plane, drawn.viewing, at, ratio, self._bodies)

    def grip(self, at: Pointer, ratio: float) -> Grip | None:
        """What of the lines of other planes lies under the mouse, as they were painted last."""
        return None if self._scene is None else grip(self._scene.lines, (at.x, at.y), ratio)

    def marks(self) -> Marks | None:
        """What is drawn over two renderings, as it was painted last."""
        return None if self._scene is None else self._scene.marks

    def handles(self, ratio: float) -> tuple[Drawn, ...]:
        """The circles by which planes are turned."""
        return () if self._scene is None else handle_shapes(self._scene.lines, ratio)

    def _body(self, annotation: Annotation, plane: Plane, viewing: Viewing, ratio: float) -> Body:
        # without values: lines and handles lie where they lie, and counting pixels takes its time
        drawn = strokes(annotation, plane, viewing, "", ratio)
        lines = tuple(shape.points for shape in drawn if not shape.dashed)
        # words lie where they were painted, out of the way of others; of many lines the first can be caught
        painted = [shape for shape in self._shapes if isinstance(shape, Words) and shape.of == annotation.id]
        boxes = tuple(self._pen.box(shape) for shape in painted[:1])
        return Body(lines, tuple((box.left(), box.top(), box.right(), box.bottom()) for box in boxes))


def _preview(taken: Scene) -> Scene:
    words = " · ".join(filter(None, (taken.facts.recipe, PREVIEW)))
    return replace(taken, facts=replace(taken.facts, recipe=words))
