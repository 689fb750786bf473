"""The regions of the window: the pictures at once, what stands around them when it is first looked for."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from medviewer.gui.abstract import Abstract
from medviewer.gui.dialogs.desk import Desk
from medviewer.gui.in_turns import in_turns
from medviewer.gui.kept_layout import FIRST_SIZE, KeptLayout
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.widgets.panel_tabs import PanelTabs
from medviewer.gui.window_files import WindowFiles
from medviewer.session.session import Session

if TYPE_CHECKING:
    from medviewer.gui.actions import Actions
    from medviewer.gui.around import Around
    from medviewer.gui.panels.studies import StudiesPanel
    from medviewer.gui.status_bar import StatusBar
    from medviewer.gui.tool_bar import ToolBar
    from medviewer.gui.welcome import Welcome

SMALLEST = QSize(1024, 700)
LEFT_PX, RIGHT_PX = 280, 320
NARROWEST_PX, WIDEST_PX = 240, 380
PANELS_AT_LATEST_MS = 1500
BARS_AT_LATEST_MS = 300
LOOK_AGAIN_MS = 30


class RegionsWindow(QMainWindow, Abstract):
    """The window without what it does.

    With *opening* the bars, the list of studies, the panels and the page before anything is open wait until
    the first picture stands; the room of the bars is kept free for them.
    """

    _actions: Actions | None = None
    _around: Around | None = None

    stands = Signal()
    """The first picture is seen, or none is to come."""

    def __init__(self, session: Session, parent: QWidget | None, opening: bool) -> None:
        super().__init__(parent)
        self.session = session
        self._opening = opening
        self._studies: StudiesPanel | None = None
        self._welcome: Welcome | None = None
        # no name of a patient in a title that the system shows in its task list
        self.setWindowTitle("medviewer")
        self.setMinimumSize(SMALLEST)
        self.desk = Desk(session, self)
        self.files = WindowFiles(session, self)
        self._waited_ms = 0
        self._add_regions()
        self._kept = KeptLayout(self, self.split, {"left": self.left, "right": self.tabs})

    def _add_regions(self) -> None:
        self.left = QWidget()
        column = QVBoxLayout(self.left)
        column.setContentsMargins(0, 0, 0, 0)
        self.grid = ViewportGrid(self.session)
        self.middle = QStackedWidget()
        self.middle.addWidget(self.grid)
        self.tabs = PanelTabs()
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(1)
        for widget in (self.left, self.middle, self.tabs):
            self.split.addWidget(widget)
        for side in (self.left, self.tabs):
            side.setMinimumWidth(NARROWEST_PX)
            side.setMaximumWidth(WIDEST_PX)
        self.tabs.setMinimumWidth(300)
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([LEFT_PX, FIRST_SIZE.width() - LEFT_PX - RIGHT_PX, RIGHT_PX])
        self.setCentralWidget(self.split)

    @abstractmethod
    def _calls(self) -> dict[str, Callable[..., Any]]:
        """What only a window can do, by the name of the entry."""

    @abstractmethod
    def _switches(self) -> frozenset[str]:
        """Which of the window's own entries are on."""

    def _bars(self) -> dict[str, QWidget]:
        """The bars that can be put away, by name, as far as they are made."""
        around = self._around
        return {} if around is None else {"bar": around.bar, "status": around.status}

    @property
    def actions_(self) -> Actions:
        """All that menus and keys do."""
        return self.build_bars().actions

    @property
    def bar(self) -> ToolBar:
        """The row of tools."""
        return self.build_bars().bar

    @property
    def menus(self) -> dict[str, QMenu]:
        """The menus of the menu bar, by name."""
        return self.build_bars().menus

    @property
    def status(self) -> StatusBar:
        """The line at the bottom."""
        return self.build_bars().status

    def make_actions(self) -> Actions:
        """All that menus and keys do, made if need be."""
        if self._actions is None:
            from medviewer.gui.actions import Actions  # noqa: PLC0415  (after the first picture)

            self._actions = Actions(self.session, self._calls(), self._switches, self, self.middle)
        return self._actions

    def build_bars(self) -> Around:
        """The bars, made and put into the window if need be."""
        if self._around is None:
            from medviewer.gui.around import Around  # noqa: PLC0415  (after the first picture)

            self._around = around = Around(self.session, self, self.make_actions(), self.files.open_paths)
            around.status.list_wanted.connect(self.desk.troubles)
            self.grid.hovered.connect(around.status.show_hover)
            self._kept.restore_bars(self._bars())
            around.actions.refresh()
        return self._around

    @property
    def studies(self) -> StudiesPanel:
        """The list of studies on the left."""
        if self._studies is None:
            from medviewer.gui.panels.studies import StudiesPanel  # noqa: PLC0415  (after the first picture)

            self._studies = StudiesPanel(self.session)
            self._studies.tags_wanted.connect(self.desk.tags)
            self._studies.text_wanted.connect(self.desk.object_text)
            self.left.layout().addWidget(self._studies)  # type: ignore[union-attr]
        return self._studies

    @property
    def welcome(self) -> Welcome:
        """The page before anything is open."""
        if self._welcome is None:
            from medviewer.gui.welcome import Welcome  # noqa: PLC0415  (not where something is being opened)

            self._welcome = Welcome(self.session)
            self._welcome.open_wanted.connect(self.files.open)
            self._welcome.folder_wanted.connect(self.files.open_folder)
            self.middle.addWidget(self._welcome)
        return self._welcome

    def build_panels(self) -> None:
        """Put the panels on both sides in place, once; they cost more than the first picture may wait."""
        if self.tabs.count():
            return
        self._build_left()
        from medviewer.gui.panels.all import panel_pages  # noqa: PLC0415  (after the first picture)

        for kind, page in panel_pages(self.session):
            page.setObjectName(kind.name)
            self.tabs.add(page, kind.title, kind.icon, kind.tip)
        self.show_panel(self._kept.panel or "window")

    def build_panels_soon(self, is_opening: bool) -> None:
        """Build the panels when the first picture stands, at once when none is to come."""
        stands = self.session.view.current.series is not None and self.grid.active_view.has_picture
        if not is_opening or stands or self._waited_ms >= PANELS_AT_LATEST_MS:
            self._opening = False
            self._show_middle()
            self.stands.emit()
            steps = (self._read_bars, self.make_actions, self.build_bars)
            in_turns(self, (*steps, self._build_left, self._read_panels, self.build_panels))
            return
        if self._waited_ms >= BARS_AT_LATEST_MS:  # a slow disk: the reader sees that it is being read
            self.build_bars()
        self._waited_ms += LOOK_AGAIN_MS
        QTimer.singleShot(LOOK_AGAIN_MS, self, lambda: self.build_panels_soon(is_opening=True))

    @staticmethod
    def _read_bars() -> None:
        from medviewer.gui import around as _  # noqa: F401, PLC0415  (after the first picture)

    @staticmethod
    def _read_panels() -> None:
        from medviewer.gui.panels import all as _  # noqa: F401, PLC0415  (after the first picture)

    def _build_left(self) -> None:
        if self._studies is None:
            self._order_for_tab()

    def show_panel(self, name: str) -> None:
        """Bring a panel to the front, unfolding the region if need be."""
        self.build_panels()
        page = self.tabs.findChild(QWidget, name)
        if page is not None:
            self.tabs.setCurrentWidget(page)
        self.tabs.show()
        self.actions_.refresh()

    def _order_for_tab(self) -> None:
        """From the tool bar to the left, the middle and the right; panels are made later and come last."""
        order = [*self.bar.stops, self.studies.tree, self.studies.search, self.grid, self.tabs.tabBar()]
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)

    def _show_middle(self) -> None:
        shows_pictures = self._opening or bool(self.session.state.studies)
        self.middle.setCurrentWidget(self.grid if shows_pictures else self.welcome)
        if self.session.state.studies:
            self.grid.setFocus()
