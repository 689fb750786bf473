"""The tool that sets seeds: where a segmentation method begins, and what it must not reach."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt

from medviewer.core.seeds import SeedPoint
from medviewer.gui.tools.tool import Pointer, Tool, tool
from medviewer.imaging.shapes import Drawn, Stroke
from medviewer.imaging.viewing import Viewing
from medviewer.session.segmenting.places import on_plane, reach

CATCH_PX = 8.0
"""A click so near to a seed removes it (logical pixels)."""
RADIUS_PX = 6.0
CORNERS = 24
INSIDE, OUTSIDE = "#009e73", "#d55e00"


@tool("seed", "Seed", "seed", "", group="paint")
class SeedTool(Tool):
    """Click into what a method looks for, with Shift beside it; a click on a seed removes it."""

    cursor = Qt.CursorShape.CrossCursor
    takes_shift = True

    def press(self, at: Pointer) -> None:
        """Set a seed, or take away the one that is there."""
        position = self.patient_point(at)
        plane, viewing = self.surface.plane, self.surface.viewing
        if position is None or plane is None or viewing is None:
            return
        if not plane.holds(*viewing.to_image(at.x, at.y)):
            return
        number, near = self.surface.number, self._under(at, viewing)
        if near is not None:
            self.surface.run("segment.remove_seed", position=near.position, viewport=number)
        else:
            self.surface.run("segment.seed", position=position, inside=not at.fast, viewport=number)

    def double_click(self, at: Pointer) -> bool:
        """A second click in quick succession does nothing: it would take the seed away again."""
        return True

    def shapes(self, viewing: Viewing) -> tuple[Drawn, ...]:
        """A ring with a plus for what is inside, with a minus for what is not."""
        return tuple(stroke for one in self._seeds() for stroke in self._drawn(one, viewing))

    def _drawn(self, seed: SeedPoint, viewing: Viewing) -> tuple[Stroke, ...]:
        (x, y), ratio = self._place(seed, viewing), self.surface.ratio
        color, radius = INSIDE if seed.inside else OUTSIDE, RADIUS_PX * ratio
        turns = [2 * math.pi * at / CORNERS for at in range(CORNERS)]
        ring = tuple((x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns)
        arm = radius * 0.5
        strokes = [
            Stroke(ring, color, 2 * ratio, closed=True),
            Stroke(((x - arm, y), (x + arm, y)), color, 2 * ratio),
        ]
        if seed.inside:
            strokes.append(Stroke(((x, y - arm), (x, y + arm)), color, 2 * ratio))
        return tuple(strokes)

    def _under(self, at: Pointer, viewing: Viewing) -> SeedPoint | None:
        """The seed under the mouse."""
        near = CATCH_PX * self.surface.ratio
        by_distance = [
            (math.hypot(x - at.x, y - at.y), seed)
            for seed in self._seeds()
            for x, y in (self._place(seed, viewing),)
        ]
        found = min(by_distance, key=lambda one: one[0], default=None)
        return found[1] if found is not None and found[0] <= near else None

    def _place(self, seed: SeedPoint, viewing: Viewing) -> tuple[float, float]:
        plane = self.surface.plane
        assert plane is not None
        x, y = viewing.to_view(*plane.to_image(seed.position))
        return (x, y)

    def _seeds(self) -> tuple[SeedPoint, ...]:
        """Those that lie on what is shown."""
        session, plane = self.surface.session, self.surface.plane
        viewport = session.view.viewports[self.surface.number]
        series = session.series(viewport.series)
        if series is None or plane is None or viewport.view3d is not None or not series.count:
            return ()
        seeds = session.state.document.reading(series.key).seeds
        within = reach(series, min(viewport.index, series.count - 1)) if seeds else 0.0
        return on_plane(plane, seeds, within)
