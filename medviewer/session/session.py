"""State, history, commands, work: the front door of the viewer without a screen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Series, SeriesKey, Study
from medviewer.core.volume import FrameSource
from medviewer.dicom.objects.classes import kind_of
from medviewer.dicom.source import SeriesSource
from medviewer.dicom.syntax import is_compressed
from medviewer.dicom.workers import WorkerPool
from medviewer.imaging.files.names import GRID
from medviewer.kit import settings as settings_file
from medviewer.kit.errors import FileTrouble, MedviewerError, SeriesTrouble
from medviewer.kit.log import described
from medviewer.kit.paths import user_data, user_folder
from medviewer.kit.runner import InlineRunner, Runner
from medviewer.kit.settings import Settings
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session import (
    blindness,
    commands,  # noqa: F401  (declares them)
    defaults,
    layouts,
    networks,  # noqa: F401  (finds their operations)
    recipes,
)
from medviewer.session.alignment import aligned
from medviewer.session.command import COMMANDS
from medviewer.session.frames import Frames, default_capacity
from medviewer.session.grid import together
from medviewer.session.history import Beside, History
from medviewer.session.jobs import Jobs
from medviewer.session.keeping.keeper import Keeper
from medviewer.session.opening import Opened
from medviewer.session.rendering import Rendering
from medviewer.session.state import CornerText, Document, Notice, State, View
from medviewer.session.store import Later, Store, at_once
from medviewer.studies.index import Index
from medviewer.studies.thumbnails import Thumbnails

if TYPE_CHECKING:
    from medviewer.imaging.files.grid_source import GridSource
    from medviewer.session.found.objects import Objects
    from medviewer.session.keeping.workplace import Workplace
    from medviewer.session.preference.running import Running
    from medviewer.session.presenting import Presenting
    from medviewer.session.three_d import ThreeD
    from medviewer.session.training.running import Trainings

log = logging.getLogger(__name__)
T = TypeVar("T")


class Session:
    """The viewer without a screen. Everything a reader does is `run` with a command's name."""

    def __init__(
        self, runner: Runner | None = None, later: Later = at_once, settings: Settings | None = None
    ) -> None:
        self.runner = runner or InlineRunner()
        self.settings_path = user_data() / "settings.json"
        self.store = Store(State(), later)
        self._notices = 0
        self.settings = settings or settings_file.load(self.settings_path, self.notify)
        self._settings_on_disk = self.settings
        self._settings_lock = Lock()
        self.store.set(replace(self.state, view=_first_view(self.settings)))
        self.history = History()
        self.jobs = Jobs(self)
        self.decoder = WorkerPool()
        self.frames = Frames(self.settings.cache_bytes or default_capacity(), self.source)
        self.rendering = Rendering(self)
        self.keeper = Keeper(self)
        self.opened = Opened()
        self.opened_from: tuple[str, ...] = ()
        """the files and folders that the reader has opened"""
        self.saved_folder: Path | None = None
        """where DICOM objects were saved last"""
        self.canvas: dict[int, tuple[int, int]] = {}
        """the size (height, width) in device pixels of each viewport that is on a screen"""
        self.thumbnails = Thumbnails(user_folder("thumbnails") if self.settings.remember_studies else None)
        self._preference: Running | None = None
        self._presenting: Presenting | None = None
        self._objects: Objects | None = None
        self._three_d: ThreeD | None = None
        self._trainings: Trainings | None = None
        self._workplace: Workplace | None = None
        self._index: Index | None = None
        self._index_lock = Lock()
        self._series: dict[SeriesKey, Series] = {}
        self._sources: dict[SeriesKey, tuple[Series, SeriesSource | GridSource]] = {}

    @property
    def state(self) -> State:
        """Everything at this moment."""
        return self.store.state

    @property
    def view(self) -> View:
        """Where the reader looks."""
        return self.store.state.view

    @property
    def index(self) -> Index:
        """What is known of the studies on this disk; opened when first needed, by any thread."""
        with self._index_lock:
            if self._index is None:
                path = user_data() / "studies.sqlite" if self.settings.remember_studies else None
                self._index = Index(path)
            return self._index

    @property
    def preference(self) -> Running:
        """The preference study that runs, or none."""
        if self._preference is None:
            # few readers ever run one: the others need not pay for it at start
            from medviewer.session.preference.running import Running  # noqa: PLC0415

            self._preference = Running(self)
        return self._preference

    @property
    def trainings(self) -> Trainings:
        """The training that runs in another process, or the last one that did."""
        if self._trainings is None:
            # few readers ever train: the others need not pay for it at start
            from medviewer.session.training.running import Trainings  # noqa: PLC0415

            self._trainings = Trainings(self)
        return self._trainings

    @property
    def presenting(self) -> Presenting:
        """The presentation states of the open studies."""
        if self._presenting is None:
            # few studies have any: the others need not pay for it while they are opened
            from medviewer.session.presenting import Presenting  # noqa: PLC0415

            self._presenting = Presenting(self)
        return self._presenting

    @property
    def objects(self) -> Objects:
        """The objects of the open studies that say something about pictures."""
        if self._objects is None:
            # few studies have any: the others need not pay for it while they are opened
            from medviewer.session.found.objects import Objects  # noqa: PLC0415

            self._objects = Objects(self)
        return self._objects

    @property
    def three_d(self) -> ThreeD:
        """Stacks as bodies."""
        if self._three_d is None:
            # most readers never turn a body: the others need not pay for it at start
            from medviewer.session.three_d import ThreeD  # noqa: PLC0415

            self._three_d = ThreeD(self)
        return self._three_d

    @property
    def workplace(self) -> Workplace:
        """Where the reader is and was, on disk."""
        if self._workplace is None:
            # terminals have none, and the first picture of a window does not wait for it
            from medviewer.session.keeping.workplace import Workplace  # noqa: PLC0415

            self._workplace = Workplace(self)
        return self._workplace

    def leave_body(self, number: int) -> None:
        """A viewport does not show a body, or no longer."""
        if self._three_d is not None:
            self._three_d.leave(number)

    def watch(self, select: Callable[[State], T], show: Callable[[T], object]) -> Callable[[], None]:
        """Call *show* when the selected part of the state has changed; return the call that ends this."""
        return self.store.watch(select, show)

    def run(self, name: str, /, **values: Any) -> Any:
        """Do what the command *name* says. Raises BadValue for a wrong name or value.

        While a preference study runs only what tells nothing is done; all else raises BadValue too.
        """
        if self.view.blind is not None:
            blindness.check(self.view.blind, name, **values)
        return COMMANDS[name](self, **values)

    def change(self, how: Callable[[View], View]) -> None:
        """Look elsewhere; not remembered by undo."""
        view = together(how(self.view), self.view, self.state.document.grid)
        self.store.set(replace(self.state, view=view))

    def edit(
        self,
        label: str,
        how: Callable[[Document], Document],
        merge: Hashable | None = None,
        beside: Beside | None = None,
    ) -> None:
        """Change the reader's work; undo names it by *label*, one step for consecutive equal *merge* keys.

        What was done *beside* the document is undone and done again with it.
        """
        before = self.state.document
        after = how(before)
        if after is before and beside is None:
            return
        after = after.with_stacks_chosen(before)
        self.history.remember(label, before, merge, beside)
        self.replace_document(after)

    def replace_document(self, document: Document) -> None:
        """Put another document in place; it is kept when this is back, as far as the disk takes it."""
        state = replace(
            self.state,
            document=document,
            view=together(self.view, self.view, document.grid),
            undo_label=self.history.undo_label,
            redo_label=self.history.redo_label,
        )
        self.store.set(state)
        self.keeper.touched()

    def submit(self, task: Task[Any]) -> None:
        """Begin a background task."""
        self.runner.submit(task)

    def notify(
        self,
        trouble: Exception | str,
        advice: str = "",
        is_error: bool = True,
        refused: bool = False,
        offer: str = "",
    ) -> None:
        """Tell the reader something; that a command was *refused* in the active viewport is told once.

        *offer* is the name of a command that does what can be done about it.
        """
        if isinstance(trouble, MedviewerError):
            message, advice = trouble.message, trouble.advice
        elif isinstance(trouble, Exception):
            log.error("unforeseen: %s", described(trouble))
            message = "Something went wrong inside medviewer; this is our mistake, nothing of yours is lost."
            advice = f"A line in the log says where ({type(trouble).__name__})."
        else:
            message = trouble
        self._notices += 1
        notice = Notice(message, advice, is_error, self._notices, self.view.active if refused else -1, offer)
        others = tuple(one for one in self.state.notices if not refused or one.message != message)
        self.store.set(replace(self.state, notices=(*others[-19:], notice)))

    def set_opened(self, opened: Opened) -> None:
        """Put the open studies in place; pictures of series that did not change stay decoded."""
        series = {one.key: one for study in opened.studies for one in study.series}
        before, self._series = self._series, series
        for key, old in before.items():
            if series.get(key) != old:
                self._sources.pop(key, None)
                self.rendering.forget(key)
                if self._three_d is not None:
                    self._three_d.forget(key)
        self.opened = opened
        if any(is_compressed(one.instances[0].transfer_syntax) for one in series.values()):
            self.decoder.warm()  # it starts while the reader is still looking for the series
        self.history.everywhere(self.aligned)
        document = self.aligned(self.state.document)
        state = replace(self.state, document=document, studies=opened.studies, unreadable=opened.unreadable)
        self.store.set(state)
        if self._presenting is not None or any(
            one.modality == "PR" for study in opened.studies for one in study.series
        ):
            self.presenting.refresh()
        if self._objects is not None or any(
            kind_of(one.instances[0].sop_class) for one in series.values() if one.instances
        ):
            self.objects.refresh()

    def aligned(self, document: Document) -> Document:
        """*document* with labels and findings on the pictures they were made for, as numbered now."""
        for key, reading in document.readings.items():
            series = self._series.get(key)
            if series is not None:
                after = aligned(reading, series)
                document = document if after is reading else document.with_reading(after)
        return document

    def series(self, key: SeriesKey | None) -> Series | None:
        """An open series, or None."""
        return self._series.get(key) if key is not None else None

    def study_of(self, key: SeriesKey | None) -> Study | None:
        """The open study that holds a series, or None."""
        return next((study for study in self.state.studies if key and study.find(key)), None)

    def source(self, key: SeriesKey) -> tuple[Series, FrameSource]:
        """An open series and its frames. Any thread may ask. Raises SeriesTrouble when it was closed."""
        series = self._series.get(key)
        if series is None:
            raise SeriesTrouble("This series is no longer open.", "Open the study again.")
        known = self._sources.get(key)
        if known is None or known[0] is not series:  # a scan may have exchanged the series a moment ago
            known = self._sources[key] = (series, self._source_of(series))
        return known

    def _source_of(self, series: Series) -> SeriesSource | GridSource:
        if not series.instances or series.instances[0].transfer_syntax != GRID:
            return SeriesSource(series, self.decoder)
        # few readers open such files: the others need not pay for them at start
        from medviewer.imaging.files.grid_source import GridSource  # noqa: PLC0415

        return GridSource(series)

    def thumbnail(self, key: SeriesKey, done: Callable[[NDArray[np.uint8]], object]) -> None:
        """Call *done* with a small picture of a series when it is there: (row, column[, 3]) uint8."""
        series = self._series.get(key)
        if series is None or not series.count:
            return

        def work(context: TaskContext) -> NDArray[np.uint8]:
            context.check()
            return self.thumbnails.make(*self.source(key))

        # a series that cannot be decoded is told on its tile, not for its thumbnail
        self.submit(Task(work, done, lane=Lane.SOON, replaces=("thumbnail", key)))

    def save_settings(self, **changes: Any) -> None:
        """Change settings and keep them on disk, soon: a disk takes its time; one that refuses is told."""
        self.settings = replace(self.settings, **changes)

        def failed(trouble: Exception) -> None:
            if isinstance(trouble, OSError):
                why = f"{trouble.strerror}: {Path(self.settings_path).name}"
                trouble = MedviewerError("The settings could not be saved.", why)
            self.notify(trouble)

        self.submit(
            Task(lambda _: self._write_settings(), failed=failed, lane=Lane.SOON, replaces="settings")
        )

    def _write_settings(self) -> None:
        """Write what is set now, if it is not on the disk. Any thread may call. Raises OSError."""
        with self._settings_lock:
            now = self.settings
            if now is not self._settings_on_disk:
                settings_file.save(now, self.settings_path)
                self._settings_on_disk = now

    def close(self) -> None:
        """Stop all work in the background, keep the reader's work, end the decoders."""
        self.runner.close()
        self.keeper.close()
        if self._workplace is not None:
            self._workplace.end()
        answers = () if self._preference is None else (self._preference.settle,)
        for write in (self._write_settings, recipes.settle, layouts.settle, defaults.settle, *answers):
            with suppress(OSError, FileTrouble):  # there is nobody left to tell
                write()
        for _, source in self._sources.values():
            source.close()
        self.decoder.close()
        if self._three_d is not None:
            self._three_d.close()
        if self._index is not None:
            self._index.close()


def _first_view(settings: Settings) -> View:
    """The window before anything is open, as the reader likes it."""
    return View(
        corner_text=CornerText(settings.corner_text),
        cine_rate=float(settings.cine_rate),
        overlay_color=settings.overlay_color,
    )
