"""What a preference study has shown: the ranking as a plot and a table, and both to take away."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QPushButton, QWidget

from medviewer.gui.dialogs.files import ask_target
from medviewer.gui.dialogs.table import TableDialog
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import attempt
from medviewer.gui.widgets.strengths import Strength, StrengthPlot
from medviewer.kit.errors import ExportTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.task import Lane, Task
from medviewer.session.preference import journal
from medviewer.session.preference.journal import Kept
from medviewer.session.preference.results import (
    METHOD,
    Results,
    labels,
    ranking_csv,
    ranking_rows,
    results,
    trials_csv,
)
from medviewer.session.session import Session

HEADS = (
    "",
    "Recipe",
    "Strength",
    "95 % interval",
    "Against average",
    "Preferred",
    "Rejected",
    "Neither",
)
WIDTHS_PX = (32, 240, 76, 140, 140, 84, 84)
TABLES = "Comma-separated values (*.csv)"


class PreferenceResultsDialog(TableDialog):
    """Stands beside the work; the figures are those of the answers on the disk."""

    def __init__(self, session: Session, folder: Path, parent: QWidget) -> None:
        super().__init__("Results of a preference study", HEADS, parent, stretch=1)
        self._session = session
        self._kept: Kept | None = None
        self._found: Results | None = None
        self.resize(860, 640)
        for column, width in enumerate(WIDTHS_PX):
            if column != 1:
                self.table.setColumnWidth(column, width)
        self.field.hide()
        self.plot = StrengthPlot()
        self.plot.hide()
        self.said = plain_label("", "muted", wrap=True)
        self.method = plain_label(METHOD, "small", wrap=True)
        layout = self.layout()
        layout.insertWidget(1, self.plot, 2)  # type: ignore[union-attr]
        layout.insertWidget(layout.count() - 1, self.said)  # type: ignore[union-attr]
        layout.insertWidget(layout.count() - 1, self.method)  # type: ignore[union-attr]
        self.save_answers = self._button("Save answers as CSV…", "Every pair with its answer and its time")
        self.save_ranking = self._button("Save ranking as CSV…", "Strengths with their intervals")
        self.save_plot = self._button("Save plot as PNG…", "The plot, large enough for print")
        self.save_answers.clicked.connect(lambda _=False: self._save_answers())
        self.save_ranking.clicked.connect(lambda _=False: self._save_ranking())
        self.save_plot.clicked.connect(lambda _=False: self._save_plot())
        session.submit(Task(lambda _: journal.read(folder), self._show, self._failed, lane=Lane.SOON))

    def _show(self, kept: Kept) -> None:
        self._kept, self._found = kept, results(kept.plan, kept.answers)
        found = self._found
        reader = f" Reader {kept.plan.reader}." if kept.plan.reader else ""
        self.say(f"{kept.plan.title}: {kept.plan.question}{reader}")
        self.show_rows(
            [
                (place, name, strength, f"{low} to {high}" if low else "", chance, *counts)
                for place, name, _, strength, low, high, chance, *counts in ranking_rows(found)
            ]
        )
        self.said.setText(" ".join(filter(None, (found.why_not, *found.remarks, kept.remark))))
        self.plot.setVisible(found.ranking is not None)
        if found.ranking is not None:
            names = labels(found.plan)
            self.plot.show_strengths(
                [
                    Strength(names[at], float(found.ranking.strengths[at]), *found.ranking.interval(at))
                    for at in found.order
                ]
            )
        for button in (self.save_answers, self.save_ranking, self.save_plot):
            button.setEnabled(True)
        self.save_plot.setEnabled(found.ranking is not None)
        if found.ranking is None:
            self.save_plot.setToolTip(found.why_not)

    def _failed(self, trouble: Exception) -> None:
        self.say(str(trouble))

    def _save_answers(self) -> None:
        if self._kept is not None:
            self._save("Save answers", "answers.csv", trials_csv(self._kept))

    def _save_ranking(self) -> None:
        if self._found is not None:
            self._save("Save ranking", "ranking.csv", ranking_csv(self._found))

    def _save_plot(self) -> None:
        path = ask_target(self._session, self, "Save plot", "ranking.png", "PNG (*.png)")
        if path is not None and not self.plot.save(path.with_suffix(".png")):
            self._session.notify(f"{path.name} could not be written.", "Choose another place.")

    def _save(self, title: str, name: str, text: str) -> None:
        path = ask_target(self._session, self, title, name, TABLES)
        if path is None:
            return

        def write() -> None:
            try:
                # with the mark by which spreadsheets know that it is UTF-8
                write_atomically(path, text.encode("utf-8-sig"))
            except OSError as trouble:
                raise ExportTrouble(
                    f"{path.name} could not be written: {trouble.strerror}.", "Choose another place."
                ) from None

        attempt(self._session, write)

    def _button(self, words: str, tip: str) -> QPushButton:
        button = QPushButton(words)
        button.setToolTip(tip)
        button.setAccessibleName(words)
        button.setAutoDefault(False)
        button.setEnabled(False)
        self.below.insertWidget(self.below.count() - 2, button)
        return button
