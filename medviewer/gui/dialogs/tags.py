"""The header of a file: searched, copied, walked through the series, and compared with another."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from medviewer.core.study import Instance, Series
from medviewer.dicom.tag_compare import Change, Pair, compare, tally
from medviewer.dicom.tag_value import header_of, whole_value
from medviewer.dicom.tags import TagRow
from medviewer.gui.dialogs.tag_files import TagFile
from medviewer.gui.dialogs.tag_list import TagList, switch
from medviewer.gui.labels import plain_label
from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.session import Session
from medviewer.session.state import State

Header = tuple[TagRow, ...]
Read = tuple[list[Header], tuple[Pair, ...]]
"""One header or two, and their elements beside one another."""
KEPT_HEADERS = 12
NOTHING, THIS_SERIES = "nothing", "this series"


class TagsDialog(QDialog):
    """All elements of one file, private ones included, or what differs between two."""

    def __init__(self, session: Session, series: Series, instance: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Header")
        self.setSizeGripEnabled(True)
        self.resize(980, 680)
        self._session = session
        self._headers: OrderedDict[Instance, Header] = OrderedDict()
        self._pairs: tuple[Pair, ...] = ()
        self.list = TagList()
        self.list.whole_wanted.connect(self._read_whole)
        self._add_files()
        self._lay_out()
        self.first.show_file(series, instance)
        self._ends = [
            session.watch(lambda state: (state.view.current.series, state.view.current.index), self._follow),
            session.watch(_beside, lambda _: self._offer()),
        ]
        self.finished.connect(lambda _: self._stop())
        self.destroyed.connect(lambda _, ends=self._ends: [end() for end in ends])
        self._task: Task[Read] | None = None
        self._value_task: Task[list[str]] | None = None
        self._offer()
        self._read()
        self.list.field.setFocus()

    # what it is made of

    def _add_files(self) -> None:
        self.first = TagFile("File")
        self.second = TagFile("Second file")
        for file in (self.first, self.second):
            file.chosen.connect(self._read)
        self.following = switch("Follow the picture", "Always show the file of the active viewport", False)
        self.following.clicked.connect(lambda _: self._follow(None))
        self.other = QuietComboBox("Compare with")
        self.other.setMinimumContentsLength(26)
        self.other.activated.connect(lambda _: self._choose_other())
        self.only_differences = switch("Only differences", "Hide what both files say alike", True)
        self.only_differences.clicked.connect(lambda _: self._show())
        self.words = plain_label("", "muted", wrap=True)

    def _lay_out(self) -> None:
        files, compared, below = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        files.addWidget(self.first, 1)
        files.addWidget(self.following)
        compared.addWidget(plain_label("Compare with", "muted"))
        compared.addWidget(self.other)
        compared.addWidget(self.second, 1)
        compared.addStretch()
        compared.addWidget(self.only_differences)
        copy, everything, shut = QPushButton("Copy rows"), QPushButton("Copy all"), QPushButton("Close")
        copy.setToolTip("Copy the selected rows (Ctrl+C); Ctrl+Shift+C copies one cell")
        everything.setToolTip("Copy all rows that are listed, as text")
        shut.setToolTip("Close (Esc)")
        copy.clicked.connect(self.list.copy_rows)
        everything.clicked.connect(self.list.copy_all)
        shut.clicked.connect(self.close)
        for button in (copy, everything, shut):
            button.setAccessibleName(button.text())
            button.setAutoDefault(False)
        below.addWidget(copy)
        below.addWidget(everything)
        below.addStretch()
        below.addWidget(shut)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        for row in (files, compared):
            layout.addLayout(row)
        layout.addWidget(self.words)
        layout.addWidget(self.list, 1)
        layout.addLayout(below)

    # which files

    def _follow(self, _: object) -> None:
        """Go to the file of the active viewport, where that is wished."""
        now = self._session.view.current
        series = self._session.series(now.series)
        if not self.following.isChecked() or series is None or not series.count:
            return
        self.first.show_file(series, series.frames[min(now.index, series.count - 1)].instance)
        self._read()

    def _offer(self) -> None:
        """What the file can be compared with now."""
        chosen = NOTHING if self.other.currentData() is None else self.other.currentData()
        self.other.clear()
        self.other.addItem("Nothing", NOTHING)
        self.other.addItem("Another file of this series", THIS_SERIES)
        view = self._session.view
        for number in range(view.layout.count):
            series = self._session.series(view.viewports[number].series)
            if series is not None and series.count and view.layout.count > 1:
                title = " ".join(filter(None, (series.modality, series.description)))
                self.other.addItem(f"Viewport {number + 1}: {title}", number)
        at = self.other.findData(chosen)
        self.other.setCurrentIndex(max(at, 0))
        for widget in (self.second, self.only_differences):
            widget.setVisible(self.other.currentData() != NOTHING)
        if at < 0 and chosen != NOTHING:
            self._read()

    def _choose_other(self) -> None:
        chosen = self.other.currentData()
        series = self.first.series
        if isinstance(chosen, int):
            viewport = self._session.view.viewports[chosen]
            series = self._session.series(viewport.series)
            if series is not None:
                at = series.frames[min(viewport.index, series.count - 1)].instance
                self.second.show_file(series, at)
        elif chosen == THIS_SERIES and series is not None:
            here = series.instances.index(self.first.instance) if self.first.instance else 0
            self.second.show_file(series, (here + 1) % len(series.instances))
        for widget in (self.second, self.only_differences):
            widget.setVisible(chosen != NOTHING)
        self._read()

    @property
    def is_comparing(self) -> bool:
        """Whether two files are shown."""
        return self.other.currentData() != NOTHING and self.second.instance is not None

    # reading

    def _read(self) -> None:
        wanted = [self.first.instance] + ([self.second.instance] if self.is_comparing else [])
        files = [one for one in wanted if one is not None]
        known = dict(self._headers)

        def work(context: TaskContext) -> Read:
            found = []
            for file in files:
                context.check()
                found.append(known.get(file) or header_of(file))
            if len(found) > 1:
                return found, compare(found[0], found[1])
            return found, tuple(Pair(row, None, Change.SAME) for row in found[0])

        if self._task is not None:
            self._task.token.cancel()
        self._task = Task(
            work, lambda read: self._take(files, *read), self._fail, lane=Lane.SOON, replaces="tags"
        )
        self._session.submit(self._task)

    def _take(self, files: Sequence[Instance], found: Sequence[Header], pairs: tuple[Pair, ...]) -> None:
        for file, header in zip(files, found, strict=True):
            self._headers[file] = header
            self._headers.move_to_end(file)
        while len(self._headers) > KEPT_HEADERS:
            self._headers.popitem(last=False)
        self._pairs = pairs
        self._show()

    def _fail(self, trouble: Exception) -> None:
        self._pairs = ()
        self._show()
        self._tell(str(trouble) if isinstance(trouble, MedviewerError) else "This header cannot be read.")

    # showing

    def _show(self) -> None:
        self.list.show_pairs(self._pairs, self.is_comparing, self._only_differences)
        self._tell(self._said())

    def _tell(self, words: str) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))

    @property
    def _only_differences(self) -> bool:
        return self.is_comparing and self.only_differences.isChecked()

    def _said(self) -> str:
        """What has been found out about two files."""
        if not self.is_comparing:
            return ""
        counts = tally(
            [pair for pair in self._pairs if pair.row.vr != "SQ" or pair.change is not Change.INSIDE]
        )
        words = [
            f"{counts[change]} {title}"
            for change, title in (
                (Change.VALUE, "differ"),
                (Change.FIRST, "only in the first file"),
                (Change.SECOND, "only in the second"),
            )
            if counts.get(change)
        ]
        alike = "Both headers say the same; pixels are not compared."
        return f"Elements: {', '.join(words)}." if words else alike

    def _read_whole(self, pair: Pair) -> None:
        """The list has only the beginning of a value: read the rest."""
        if self._value_task is not None:
            self._value_task.token.cancel()
        files = (self.first.instance, self.second.instance)
        asked = [
            (file, self._headers.get(file, ()), row)
            for file, row in zip(files, (pair.first, pair.second), strict=True)
            if file is not None and row is not None
        ]

        def work(context: TaskContext) -> list[str]:
            context.check()
            return [whole_value(file, header, _place(header, row)) for file, header, row in asked]

        # what cannot be read in full stays as the list has it
        self._value_task = Task(
            work,
            lambda values: self.list.show_whole(pair, values),
            lane=Lane.SOON,
            replaces="tag value",
        )
        self._session.submit(self._value_task)

    # copying

    def _stop(self) -> None:
        for end in self._ends:
            end()
        self._ends.clear()
        for task in (self._task, self._value_task):
            if task is not None:
                task.token.cancel()


def _place(header: Header, row: TagRow) -> int:
    """Where a row stands; items may hold equal ones, but not the same one."""
    return next(at for at, one in enumerate(header) if one is row)


def _beside(state: State) -> tuple[object, ...]:
    """What the other viewports show."""
    return state.view.layout, tuple(viewport.series for viewport in state.view.viewports)
