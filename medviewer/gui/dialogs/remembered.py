"""The studies that were opened before, to find one again and open it without looking for its folder."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QPushButton, QWidget

from medviewer.gui.dialogs.table import Row, TableDialog
from medviewer.gui.messages import counted, run
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.session import Session
from medviewer.studies.rows import Remembered

HEADS = ("Patient", "ID", "Date", "Modality", "Pictures", "Description", "Opened from")
WIDTHS_PX = (170, 110, 90, 80, 70, 200)


class RememberedDialog(TableDialog):
    """A list with a search field; a double click opens, one button forgets."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Studies opened before", HEADS, parent)
        self._session = session
        self._studies: tuple[Remembered, ...] = ()
        self.resize(980, 520)
        for column, width in enumerate(WIDTHS_PX):
            self.table.setColumnWidth(column, width)
        self.open_again = QPushButton("Open")
        self.open_again.setAccessibleName("Open the selected study")
        self.open_again.clicked.connect(self._open)
        self.forget = QPushButton("Forget")
        self.forget.setAccessibleName("Forget the selected study")
        self.forget.setToolTip(
            "Remove the study from this list, with its small pictures and what is known of its files.\n"
            "The files themselves and your own work on them stay."
        )
        self.forget.clicked.connect(self._forget)
        for at, button in enumerate((self.open_again, self.forget)):
            button.setAutoDefault(False)
            self.below.insertWidget(at, button)
        self.table.doubleClicked.connect(lambda _: self._open())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self._end = session.watch(lambda state: state.studies, lambda _: self._load())
        self.finished.connect(lambda _: self._end())
        self._enable()
        self._load()

    def _load(self) -> None:
        """Ask the index in the background."""

        def work(_: TaskContext) -> tuple[Remembered, ...]:
            return self._session.index.studies()

        self._session.submit(
            Task(work, self._show, self._session.notify, lane=Lane.SOON, replaces="remembered studies")
        )

    def _show(self, studies: tuple[Remembered, ...]) -> None:
        self._studies = studies
        if not self._session.settings.remember_studies:
            self.say("Studies are not remembered: that is switched off in the settings.")
        elif not studies:
            self.say("Nothing was opened yet.")
        else:
            self.say(f"{counted(len(studies), 'study', 'studies')}, the one opened last first.")
        self.show_rows([_row(one) for one in studies])
        self._enable()

    def _chosen(self) -> Remembered | None:
        rows: list[QModelIndex] = self.table.selectionModel().selectedRows()
        if not rows:
            return None
        at = self._filter.mapToSource(rows[0]).row()
        return self._studies[at] if at < len(self._studies) else None

    def _enable(self) -> None:
        chosen = self._chosen() is not None
        self.open_again.setEnabled(chosen)
        self.forget.setEnabled(chosen)

    def _open(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            run(self._session, "study.reopen", study=chosen.key)
            self.close()

    def _forget(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            run(self._session, "study.forget", study=chosen.key)
            self._load()


def _row(one: Remembered) -> Row:
    date = f"{one.date[:4]}-{one.date[4:6]}-{one.date[6:]}" if len(one.date) == 8 else one.date
    name = one.patient.called or "(no name)"
    modalities = " ".join(one.modalities)
    places = ", ".join(one.paths)
    return (name, one.patient.id, date, modalities, str(one.pictures), one.description, places)
