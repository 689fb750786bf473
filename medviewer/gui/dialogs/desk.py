"""The windows beside the main one: one of each kind, made when first asked for, none of them in the way."""

# ruff: noqa: PLC0415

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from medviewer.core.object_kind import ObjectKind
from medviewer.core.study import SeriesKey
from medviewer.session.session import Session

if TYPE_CHECKING:
    from medviewer.gui.actions import Actions


class Desk:
    """Opens and closes dialogs for the main window."""

    def __init__(self, session: Session, window: QWidget) -> None:
        self._session, self._window = session, window
        self._open: dict[str, QWidget] = {}

    def __getitem__(self, name: str) -> QWidget:
        """The open dialog of a kind."""
        return self._open[name]

    def __iter__(self) -> Iterator[QWidget]:
        return iter(tuple(self._open.values()))

    def export(self) -> None:
        """Save what is seen."""
        # here and below: the first picture waits for no dialog
        from medviewer.gui.dialogs.export import ExportDialog

        self._show("export", lambda: ExportDialog(self._session, self._window))

    def apply_series(self) -> None:
        """A recipe on whole series, into files."""
        from medviewer.gui.dialogs.apply_series import ApplySeriesDialog

        self.close("apply_series")
        self._show("apply_series", lambda: ApplySeriesDialog(self._session, self._window))

    def export_series(self) -> None:
        """Whole series as pictures, movie, contact sheet, values or volume."""
        from medviewer.gui.dialogs.export_series import ExportSeriesDialog

        self.close("export_series")
        self._show("export_series", lambda: ExportSeriesDialog(self._session, self._window))

    def save_dicom(self) -> None:
        """The reader's work as DICOM objects."""
        from medviewer.gui.dialogs.save_dicom import SaveDicomDialog

        self.close("save_dicom")
        self._show("save_dicom", lambda: SaveDicomDialog(self._session, self._window))

    def report(self) -> None:
        """A report of the study."""
        from medviewer.gui.dialogs.report import ReportDialog

        self.close("report")
        self._show("report", lambda: ReportDialog(self._session, self._window))

    def train(self) -> None:
        """Train a model in another process."""
        from medviewer.gui.dialogs.train import TrainDialog

        self._show("train", lambda: TrainDialog(self._session, self._window))

    def print(self) -> None:
        """The picture, all of them or the report, on paper."""
        from medviewer.gui.dialogs.print import PrintDialog

        self.close("print")
        self._show("print", lambda: PrintDialog(self._session, self._window))

    def preference(self) -> None:
        """Set up a preference study, or go on with one."""
        from medviewer.gui.dialogs.preference import PreferenceDialog

        self.close("preference")
        self._show(
            "preference", lambda: PreferenceDialog(self._session, self._window, self.preference_results)
        )

    def preference_results(self, folder: Path | None) -> None:
        """What a preference study has shown."""
        from medviewer.gui.dialogs.preference_results import PreferenceResultsDialog

        if folder is not None:
            self.close("preference_results")
            self._show(
                "preference_results", lambda: PreferenceResultsDialog(self._session, folder, self._window)
            )

    def tags(self, key: SeriesKey) -> None:
        """The header of the shown file, or of the first file of another series."""
        from medviewer.gui.dialogs.tags import TagsDialog

        series = self._session.series(key)
        if series is None or not series.instances:
            return
        now = self._session.view.current
        is_shown = now.series == key and series.count > 0
        at = series.frames[min(now.index, series.count - 1)].instance if is_shown else 0
        self.close("tags")
        self._show("tags", lambda: TagsDialog(self._session, series, at, self._window))

    def object_text(self, uid: str) -> None:
        """What an object of the study says: its text, or the pages of its document."""
        found = next((one for one in self._session.objects.every if one.uid == uid), None)
        if found is None:
            return
        self.close("object")
        if found.kind is ObjectKind.DOCUMENT:
            from medviewer.gui.dialogs.document import DocumentDialog

            self._show("object", lambda: DocumentDialog(self._session, found, self._window))
            return
        from medviewer.gui.dialogs.object_text import ObjectTextDialog

        self._show("object", lambda: ObjectTextDialog(self._session, found, self._window))

    def troubles(self) -> None:
        """Messages and unreadable files."""
        from medviewer.gui.dialogs.troubles import TroublesDialog

        self._show("troubles", lambda: TroublesDialog(self._session, self._window))

    def remembered(self) -> None:
        """Studies opened before."""
        from medviewer.gui.dialogs.remembered import RememberedDialog

        self._show("remembered", lambda: RememberedDialog(self._session, self._window))

    def keys(self, actions: Actions) -> None:
        """All keys, and what the mouse does."""
        from medviewer.gui.dialogs.keys import KeysDialog

        self._show("keys", lambda: KeysDialog(actions, self._window))

    def preferences(self, take_theme: Callable[[str], object]) -> None:
        """What a reader chooses once."""
        from medviewer.gui.dialogs.preferences import PreferencesDialog

        self._show("preferences", lambda: PreferencesDialog(self._session, take_theme, self._window))

    def screen_check(self) -> None:
        """A page of known greys."""
        from medviewer.gui.dialogs.screen_check import ScreenCheckDialog

        self._show("screen_check", lambda: ScreenCheckDialog(self._window))

    def about(self) -> None:
        """What this program is, and what it is not."""
        from medviewer.gui.dialogs.about import AboutDialog

        self._show("about", lambda: AboutDialog(self._window))

    def palette(self, actions: Actions) -> None:
        """Find a command by a few letters."""
        from medviewer.gui.dialogs.palette import Palette
        from medviewer.gui.palette_items import palette_items

        self.close("palette")
        self._show("palette", lambda: Palette(palette_items(self._session, actions), self._window))

    def close(self, name: str) -> None:
        """Close the dialog of a kind, if it is open."""
        dialog = self._open.pop(name, None)
        if dialog is not None:
            dialog.close()

    def close_all(self) -> None:
        """Close all of them."""
        for name in tuple(self._open):
            self.close(name)

    def _show(self, name: str, make: Callable[[], QWidget]) -> None:
        dialog = self._open.get(name)
        if dialog is None:
            dialog = self._open[name] = make()
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.destroyed.connect(lambda _, gone=dialog: self._forget(name, gone))
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _forget(self, name: str, gone: QWidget) -> None:
        # another one of this kind may be open by now
        if self._open.get(name) is gone:
            del self._open[name]
