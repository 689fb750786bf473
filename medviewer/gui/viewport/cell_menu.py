"""What can be done with a cell of the enhancement grid: another recipe, on the series, elsewhere, away."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from medviewer.core.pipeline import Pipeline
from medviewer.gui.keys import with_key
from medviewer.gui.messages import run
from medviewer.session.grid import FEWEST, MOST, ORIGINAL, OWN, words
from medviewer.session.recipes import Source, all_recipes, look_again
from medviewer.session.session import Session

NEW = -1
"""No cell yet: what is chosen comes into one more."""


class CellMenu(QMenu):
    """The menu of cell *number*; with NEW only the recipes for another cell."""

    def __init__(self, session: Session, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._number = session, number
        self.setToolTipsVisible(True)
        self._cells = session.state.document.grid
        if number != NEW:
            self._add_actions()
        self._add_recipes()
        look_again(session)

    def _add_actions(self) -> None:
        cells, at = self._cells, self._number
        self._add(with_key("Use this one", "grid.use"), "grid.use", cell=at).setToolTip(
            "Put it on the series and leave the grid"
        )
        large = "Back to all cells" if self._session.view.maximised else "Enlarge"
        self._add(with_key(large, "view.maximise"), "view.maximise")
        on = self._add(with_key("Move on", "grid.move", by=1), "grid.move", cell=at, by=1)
        back = self._add(with_key("Move back", "grid.move", by=-1), "grid.move", cell=at, by=-1)
        on.setEnabled(at + 1 < len(cells))
        back.setEnabled(at > 0)
        self._add("Remove this cell", "grid.remove", cell=at).setEnabled(len(cells) > FEWEST)
        self._add("Add a cell", "grid.add").setEnabled(len(cells) < MOST)

    def _add_recipes(self) -> None:
        is_new = self._number == NEW
        now = None if is_new else self._cells[self._number]
        own = self._session.rendering.pipeline(self._session.view.current.series)
        self._add_head("Show here")
        self._choose(ORIGINAL, not is_new and now == Pipeline(), what="original")
        series = self._choose(
            words(None, own) if own.active else f"{OWN} stack", not is_new and now is None, what="series"
        )
        series.setToolTip("The stack of the series: what is changed in this cell is changed there")
        for source, title in ((Source.OWN, "Your recipes"), (Source.SHIPPED, "Starting points")):
            found = [one for one in all_recipes() if one.source is source]
            if found:
                self._add_head(title)
            for one in found:
                is_now = now is not None and now == one.pipeline
                action = self._choose(one.name.replace("&", "&&"), is_now, what="recipe", name=one.name)
                action.setToolTip(one.pipeline.description)

    def _add_head(self, title: str) -> None:
        """What stands below; a style sheet shows no titles of sections."""
        if self.actions():
            self.addSeparator()
        self.addAction(title).setEnabled(False)

    def _choose(self, title: str, is_now: bool, **values: Any) -> QAction:
        if self._number == NEW:
            return self._add(title, "grid.add", **values)
        action = self._add(title, "grid.show", cell=self._number, **values)
        action.setCheckable(True)
        action.setChecked(is_now)
        return action

    def _add(self, title: str, command: str, **values: Any) -> QAction:
        action = self.addAction(title)
        action.triggered.connect(lambda _=False: run(self._session, command, **values))
        return action
