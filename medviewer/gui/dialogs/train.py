"""Training a model: what from, what and how; then how it goes. Another process does the work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from medviewer.gui import theme
from medviewer.gui.dialogs.fields import line
from medviewer.gui.dialogs.files import ask_file, ask_folder, ask_target
from medviewer.gui.dialogs.train_run import TrainRun
from medviewer.gui.dialogs.train_settings import TrainSettings
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import attempt, counted, run
from medviewer.kit.errors import ExportTrouble, MedviewerError
from medviewer.kit.task import Task
from medviewer.session.session import Session
from medviewer.session.training import settings as settings_file
from medviewer.session.training.running import Phase, Training

ARRAYS = "Pictures in one file (*.npz);;All files (*)"
PLANS = "Configuration (*.toml);;All files (*)"
SIDE_PX = 420
MOST_WARNINGS = 6
OF_DATA = ("task", "unit", "labels", "target", "subgroups", "missing")
"""Settings without which it may not be seen what the data are."""


class TrainDialog(QDialog):
    """Data and settings at the left, the training at the right."""

    def __init__(self, session: Session, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: list[Task[dict[str, Any]]] = []
        self._is_known, self._why_not = False, "Looking for what there is to learn by."
        self._looked_at: tuple[str, ...] = ()
        """the question of data that was asked last"""
        self._are_fit = False
        """whether these data can be learnt from"""
        self.setWindowTitle("Train a model")
        self.resize(920, 760)
        self.data = line("Data", "Folder of pictures or series, or a .npz file", "Folder or .npz file")
        self.data.editingFinished.connect(self._check_data)
        self.summary = plain_label("", wrap=True)
        self.problems = plain_label("", "warning", wrap=True)
        self.refusal = plain_label("", "error", wrap=True)
        self.state = plain_label("Looking for what there is to learn by…", "muted", wrap=True)
        self.form = TrainSettings()
        self.form.changed.connect(self._take_change)
        self.run = TrainRun()
        self._make_buttons()
        self._arrange()
        self._end = session.trainings.watch(self._show_training)
        self._show_training(session.trainings.now)
        self._find_out()
        session.trainings.find_stopped()

    def done(self, result: int) -> None:
        """Ask nothing more; a training goes on without this window."""
        for task in self._asked:
            task.token.cancel()
        self._end()
        self._end = _nothing
        super().done(result)

    def _make_buttons(self) -> None:
        def button(text: str, tip: str, call: Any) -> QPushButton:
            made = QPushButton(text)
            made.setAccessibleName(text.strip("…"))
            made.setToolTip(tip)
            made.setAutoDefault(False)
            made.clicked.connect(lambda _: call())
            return made

        self.folder = button("Folder…", "Choose a folder of pictures or series", self._ask_folder)
        self.file = button("File…", "Choose a .npz file", self._ask_file)
        self.load = button(
            "Load…", "Take the settings of a .toml file, such as run.toml of a run", self._load
        )
        self.save = button("Save…", "Save the settings as a .toml file, for here or the terminal", self._save)
        self.resume = button("Go on…", "Go on with a training that was stopped", self._resume)
        self.stop = button("Stop", "Stop; what was learnt is kept and it can go on", self._stop)
        self.train = button("Train", "Begin to learn", self._train)
        self.report = button("Open report", "Show the report of this training", self._open_report)
        theme.mark(self.train, role="main")

    def _arrange(self) -> None:
        where = QHBoxLayout()
        where.addWidget(self.data, 1)
        where.addWidget(self.folder)
        where.addWidget(self.file)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(8)
        column.addWidget(plain_label("1  Data", "section"))
        column.addLayout(where)
        for words in (self.summary, self.problems, self.refusal):
            words.hide()
            column.addWidget(words)
        column.addWidget(plain_label("2  What is trained", "section"))
        column.addWidget(self.state)
        column.addWidget(self.form)
        self.form.hide()
        column.addStretch()
        scroll = QScrollArea()
        scroll.setWidget(side)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFixedWidth(SIDE_PX)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(plain_label("3  How it goes", "section"))
        right.addWidget(self.run, 1)
        row = QHBoxLayout()
        row.addWidget(self.report)
        row.addStretch()
        right.addLayout(row)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addWidget(scroll)
        both.addLayout(right, 1)
        below = QHBoxLayout()
        for one in (self.load, self.save, self.resume):
            below.addWidget(one)
        below.addStretch()
        for one in (self.stop, self.train):
            below.addWidget(one)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(both, 1)
        layout.addLayout(below)

    def _find_out(self) -> None:
        """Ask what there is to choose from; once for the whole session."""
        known = self._session.trainings.listing
        if known is not None:
            self._take_listing(known)
            return
        self._asked.append(
            self._session.trainings.ask(("train", "--list", "--json"), self._take_listing, self._cannot_train)
        )

    def _take_listing(self, listing: dict[str, Any]) -> None:
        self._session.trainings.listing = listing
        self._is_known = True
        self.state.hide()
        self.form.show_listing(listing)
        self.form.show()
        self._show_buttons()

    def _cannot_train(self, trouble: Exception) -> None:
        self._why_not = _sentence(trouble)
        self.state.setText(self._why_not)
        theme.mark(self.state, role="error")
        self._show_buttons()

    def _ask_folder(self) -> None:
        for path in ask_folder(self._session, self, "Pictures to learn from"):
            self.choose_data(path)

    def _ask_file(self) -> None:
        path = ask_file(self._session, self, "Pictures to learn from", ARRAYS)
        if path is not None:
            self.choose_data(path)

    def choose_data(self, path: Path) -> None:
        """Look at the data at *path*."""
        self.data.setText(str(path))
        self._check_data()

    def _check_data(self) -> None:
        text = self.data.text().strip()
        flags = [
            f"--{name}={self.form.settings[f'data.{name}']}"
            for name in OF_DATA
            if f"data.{name}" in self.form.settings
        ]
        words = ("dataset", "--json", str(Path(text).expanduser().absolute()), *flags) if text else ()
        if words == self._looked_at:
            return
        self._looked_at, self._are_fit = words, False
        self.refusal.hide()
        self.problems.hide()
        self.summary.setVisible(bool(text))
        self._show_buttons()
        if not text:
            return
        self.summary.setText("Looking at the data…")

        def take(found: dict[str, Any]) -> None:
            if self._looked_at == words:
                self._are_fit = True
                self._show_data(found)

        def refuse(trouble: Exception) -> None:
            if self._looked_at == words:
                self.summary.hide()
                self.refusal.setText(_sentence(trouble))
                self.refusal.show()

        self._asked.append(self._session.trainings.ask(words, take, refuse))

    def _take_change(self) -> None:
        self._check_data()
        self._show_buttons()

    def _show_data(self, found: Mapping[str, Any]) -> None:
        self.summary.setText(_summary(found))
        warnings = [str(one) for one in dict(found.get("warnings") or {}).values()]
        more = len(warnings) - MOST_WARNINGS
        rest = [f"And {counted(more, 'more remark')}."] if more > 0 else []
        self.problems.setText("\n".join([*warnings[:MOST_WARNINGS], *rest]))
        self.problems.setVisible(bool(warnings))
        self.form.show_task(str(found.get("task", "")))
        self._show_buttons()

    def _settings(self) -> settings_file.Settings:
        path = self.data.text().strip()
        path = str(Path(path).expanduser().absolute()) if path else ""
        return {**({"data.path": path} if path else {}), **self.form.settings}

    def _load(self) -> None:
        path = ask_file(self._session, self, "Settings of a training", PLANS)
        if path is not None:
            self.take_file(path)

    def take_file(self, path: Path) -> None:
        """Show the settings of a TOML file."""
        found = attempt(self._session, lambda: settings_file.read(path))
        if found is not None:
            data = str(found.pop("data.path", ""))
            self.form.show_settings(found)
            if data:
                self.choose_data(Path(data))

    def _save(self) -> None:
        path = ask_target(self._session, self, "Save the settings", "train.toml", PLANS)
        if path is not None:
            attempt(self._session, lambda: _write(path, self._settings()))

    def _train(self) -> None:
        attempt(self._session, lambda: self._session.trainings.start(self._settings()))

    def _stop(self) -> None:
        run(self._session, "training.stop")

    def _resume(self) -> None:
        now = self._session.trainings.now
        if now.can_go_on and now.folder is not None:
            run(self._session, "training.resume", folder=now.folder)
            return
        for path in ask_folder(self._session, self, "Folder of a training that was stopped"):
            run(self._session, "training.resume", folder=path)

    def _open_report(self) -> None:
        report = self._session.trainings.now.report
        if report is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(report)))

    def _show_training(self, now: Training) -> None:
        self.run.show_training(now)
        self.report.setVisible(now.phase is Phase.DONE and now.report is not None)
        self._show_buttons()

    def _show_buttons(self) -> None:
        now = self._session.trainings.now
        why = ""
        if not self._is_known:
            why = self._why_not
        elif now.runs:
            why = "A model is being trained already."
        elif not self._are_fit:
            why = "Choose data first."
        self.train.setEnabled(not why)
        self.train.setToolTip(why or "Begin to learn; the window stays free")
        self.resume.setEnabled(self._is_known and not now.runs)
        self.resume.setText("Go on" if now.can_go_on else "Go on…")
        self.stop.setEnabled(now.phase is Phase.RUNS)
        self.stop.setToolTip(
            "Stop; what was learnt is kept and it can go on"
            if now.phase is Phase.RUNS
            else "No model is being trained."
        )


def _summary(found: Mapping[str, Any]) -> str:
    """What the data are, in two sentences."""
    task, examples, usable = found.get("task", ""), found.get("examples", 0), found.get("usable", 0)
    counts = []
    for name, parts in dict(found.get("classes") or {}).items():
        number = sum(parts.values()) if isinstance(parts, Mapping) else parts
        counts.append(f"{name} {number}")
    sizes = found.get("sizes")
    sizes = sizes if isinstance(sizes, Mapping) else {}
    small, large = sizes.get("smallest", ""), sizes.get("largest", "")
    size = f" {small}" if small == large else f" {small} to {large}"
    text = f"{str(task).capitalize()}: {counted(int(examples), 'example')}"
    text += "." if usable == examples else f", of which {usable} can be used."
    classes = f" {', '.join(counts)}." if counts else ""
    return f"{text}{classes}{size + ' px.' if size.strip() else ''}"


def _sentence(trouble: Exception) -> str:
    if isinstance(trouble, MedviewerError):
        return str(trouble)
    return f"Something went wrong inside medviewer ({type(trouble).__name__}); the log says where."


def _write(path: Path, found: settings_file.Settings) -> None:
    try:
        settings_file.write(path, found)
    except OSError as trouble:
        raise ExportTrouble(
            f"{path.name} cannot be written: {trouble.strerror or trouble}.", "Choose another folder."
        ) from None


def _nothing() -> None:
    """Nobody listens any more."""
