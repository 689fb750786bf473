"""Models: which fit, what they were made for, running them, and what they say as proposals."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from medviewer.ai.card import ENHANCEMENT
from medviewer.ai.catalog import Model, models
from medviewer.core.study import Series
from medviewer.gui import theme
from medviewer.gui.availability import NO_PICTURE
from medviewer.gui.dialogs.files import ask_file
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import remaining, run
from medviewer.gui.panels.model_card import ModelCard, fit_words, is_refused
from medviewer.gui.panels.panel import Panel, panel
from medviewer.gui.panels.results import Results
from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import Lane, Task
from medviewer.session.session import Session
from medviewer.session.state import JobStatus, State

MODELS = "Models (*.onnx);;All files (*)"
TASKS = {
    "classification": "one answer for the picture",
    "multilabel": "several answers for the picture",
    "segmentation": "draws regions",
    "enhancement": "makes pictures better",
}
NO_READER = "It says nothing about a picture: add it as a step in the Enhance panel, under Networks."
OF_SERIES = "It reads all slices of a series together: run it with medviewer infer."


@panel("ai", "AI", order=60, icon="ai")
class AiPanel(Panel):
    """Letting a model read along."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._models: tuple[Model, ...] | None = None
        self._picked = False
        """whether the reader has chosen a model; until then one that fits is proposed"""
        self.body.addWidget(
            plain_label("For research. Not a medical device: read the picture yourself.", "ai", True)
        )
        self._add_choice()
        self._add_run()
        self.section("What the model says")
        self.results = Results(session)
        self.body.addWidget(self.results)
        self.body.addStretch()
        self.watch(
            lambda state: (state.view.current.series, state.view.current.index), lambda _: self._suggest()
        )
        self.watch(_job, self._show_job)
        self.watch(lambda state: any(job.key.startswith("train-") for job in state.jobs), self._trained)
        self.watch(_reading, lambda _: self.results.show_reading())

    @property
    def model(self) -> Model | None:
        """The chosen model."""
        at = self.choice.currentIndex()
        return self._models[at] if self._models and 0 <= at < len(self._models) else None

    def showEvent(self, event: object) -> None:
        """Look for models when the panel is first seen."""
        super().showEvent(event)  # type: ignore[arg-type]
        if self._models is None:
            self.find_models()

    def _trained(self, is_training: bool) -> None:
        """Show what a training has put into the list of models."""
        if self._models is not None and not is_training:
            self.find_models()

    def find_models(self, choose: str = "") -> None:
        """List the models again, in the background: large ones take a moment to be read."""
        self._models = self._models or ()
        name = choose or (self.model.name if self.model else "")
        task = Task(
            work=lambda _: models(),
            done=lambda found: self._take(found, name),
            failed=self.session.notify,
            lane=Lane.SOON,
            replaces="models",
        )
        self.session.submit(task)

    def _add_choice(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        self.choice = QuietComboBox("Model")
        self.choice.hide()
        self.choice.currentIndexChanged.connect(lambda _: self._show_model())
        self.choice.activated.connect(lambda _: setattr(self, "_picked", True))
        self.add = QPushButton("Add…")
        self.add.setAccessibleName("Add a model from a file")
        self.add.setToolTip("Add a model from an .onnx file")
        self.add.clicked.connect(self._add_model)
        row.addWidget(self.choice, 1)
        row.addWidget(self.add)
        row.addStretch()
        self.body.addLayout(row)
        self._refusal = plain_label("", "error", wrap=True)
        self._refusal.hide()
        self.body.addWidget(self._refusal)
        self._what = plain_label("Looking for models", "muted", wrap=True)
        self.body.addWidget(self._what)
        self._fit = plain_label("", wrap=True)
        self.body.addWidget(self._fit)
        self.card = ModelCard()
        self.body.addWidget(self.card)

    def _add_run(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        self.picture = QPushButton("Read this picture")
        theme.mark(self.picture, role="main")
        self.picture.clicked.connect(lambda: self._run("picture"))
        self.series = QPushButton("Whole series")
        self.series.clicked.connect(lambda: self._run("series"))
        row.addWidget(self.picture, 1)
        row.addWidget(self.series)
        self.body.addLayout(row)
        self._progress = QWidget()
        column = QHBoxLayout(self._progress)
        column.setContentsMargins(0, 0, 0, 0)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the model")
        self._left = plain_label("", "small")
        self.cancel = QPushButton("Cancel")
        self.cancel.setAccessibleName("Cancel the model")
        self.cancel.clicked.connect(lambda: run(self.session, "ai.cancel"))
        column.addWidget(self.bar, 1)
        column.addWidget(self._left)
        column.addWidget(self.cancel)
        self._progress.hide()
        self.body.addWidget(self._progress)
        for button in (self.picture, self.series):
            button.setAccessibleName(button.text())

    def _take(self, found: tuple[Model, ...], name: str) -> None:
        # those that fit what is shown come first, those that cannot be used last
        self._models = tuple(sorted(found, key=lambda one: (not one.usable, not self._fits(one), one.name)))
        self.choice.blockSignals(True)
        self.choice.clear()
        for model in self._models:
            title = model.card.title if model.card else model.path.name
            self.choice.addItem(title if model.usable else f"{title} – cannot be used")
        names = [model.name for model in self._models]
        self.choice.setCurrentIndex(names.index(name) if name in names else 0 if names else -1)
        self.choice.setVisible(bool(names))
        self.choice.blockSignals(False)
        self._show_model()

    def _suggest(self) -> None:
        """Another picture: choose a model that fits it, unless the reader has chosen one."""
        model = self.model
        if not self._picked and model is not None and not self._fits(model):
            fitting = [at for at, one in enumerate(self._models or ()) if one.usable and self._fits(one)]
            if fitting:
                self.choice.setCurrentIndex(fitting[0])
        self._show_fit()

    def _fits(self, model: Model) -> bool:
        series = self._series()
        if model.card is not None and (model.card.task == ENHANCEMENT or model.card.input.is_stacked):
            return False
        return model.card is None or series is None or not is_refused(model.card, series.modality)

    def _show_model(self) -> None:
        model = self.model
        if model is None:
            self._what.setText(
                "No model is there yet. Add one from an .onnx file, or train one with medviewer train."
            )
        elif model.card is None or model.faults:
            self._what.setText(" ".join(model.faults) or "It has no card that says what it takes and gives.")
        else:
            task = TASKS.get(model.card.task, model.card.task)
            self._what.setText(f"{model.name} {model.version} · {task}")
        self.card.show_card(model.card if model else None)
        self._show_fit()

    def _show_fit(self) -> None:
        """Whether the chosen model was made for what is shown, in words."""
        model, series = self.model, self._series()
        words, refused = "", True
        if series is None:
            words = NO_PICTURE
        elif model is not None and model.card is not None:
            frame = self.session.rendering.frame(self.session.view.current)
            words, refused = fit_words(model.card, series, frame)
            if model.card.task == ENHANCEMENT:
                words, refused = NO_READER, True
            elif model.card.input.is_stacked:
                words, refused = OF_SERIES, True
        self._fit.setText(words)
        self._fit.setVisible(bool(words) and model is not None)
        theme.mark(self._fit, role="error" if refused and series else "warning")
        is_running = _job(self.session.state) is not None
        ready = model is not None and model.usable and not refused and not is_running
        words = "A model is reading; one at a time." if is_running else words
        for button in (self.picture, self.series):
            button.setEnabled(ready)
            button.setToolTip("" if ready else words or "Choose a model that can be used.")
        self.series.setVisible(series is not None and series.count > 1)

    def _show_job(self, job: JobStatus | None) -> None:
        if self._progress.isHidden() != (job is None):
            self._progress.setVisible(job is not None)
            self._show_fit()
        if job is None:
            return
        self.bar.setRange(0, 0 if job.fraction is None else 100)
        self.bar.setValue(round(100 * (job.fraction or 0)))
        self.bar.setToolTip(job.text)
        self._left.setText(remaining(job.seconds_left))

    def _run(self, scope: str) -> None:
        model = self.model
        if model is not None:
            where = model.name if not model.card_beside else str(model.path)
            run(self.session, "ai.run", model=where, scope=scope)

    def _add_model(self) -> None:
        path = ask_file(self.session, self, "Add a model", MODELS)
        if path is None:
            return
        self._refusal.hide()
        task: Task[str] = Task(
            work=lambda _: str(self.session.run("ai.add", path=path)),
            done=lambda name: self.find_models(name),
            failed=self._refuse,
            lane=Lane.SOON,
        )
        self.session.submit(task)

    def _refuse(self, trouble: Exception) -> None:
        """A refused model is told beside the button that asked for it."""
        if not isinstance(trouble, MedviewerError):
            self.session.notify(trouble)
            return
        self._refusal.setText(str(trouble))
        self._refusal.show()

    def _series(self) -> Series | None:
        return self.session.series(self.session.view.current.series)


def _job(state: State) -> JobStatus | None:
    return next((job for job in state.jobs if job.key.startswith("model-")), None)


def _reading(state: State) -> tuple[object, ...]:
    now = state.view.current
    if now.series is None:
        return (None,)
    reading = state.document.reading(now.series)
    return now.series, now.index, reading.findings, reading.groups
