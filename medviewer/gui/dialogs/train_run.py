"""How a training goes: its words, the time left, the curves, and at the end the figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from medviewer.gui import theme
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import remaining
from medviewer.gui.widgets.learning_plot import LearningPlot
from medviewer.session.training.running import Phase, Training

TITLES = {
    Phase.NONE: "Nothing is being trained",
    Phase.RUNS: "Training",
    Phase.STOPPING: "Stopping",
    Phase.STOPPED: "Stopped",
    Phase.DONE: "Trained",
    Phase.FAILED: "The training failed",
}
FIGURES = {
    "auc": "AUC",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "f1": "F1",
    "dice": "Dice",
    "iou": "IoU",
    "mae": "Mean absolute error",
    "r2": "R²",
    "psnr": "PSNR",
    "ssim": "SSIM",
}
"""Those that are told here; the report has all."""


class TrainRun(QWidget):
    """Shows what is known of a training."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = plain_label(TITLES[Phase.NONE], "title")
        self.words = plain_label("", "muted", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the training")
        self.left = plain_label("", "small")
        self.trouble = plain_label("", "error", wrap=True)
        self.loss = LearningPlot("Loss by epoch")
        self.score = LearningPlot("Score by epoch")
        self.loss_title = plain_label("Loss by epoch", "section")
        self.loss_note = plain_label("Line: part that chooses. Dashed: part that learns.", "small", wrap=True)
        self.score_title = plain_label("Score by epoch", "section")
        self.figures = QWidget()
        self._cells = QGridLayout(self.figures)
        self._cells.setContentsMargins(0, 0, 0, 0)
        self._cells.setHorizontalSpacing(16)
        self._cells.setVerticalSpacing(4)
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.left)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.title)
        layout.addWidget(self.words)
        layout.addLayout(row)
        layout.addWidget(self.trouble)
        for widget in (self.loss_title, self.loss, self.loss_note, self.score_title, self.score):
            layout.addWidget(widget)
        layout.addWidget(self.figures)
        layout.addStretch()
        self._shown: Mapping[str, Any] | None = None

    def show_training(self, now: Training) -> None:
        """Show *now*."""
        self.title.setText(TITLES[now.phase])
        self.words.setText(_idle(now) if now.phase is not Phase.RUNS else now.text.partition(", at most")[0])
        self.bar.setVisible(now.runs)
        self.bar.setRange(0, 0 if now.fraction is None else 1000)
        self.bar.setValue(int(1000 * (now.fraction or 0.0)))
        self.left.setText(remaining(now.seconds_left) if now.runs else "")
        self.left.setVisible(now.runs)
        self.trouble.setText(now.trouble)
        self.trouble.setVisible(bool(now.trouble))
        numbers = [one.number for one in now.epochs]
        self.loss.show_curves(numbers, [one.val_loss for one in now.epochs], [one.loss for one in now.epochs])
        self.score.show_curves(numbers, [one.score for one in now.epochs])
        name = FIGURES.get(now.score_name, now.score_name.capitalize())
        self.score_title.setText(f"{name or 'Score'} by epoch, of the part that chooses")
        for widget in (self.loss_title, self.loss, self.loss_note, self.score_title, self.score):
            widget.setVisible(bool(now.epochs))
        if now.result is not self._shown:
            self._shown = now.result
            self._show_figures(now.result or {})

    def _show_figures(self, result: Mapping[str, Any]) -> None:
        while (item := self._cells.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        figures = result.get("figures")
        figures = figures if isinstance(figures, Mapping) else {}
        intervals = figures.get("intervals")
        intervals = intervals if isinstance(intervals, Mapping) else {}
        known = [name for name in FIGURES if isinstance(figures.get(name), (int, float))]
        if known:
            head = "On the part that was held out, with 95 % intervals"
            count = figures.get("n")
            self._cells.addWidget(
                plain_label(f"{head} ({count} examples)" if count else head, "section", wrap=True), 0, 0, 1, 3
            )
        for row, name in enumerate(known, 1):
            self._cells.addWidget(plain_label(FIGURES[name]), row, 0)
            self._cells.addWidget(plain_label(f"{figures[name]:.3f}"), row, 1)
            if isinstance(interval := intervals.get(name), (list, tuple)) and len(interval) == 2:
                words = " to ".join("–" if end is None else f"{end:.3f}" for end in interval)
                self._cells.addWidget(plain_label(words, "muted"), row, 2)
        self._cells.setColumnStretch(2, 1)
        theme.mark(self.figures, role="plain")


def _idle(now: Training) -> str:
    if now.phase is Phase.NONE:
        return "Choose data, then train. The window stays free, and the status bar shows how far it is."
    if now.phase is Phase.DONE:
        return f"The model and its report lie in {now.folder}."
    if now.phase is Phase.STOPPED:
        return f"{now.text}. It lies in {now.folder}."
    return "" if now.phase is Phase.FAILED else now.text
