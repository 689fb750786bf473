"""The preference studies that are kept, the newest first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.kit.task import Lane, Task
from medviewer.session.preference.journal import Kept, kept
from medviewer.session.session import Session


class KeptStudies(QWidget):
    """A list with what can be done to the study that is chosen."""

    begun = Signal()

    def __init__(self, session: Session, results: Callable[[Path], object]) -> None:
        super().__init__()
        self._session, self._show_results = session, results
        self._studies: tuple[Kept, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName("Preference studies")
        self.list.currentRowChanged.connect(lambda _: self._enable())
        self.list.itemDoubleClicked.connect(lambda _: self._double_click())
        self.told = plain_label("", "muted", wrap=True)
        self.go_on = self._button("Go on", "Go on where the study stood", self._go_on)
        self.results = self._button("Results…", "The ranking, and all answers", self._results)
        self.delete = self._button("Delete", "Delete the study and its answers for good", self._ask)
        self.sure = self._button("Delete it for good", "There is no way back", self._delete)
        self.sure.hide()
        row = QHBoxLayout()
        for button in (self.go_on, self.results):
            row.addWidget(button)
        row.addStretch()
        for button in (self.delete, self.sure):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.told)
        layout.addLayout(row)
        self._enable()
        self.load()

    def load(self) -> None:
        """Read the list in the background."""
        self._session.submit(
            Task(
                lambda _: kept(),
                self._show,
                self._session.notify,
                lane=Lane.SOON,
                replaces="preference studies",
            )
        )

    @property
    def chosen(self) -> Kept | None:
        """The study that is chosen."""
        at = self.list.currentRow()
        return self._studies[at] if 0 <= at < len(self._studies) else None

    def _show(self, studies: tuple[Kept, ...]) -> None:
        self._studies = studies
        self.list.clear()
        self.list.addItems([_words(one) for one in studies])
        self.list.setCurrentRow(0 if studies else -1)
        self._enable()

    def _enable(self) -> None:
        chosen = self.chosen
        self.sure.hide()
        self.delete.show()
        self.go_on.setEnabled(chosen is not None and not chosen.is_done)
        self.results.setEnabled(chosen is not None and bool(chosen.answers))
        self.delete.setEnabled(chosen is not None)
        if chosen is None:
            self.told.setText("No study was begun yet." if not self._studies else "")
        elif chosen.remark:
            self.told.setText(chosen.remark)
        elif not chosen.is_done and chosen.answers:
            self.told.setText("Who has seen results is no longer blind: look at them when all is answered.")
        else:
            self.told.setText(chosen.plan.question)

    def _double_click(self) -> None:
        if self.chosen is not None and self.chosen.is_done:
            self._results()
        else:
            self._go_on()

    def _go_on(self) -> None:
        if self.chosen is not None:
            run(self._session, "preference.resume", study=self.chosen.folder.name)
            if self._session.view.blind is not None:
                self.begun.emit()

    def _results(self) -> None:
        if self.chosen is not None:
            self._show_results(self.chosen.folder)

    def _ask(self) -> None:
        self.delete.hide()
        self.sure.show()

    def _delete(self) -> None:
        if self.chosen is not None:
            run(self._session, "preference.delete", study=self.chosen.folder.name)
            self.load()

    def _button(self, words: str, tip: str, call: Callable[[], None]) -> QPushButton:
        button = QPushButton(words)
        button.setToolTip(tip)
        button.setAccessibleName(words)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _=False: call())
        return button


def _words(one: Kept) -> str:
    reader = f"  ·  reader {one.plan.reader}" if one.plan.reader else ""
    done = "complete" if one.is_done else f"{len(one.answers)} of {len(one.plan.trials)}"
    return f"{one.plan.title}{reader}  ·  {len(one.plan.recipes)} recipes  ·  {done}"
