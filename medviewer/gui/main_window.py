"""The window: what there is on the left, the picture in the middle, what can be done on the right."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from medviewer.gui import theme
from medviewer.gui.dialogs.desk import Desk
from medviewer.gui.dialogs.files import ask_file, ask_files, ask_folder, ask_target
from medviewer.gui.messages import run
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.widgets.panel_tabs import PanelTabs
from medviewer.kit.paths import user_data
from medviewer.session.session import Session
from medviewer.session.state import Blind

if TYPE_CHECKING:
    from medviewer.gui.actions import Actions
    from medviewer.gui.around import Around
    from medviewer.gui.panels.studies import StudiesPanel
    from medviewer.gui.preference_mode import PreferenceMode
    from medviewer.gui.status_bar import StatusBar
    from medviewer.gui.tool_bar import ToolBar
    from medviewer.gui.welcome import Welcome

SMALLEST = QSize(1024, 700)
FIRST_SIZE = QSize(1440, 900)
LEFT_PX, RIGHT_PX = 280, 320
NARROWEST_PX, WIDEST_PX = 240, 380
LAYOUT_VERSION = 1
READINGS = "Readings (*.json);;All files (*)"
PANELS_AT_LATEST_MS = 1500
BARS_AT_LATEST_MS = 300
LOOK_AGAIN_MS = 30
TURN_MS = 1
"""What is to wait for the next turn of the event loop waits so long: with 0 it may belong to this one."""
ABOVE_PX, BELOW_PX = 68, 34
"""The height of the bars above and below the pictures, until a window was closed that has measured them."""


class MainWindow(QMainWindow):
    """Everything a reader sees of a session.

    What stands around the picture is made when it is first looked for. With *opening* the bars, the list
    of studies, the panels and the page before anything is open wait until the first picture stands; the
    room of the bars is kept free for them, and whoever presses a key before has them at once.
    """

    _actions: Actions | None = None
    _around: Around | None = None
    _preference: PreferenceMode | None = None

    stands = Signal()
    """The first picture is seen, or none is to come."""

    def __init__(self, session: Session, parent: QWidget | None = None, opening: bool = False) -> None:
        super().__init__(parent)
        self.session = session
        self._opening = opening
        self._studies: StudiesPanel | None = None
        self._welcome: Welcome | None = None
        # no name of a patient in a title that the system shows in its task list
        self.setWindowTitle("medviewer")
        self.setMinimumSize(SMALLEST)
        self.setAcceptDrops(True)
        self._full_screen = False
        self.desk = Desk(session, self)
        self._waited_ms = 0
        self._add_regions()
        self._ends = [
            session.watch(lambda state: bool(state.studies), lambda _: self._show_middle()),
            session.watch(lambda state: state.view.tool == "inspect", self._show_inspector),
            session.watch(lambda state: state.view.blind, self._show_preference),
        ]
        self._show_middle()
        self._restore()
        if not opening:
            self._build_around()
            self._order_for_tab()
        self.grid.setFocus()
        QApplication.instance().focusChanged.connect(self._keep_keyboard)  # type: ignore[union-attr]

    def _keep_keyboard(self, left: QWidget | None, taken: QWidget | None) -> None:
        """Give the keyboard to the pictures when Qt has handed it on from a control that went away.

        Qt takes the next control of the window, wherever that is: Space would then press a button of the
        tool bar that nobody has chosen.
        """
        if left is None or taken is None or not (isValid(self) and isValid(left)):
            return
        if left.window() is not self or taken.window() is not self or (left.isVisible() and left.isEnabled()):
            return
        regions = [self.left, self.middle, self.tabs]
        if self._around is not None:
            regions += [self.bar, self.status]
        if not any(one.isAncestorOf(left) and one.isAncestorOf(taken) for one in regions):
            self.grid.setFocus()

    @property
    def actions_(self) -> Actions:
        """All that menus and keys do."""
        return self._build_around().actions

    @property
    def bar(self) -> ToolBar:
        """The row of tools."""
        return self._build_around().bar

    @property
    def menus(self) -> dict[str, QMenu]:
        """The menus of the menu bar, by name."""
        return self._build_around().menus

    @property
    def status(self) -> StatusBar:
        """The line at the bottom."""
        return self._build_around().status

    def _make_actions(self) -> Actions:
        if self._actions is None:
            from medviewer.gui.actions import Actions  # noqa: PLC0415  (after the first picture)

            self._actions = Actions(self.session, self._calls(), self._switches, self, self.middle)
        return self._actions

    def _build_around(self) -> Around:
        if self._around is None:
            from medviewer.gui.around import Around  # noqa: PLC0415  (after the first picture)

            self._around = around = Around(self.session, self, self._make_actions(), self.open_paths)
            around.status.list_wanted.connect(self.desk.troubles)
            self.grid.hovered.connect(around.status.show_hover)
            self._restore_around(around)
        return self._around

    @property
    def studies(self) -> StudiesPanel:
        """The list of studies on the left."""
        if self._studies is None:
            from medviewer.gui.panels.studies import StudiesPanel  # noqa: PLC0415  (after the first picture)

            self._studies = StudiesPanel(self.session)
            self._studies.tags_wanted.connect(self.desk.tags)
            self.left.layout().addWidget(self._studies)  # type: ignore[union-attr]
        return self._studies

    @property
    def welcome(self) -> Welcome:
        """The page before anything is open."""
        if self._welcome is None:
            from medviewer.gui.welcome import Welcome  # noqa: PLC0415  (not where something is being opened)

            self._welcome = Welcome(self.session)
            self._welcome.open_wanted.connect(self._open)
            self._welcome.folder_wanted.connect(self._open_folder)
            self.middle.addWidget(self._welcome)
        return self._welcome

    def build_panels(self) -> None:
        """Put the panels on both sides in place, once; they cost more than the first picture may wait."""
        if self.tabs.count():
            return
        if self._studies is None:
            self._order_for_tab()
        from medviewer.gui.panels.all import panel_pages  # noqa: PLC0415  (after the first picture)

        for kind, page in panel_pages(self.session):
            page.setObjectName(kind.name)
            self.tabs.add(page, kind.title, kind.icon, kind.tip)
        wanted = self._settings().value("panel", "")
        self.show_panel(str(wanted) if wanted else "window")

    def build_panels_soon(self, is_opening: bool) -> None:
        """Build the panels when the first picture stands, at once when none is to come."""
        stands = self.session.view.current.series is not None and self.grid.active_view.has_picture
        if not is_opening or stands or self._waited_ms >= PANELS_AT_LATEST_MS:
            self._opening = False
            self._show_middle()
            self.stands.emit()
            QTimer.singleShot(TURN_MS, self, self._read_around)
            return
        if self._waited_ms >= BARS_AT_LATEST_MS:  # a slow disk: the reader sees that it is being read
            self._build_around()
        self._waited_ms += LOOK_AGAIN_MS
        QTimer.singleShot(LOOK_AGAIN_MS, self, lambda: self.build_panels_soon(is_opening=True))

    def _read_around(self) -> None:
        """The first of six turns of the event loop: whoever scrolls already is answered between them."""
        from medviewer.gui import around as _  # noqa: F401, PLC0415  (after the first picture)

        QTimer.singleShot(TURN_MS, self, self._build_actions)

    def _build_actions(self) -> None:
        self._make_actions()
        QTimer.singleShot(TURN_MS, self, self._build_bars)

    def _build_bars(self) -> None:
        self._build_around()
        QTimer.singleShot(TURN_MS, self, self._build_left)

    def _build_left(self) -> None:
        if self._studies is None:
            self._order_for_tab()
        QTimer.singleShot(TURN_MS, self, self._read_panels)

    def _read_panels(self) -> None:
        from medviewer.gui.panels import all as _  # noqa: F401, PLC0415  (after the first picture)

        QTimer.singleShot(TURN_MS, self, self.build_panels)

    def show_panel(self, name: str) -> None:
        """Bring a panel to the front, unfolding the region if need be."""
        self.build_panels()
        page = self.tabs.findChild(QWidget, name)
        if page is not None:
            self.tabs.setCurrentWidget(page)
        self.tabs.show()
        self.actions_.refresh()

    def _show_inspector(self, is_inspecting: bool) -> None:
        """Who picks pixels wants to read what is said of them."""
        if is_inspecting:
            self.show_panel("inspect")

    def _show_preference(self, blind: Blind | None) -> None:
        """Leave the pictures and one bar while a preference study runs."""
        if self._preference is None:
            # few readers ever run one
            from medviewer.gui.preference_mode import PreferenceMode  # noqa: PLC0415

            around = (self.left, self.tabs, self.bar)
            self._preference = PreferenceMode(self.session, self, around, self._preference_ended)
        if blind is not None and not self._preference.runs:
            self.desk.close_all()
        self._preference.show_blind(blind)
        self.grid.setFocus()

    def _preference_ended(self) -> None:
        """What has come out is shown when all was answered."""
        self.actions_.refresh()
        self.desk.preference_results(self.session.preference.completed)

    def open_paths(self, paths: tuple[Path, ...]) -> None:
        """Open files and folders in the background."""
        if paths:
            run(self.session, "study.open", paths=paths)

    def event(self, event: QEvent) -> bool:
        """Whoever presses a key before there are any actions has them before it is looked for among them."""
        if self._around is None and event.type() == QEvent.Type.ShortcutOverride:
            self._build_around()
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: icons are drawn again."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._around is not None:
            self._around.take_colors()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and folders may be dropped anywhere."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = tuple(Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
        event.acceptProposedAction()
        self.open_paths(paths)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Say why where a key asks for what cannot be done now."""
        if not self._build_around().tell_why_not(event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember where everything stood, and follow the session no longer."""
        self._remember()
        for end in self._ends:
            end()
        self._ends.clear()
        self.desk.close_all()
        for part in (self._studies, self._welcome, self._around):
            if part is not None:
                part.stop()
        self.grid.close_grid()
        super().closeEvent(event)

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

    def _calls(self) -> dict[str, Callable[..., Any]]:
        """What only a window can do."""
        return {
            "gui.open": self._open,
            "gui.open_folder": self._open_folder,
            "gui.remembered": self.desk.remembered,
            "gui.save_picture": self.desk.export,
            "gui.apply_series": self.desk.apply_series,
            "gui.preference": self.desk.preference,
            "export.copy": self._copy_picture,
            "gui.save_reading": self._save_reading,
            "gui.load_reading": self._load_reading,
            "gui.quit": self.close,
            "gui.tags": lambda: self.desk.tags(self.session.view.current.series or ""),
            "gui.unreadable": self.desk.troubles,
            "gui.left_panel": lambda: self._fold(self.left),
            "gui.right_panel": lambda: self._fold(self.tabs),
            "gui.tool_bar": lambda: self._fold(self.bar),
            "gui.status_bar": lambda: self._fold(self.status),
            "gui.full_screen": self._toggle_full_screen,
            "gui.next_region": self._next_region,
            "gui.find": self._find_series,
            "gui.preferences": lambda: self.desk.preferences(self._take_theme),
            "gui.theme": self._take_theme,
            "gui.panel": self.show_panel,
            "gui.palette": lambda: self.desk.palette(self.actions_),
            "gui.help": lambda: self.desk.keys(self.actions_),
            "gui.screen_check": self.desk.screen_check,
            "gui.about": self.desk.about,
        }

    def _switches(self) -> frozenset[str]:
        """Which of the window's own entries are on."""
        regions: dict[str, QWidget] = {"gui.left_panel": self.left, "gui.right_panel": self.tabs}
        if self._around is not None:
            regions |= {"gui.tool_bar": self.bar, "gui.status_bar": self.status}
        shown = {name for name, widget in regions.items() if not widget.isHidden()}
        full = {"gui.full_screen"} if self._full_screen else set()
        return frozenset(shown | full | {f"gui.theme {self.session.settings.theme}"})

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

    def _fold(self, widget: QWidget) -> None:
        widget.setVisible(widget.isHidden())
        self.actions_.refresh()

    def _toggle_full_screen(self) -> None:
        """Leave the pictures alone, or bring everything back as it was."""
        around = (self.left, self.tabs, self.bar, self.status, self.menuBar())
        self._full_screen = not self._full_screen
        if self._full_screen:
            self._were_shown = [widget for widget in around if not widget.isHidden()]
            for widget in self._were_shown:
                widget.hide()
            self._was_maximised = self.isMaximized()
            self.showFullScreen()
        else:
            for widget in self._were_shown:
                widget.show()
            self.showMaximized() if self._was_maximised else self.showNormal()
        self.grid.setFocus()

    def _next_region(self) -> None:
        """Move the keyboard from region to region; Tab belongs to the viewports while they have it."""
        regions = [one for one in (self.studies.tree, self.grid, self.tabs.tabBar()) if one.isVisible()]
        focus = QApplication.focusWidget()
        holders = [self.left, self.middle, self.tabs]
        inside = [at for at, one in enumerate(holders) if focus is not None and one.isAncestorOf(focus)]
        order = [self.studies.tree, self.grid, self.tabs.tabBar()]
        start = order[inside[0]] if inside else None
        at = regions.index(start) + 1 if start in regions else 0
        if regions:
            regions[at % len(regions)].setFocus(Qt.FocusReason.TabFocusReason)

    def _find_series(self) -> None:
        self.left.show()
        self.actions_.refresh()
        self.studies.search.setFocus()
        self.studies.search.selectAll()

    def _open(self) -> None:
        self.open_paths(ask_files(self.session, self, "Open files"))

    def _open_folder(self) -> None:
        self.open_paths(ask_folder(self.session, self, "Open a folder"))

    def _copy_picture(self) -> None:
        from medviewer.gui.widgets.thumbnails import pixmap_of  # noqa: PLC0415  (not before it is asked for)

        pixels = run(self.session, "export.copy")
        if pixels is not None:
            QGuiApplication.clipboard().setImage(pixmap_of(pixels).toImage())
            self.status.show_hover("The picture is on the clipboard; it does not name the patient.")

    def _save_reading(self) -> None:
        path = ask_target(self.session, self, "Save reading", "reading.json", READINGS)
        if path is not None:
            run(self.session, "study.save", path=path)

    def _load_reading(self) -> None:
        path = ask_file(self.session, self, "Load reading", READINGS)
        if path is not None:
            run(self.session, "study.load", path=path)

    def _take_theme(self, name: str) -> None:
        self.session.save_settings(theme=name)
        theme.apply(QApplication.instance(), name)  # type: ignore[arg-type]
        self.actions_.refresh()

    def _settings(self) -> QSettings:
        return QSettings(str(user_data() / "window.ini"), QSettings.Format.IniFormat)

    def _remember(self) -> None:
        if self._full_screen:
            self._toggle_full_screen()
        if self._preference is not None:
            self._preference.bring_back()
        kept = self._settings()
        kept.setValue("version", LAYOUT_VERSION)
        kept.setValue("geometry", self.saveGeometry())
        kept.setValue("split", self.split.saveState())
        for name, widget in (("left", self.left), ("right", self.tabs)):
            kept.setValue(f"hidden/{name}", widget.isHidden())
        if self._around is not None:
            kept.setValue("hidden/bar", self.bar.isHidden())
            kept.setValue("hidden/status", self.status.isHidden())
            above = self.split.y()
            kept.setValue("room/above", above)
            kept.setValue("room/below", self.height() - above - self.split.height())
        page = self.tabs.currentWidget()
        if page is not None:
            kept.setValue("panel", page.objectName())

    def _restore(self) -> None:
        self.resize(FIRST_SIZE.boundedTo(self.screen().availableSize()))
        kept = self._settings()
        if self._is_kept(kept):
            self.restoreGeometry(kept.value("geometry", b""))  # type: ignore[arg-type]
            # kept on a larger screen, or before the system's scale was changed
            self.resize(self.size().boundedTo(self.screen().availableSize()))
            self.split.restoreState(kept.value("split", b""))  # type: ignore[arg-type]
            for name, widget in (("left", self.left), ("right", self.tabs)):
                widget.setHidden(bool(kept.value(f"hidden/{name}", False, type=bool)))
        # where the bars will be the pictures are not
        above, below = (
            kept.value(f"room/{side}", first, type=int)
            for side, first in (("above", ABOVE_PX), ("below", BELOW_PX))
        )
        self.setContentsMargins(0, above, 0, below)  # type: ignore[call-overload]

    def _restore_around(self, around: Around) -> None:
        kept = self._settings()
        for name, widget in (("bar", around.bar), ("status", around.status)):
            widget.setHidden(self._is_kept(kept) and bool(kept.value(f"hidden/{name}", False, type=bool)))
        self.menuBar().show()  # now, as the other two: a turn later the pictures would have moved twice
        self.setContentsMargins(0, 0, 0, 0)
        around.actions.refresh()

    def _is_kept(self, kept: QSettings) -> bool:
        return kept.value("version", 0, type=int) == LAYOUT_VERSION
