"""The window: what there is on the left, the picture in the middle, what can be done on the right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from medviewer.gui import theme
from medviewer.gui.full_screen import FullScreen
from medviewer.gui.keyboard_focus import is_astray, to_next_region
from medviewer.gui.window_regions import RegionsWindow
from medviewer.session.session import Session
from medviewer.session.state import Blind

if TYPE_CHECKING:
    from medviewer.gui.preference_mode import PreferenceMode


class MainWindow(RegionsWindow):
    """Everything a reader sees of a session, and what is done by the window itself.

    What stands around the picture is made when it is first looked for; whoever presses a key before has it
    at once.
    """

    _preference: PreferenceMode | None = None

    def __init__(self, session: Session, parent: QWidget | None = None, opening: bool = False) -> None:
        super().__init__(session, parent, opening)
        self.setAcceptDrops(True)
        self._full_screen = FullScreen(self)
        self._ends = [
            session.watch(lambda state: bool(state.studies), lambda _: self._show_middle()),
            session.watch(lambda state: state.view.tool == "inspect", self._show_inspector),
            session.watch(lambda state: state.view.blind, self._show_preference),
        ]
        self._show_middle()
        self._kept.restore()
        if not opening:
            self.build_bars()
            self._order_for_tab()
        self.grid.setFocus()
        QApplication.instance().focusChanged.connect(self._keep_keyboard)  # type: ignore[union-attr]

    def _keep_keyboard(self, left: QWidget | None, taken: QWidget | None) -> None:
        """Give the keyboard to the pictures when it came where nobody has sent it."""
        if is_astray(self, left, taken, self._regions):
            self.grid.setFocus()

    def _regions(self) -> list[QWidget]:
        return [self.left, self.middle, self.tabs, *self._bars().values()]

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
        self.files.open_paths(paths)

    def event(self, event: QEvent) -> bool:
        """Whoever presses a key before there are any actions has them before it is looked for among them."""
        if self._around is None and event.type() == QEvent.Type.ShortcutOverride:
            self.build_bars()
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
        self.files.open_paths(paths)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Say why where a key asks for what cannot be done now."""
        if not self.build_bars().tell_why_not(event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember where everything stood, and follow the session no longer."""
        if self._full_screen.is_on:
            self._toggle_full_screen()
        if self._preference is not None:
            self._preference.bring_back()
        page = self.tabs.currentWidget()
        self._kept.remember(self._bars(), "" if page is None else page.objectName())
        for end in self._ends:
            end()
        self._ends.clear()
        self.desk.close_all()
        for part in (self._studies, self._welcome, self._around):
            if part is not None:
                part.stop()
        self.grid.close_grid()
        super().closeEvent(event)

    def _calls(self) -> dict[str, Callable[..., Any]]:
        """What only a window can do."""
        return {
            "gui.open": self.files.open,
            "gui.open_folder": self.files.open_folder,
            "gui.remembered": self.desk.remembered,
            "gui.save_picture": self.desk.export,
            "gui.export_series": self.desk.export_series,
            "gui.export_labels": self.files.export_labels,
            "gui.import_labels": self.files.import_labels,
            "gui.apply_series": self.desk.apply_series,
            "gui.save_dicom": self.desk.save_dicom,
            "gui.report": self.desk.report,
            "gui.train": self.desk.train,
            "gui.print": self.desk.print,
            "gui.preference": self.desk.preference,
            "export.copy": self._copy_picture,
            "gui.save_reading": self.files.save_reading,
            "gui.measurements": self.files.export_measurements,
            "gui.load_reading": self.files.load_reading,
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
        full = {"gui.full_screen"} if self._full_screen.is_on else set()
        return frozenset(shown | full | {f"gui.theme {self.session.settings.theme}"})

    def _fold(self, widget: QWidget) -> None:
        widget.setVisible(widget.isHidden())
        self.actions_.refresh()

    def _toggle_full_screen(self) -> None:
        """Leave the pictures alone, or bring everything back as it was."""
        self._full_screen.toggle((self.left, self.tabs, self.bar, self.status, self.menuBar()))
        self.grid.setFocus()

    def _next_region(self) -> None:
        """Move the keyboard from region to region; Tab belongs to the viewports while they have it."""
        stops = (self.studies.tree, self.grid, self.tabs.tabBar())
        to_next_region(tuple(zip((self.left, self.middle, self.tabs), stops, strict=True)))

    def _find_series(self) -> None:
        self.left.show()
        self.actions_.refresh()
        self.studies.search.setFocus()
        self.studies.search.selectAll()

    def _copy_picture(self) -> None:
        if self.files.copy_picture():
            self.status.show_hover("The picture is on the clipboard; it does not name the patient.")

    def _take_theme(self, name: str) -> None:
        self.session.save_settings(theme=name)
        theme.apply(QApplication.instance(), name)  # type: ignore[arg-type]
        self.actions_.refresh()
