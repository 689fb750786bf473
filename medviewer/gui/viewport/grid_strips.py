"""The strips over all cells of the enhancement grid, and the room for one cell more."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from medviewer.gui.viewport.grid_strip import STRIP_PX, EmptyCell, GridStrip
from medviewer.session.session import Session


class GridStrips:
    """Strips in a parent widget that holds the pictures too."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        self._session, self._parent = session, parent
        self._strips: dict[int, GridStrip] = {}
        self._empty: dict[int, EmptyCell] = {}
        self._cells: dict[int, QRect] = {}

    def close_strips(self) -> None:
        """Watch the session no longer."""
        for strip in self._strips.values():
            strip.close_strip()

    def strip(self, number: int) -> GridStrip:
        """The strip of a cell, made when first needed."""
        if number not in self._strips:
            self._strips[number] = GridStrip(self._session, number, self._parent, self._over)
        return self._strips[number]

    def empty(self, number: int) -> EmptyCell:
        """What stands where the grid has room for a cell."""
        if number not in self._empty:
            self._empty[number] = EmptyCell(self._session, self._parent)
        return self._empty[number]

    def arrange(self, places: dict[int, QRect]) -> dict[int, QRect]:
        """Put a strip over each cell; what is left to the pictures, by their numbers.

        Without a grid no strip is to be seen, and nothing is taken away.
        """
        view = self._session.view
        count = len(self._session.state.document.grid) if view.before_grid is not None else 0
        self._cells = {number: place for number, place in places.items() if number < count}
        for number, strip in self._strips.items():
            strip.setVisible(number in self._cells)
        for number, empty in self._empty.items():
            empty.setVisible(bool(count) and number in places and number >= count)
        if not count:
            return places
        for number, place in places.items():
            if number < count:
                self.strip(number).setGeometry(
                    QRect(place.topLeft(), place.size()).adjusted(0, 0, 0, STRIP_PX - place.height())
                )
                self.strip(number).show()
            else:
                self.empty(number).setGeometry(place)
                self.empty(number).show()
        return {number: place.adjusted(0, STRIP_PX, 0, 0) for number, place in self._cells.items()}

    def _over(self, spot: QPoint | None) -> int | None:
        """The cell at a position of the screen, shown as the place of a dragged one; None ends that."""
        local = None if spot is None else self._parent.mapFromGlobal(spot)
        found = next(
            (one for one, place in self._cells.items() if local is not None and place.contains(local)), None
        )
        for number, strip in self._strips.items():
            strip.show_target(number == found)
        return found
