"""What there is: the open studies with a thumbnail per series, to be clicked, searched and dragged."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QDrag, QKeyEvent, QMouseEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLineEdit, QMenu, QTreeView, QWidget

from medviewer.core.study import Series, SeriesKey, Study
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import counted, run
from medviewer.gui.panels.object_rows import ObjectRows, object_items, objects_of, series_apart
from medviewer.gui.panels.panel import Panel
from medviewer.gui.panels.series_row import HEIGHT_PX, THUMB_PX, SeriesRow
from medviewer.gui.viewport.dropping import series_data
from medviewer.gui.widgets.thumbnails import Thumbnails
from medviewer.gui.words import pictures_in, plain_tip, study_lines
from medviewer.session.session import Session
from medviewer.session.state import State

SERIES = Qt.ItemDataRole.UserRole
STUDY = Qt.ItemDataRole.UserRole + 1


class StudiesPanel(Panel):
    """The region on the left."""

    tags_wanted = Signal(str)
    """the key of a series whose header somebody wants to see"""
    text_wanted = Signal(str)
    """the UID of an object whose text somebody wants to read"""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.body.setContentsMargins(8, 8, 0, 8)
        self.body.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(plain_label("Studies", "section"))
        head.addStretch()
        self._count = plain_label("", "small")
        head.addWidget(self._count)
        head.setContentsMargins(4, 0, 8, 0)
        self.body.addLayout(head)
        self.tree = SeriesTree(session)
        self.body.addWidget(self.tree, 1)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a series")
        self.search.setAccessibleName("Find a series by name, modality or description")
        self.search.setClearButtonEnabled(True)
        self.search.setAcceptDrops(False)
        self.search.setMaxLength(200)
        self.search.textChanged.connect(self.tree.search)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 8, 0)
        below.addWidget(self.search)
        self.body.addLayout(below)
        self.watch(lambda state: (state.studies, state.objects, state.presentations), self._show_studies)
        self.watch(lambda _: objects_of(session), lambda _: self.tree.show_switches())
        self.watch(_shown, self.tree.mark_shown)
        self.tree.tags_wanted.connect(self.tags_wanted)
        self.tree.text_wanted.connect(self.text_wanted)

    def _show_studies(self, known: tuple[tuple[Study, ...], object, object]) -> None:
        studies = known[0]
        apart = sum(len(series_apart(self.session, study)) for study in studies)
        series = sum(len(study.series) for study in studies) - apart
        objects = sum(map(len, objects_of(self.session)))
        words = (counted(series, "series", "series"), counted(objects, "object") if objects else "")
        self._count.setText(", ".join(filter(None, words)) if studies else "")
        self.tree.show_studies(studies)


class SeriesTree(QTreeView):
    """Studies, and below each its series. A double click or Return shows a series; it can be dragged."""

    tags_wanted = Signal(str)
    text_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted = ""
        self.thumbnails = Thumbnails(session, self)
        self.setModel(QStandardItemModel(self))
        self.setItemDelegate(SeriesRow(self.thumbnails, self))
        self.thumbnails.arrived.connect(lambda _: self.viewport().update())
        self.setAccessibleName("Series of the open studies")
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setExpandsOnDoubleClick(False)
        self.setUniformRowHeights(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(HEIGHT_PX // 2)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.doubleClicked.connect(self._show)
        self.objects = ObjectRows(session, self)
        self.objects.text_wanted.connect(self.text_wanted)
        self.objects.tags_wanted.connect(self.tags_wanted)

    @property
    def rows(self) -> QStandardItemModel:
        """What the list holds."""
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        return model

    def show_studies(self, studies: tuple[Study, ...]) -> None:
        """Put the open studies in place; what is selected stays so, and in sight if it was."""
        place, selected = self.verticalScrollBar().value(), self._selected()
        in_sight = self.visualRect(self.currentIndex()).intersects(self.viewport().rect())
        self.rows.clear()
        for study in studies:
            self.rows.appendRow(_study_item(self._session, study))
        self.expandAll()
        self.search(self._wanted)
        self._select(selected or self._shown_first())
        if not in_sight:
            self.verticalScrollBar().setValue(place)

    def mark_shown(self, shown: tuple[SeriesKey | None, ...]) -> None:
        """Mark the series that stand in viewports, the active one first; select that one."""
        delegate = self.itemDelegate()
        assert isinstance(delegate, SeriesRow)
        delegate.shown = tuple(key for key in shown if key)
        self._select(shown[0] if shown else None)
        self.viewport().update()

    def search(self, wanted: str) -> None:
        """Leave only the series in whose words all words of *wanted* occur."""
        self._wanted = wanted
        words = wanted.lower().split()
        for study in _children(self.rows.invisibleRootItem()):
            head = study.data(STUDY)
            hits = 0
            for item in _children(study):
                found = all(word in _searchable(head, item) for word in words)
                self.setRowHidden(item.row(), study.index(), not found)
                hits += found
            self.setRowHidden(study.row(), QModelIndex(), not hits and bool(words))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return shows what is selected; Space switches an object."""
        if event.key() == Qt.Key.Key_Space and self.objects.switch(self.currentIndex()):
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._show(self.currentIndex())
            return
        super().keyPressEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Take the key of a series along, with its thumbnail."""
        series = self.currentIndex().data(SERIES)
        if not isinstance(series, Series) or not series.count:
            return
        drag = QDrag(self)
        drag.setMimeData(series_data(series.key))
        picture = self.thumbnails.get(series)
        if picture is not None:
            drag.setPixmap(picture.scaled(THUMB_PX, THUMB_PX, Qt.AspectRatioMode.KeepAspectRatio))
        drag.exec(Qt.DropAction.CopyAction)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on an object goes to its pictures, one on its switch shows or hides it."""
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            self.objects.click(self.indexAt(event.position().toPoint()), event.position().toPoint())

    def show_switches(self) -> None:
        """Show which objects are seen now."""
        for study in _children(self.rows.invisibleRootItem()):
            self.objects.refresh(_children(study))

    def _show(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if self.objects.open(index):
            return
        series = index.data(SERIES)
        if isinstance(series, Series):
            run(self._session, "view.show", series=series.key)

    def _open_menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        series, study = index.data(SERIES), index.data(STUDY)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        if self.objects.fill_menu(menu, index):
            pass
        elif isinstance(series, Series):
            self._add(menu, "Show here", lambda: run(self._session, "view.show", series=series.key))
            for number in range(1, self._session.view.layout.count):
                self._add(menu, f"Show in viewport {number + 1}", _shower(self._session, series.key, number))
            self._add(menu, "Header…", lambda: self.tags_wanted.emit(series.key))
        elif isinstance(study, Study):
            self._add(menu, "Close this study", lambda: run(self._session, "study.close", study=study.key))
        if not menu.isEmpty():
            menu.popup(self.viewport().mapToGlobal(at))

    def _add(self, menu: QMenu, title: str, call: object) -> None:
        action = QAction(title, menu)
        action.triggered.connect(call)
        menu.addAction(action)

    def _selected(self) -> SeriesKey:
        series = self.currentIndex().data(SERIES)
        return series.key if isinstance(series, Series) else ""

    def _shown_first(self) -> SeriesKey:
        """The series of the active viewport."""
        return self._session.view.current.series or ""

    def _select(self, key: SeriesKey | None) -> None:
        for study in _children(self.rows.invisibleRootItem()):
            for item in _children(study):
                series = item.data(SERIES)
                if isinstance(series, Series) and series.key == key:
                    self.setCurrentIndex(item.index())
                    return


def _shown(state: State) -> tuple[SeriesKey | None, ...]:
    """The series in the viewports, the active one's first."""
    view = state.view
    others = [view.viewports[number].series for number in view.shown if number != view.active]
    return (view.current.series, *others)


def _study_item(session: Session, study: Study) -> QStandardItem:
    item = QStandardItem()
    item.setData(study, STUDY)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    item.setToolTip(plain_tip("\n".join(part for part in study_lines(study) if part)))
    item.setData(", ".join(part for part in study_lines(study) if part), Qt.ItemDataRole.AccessibleTextRole)
    apart = series_apart(session, study)
    item.appendRows([_series_item(series) for series in study.series if series.key not in apart])
    item.appendRows(object_items(session, study))
    return item


def _series_item(series: Series) -> QStandardItem:
    item = QStandardItem()
    item.setData(series, SERIES)
    flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    item.setFlags(flags | Qt.ItemFlag.ItemIsDragEnabled if series.count else flags)
    name = f"{series.modality} {series.description}, {pictures_in(series)}".strip()
    item.setToolTip(plain_tip("\n".join((name, *series.problems))))
    item.setData(". ".join((name, *series.problems)), Qt.ItemDataRole.AccessibleTextRole)
    return item


def _searchable(study: Study, item: QStandardItem) -> str:
    series = item.data(SERIES)
    if not isinstance(series, Series):
        about = item.data(Qt.ItemDataRole.AccessibleTextRole)
        return " ".join((*study_lines(study), study.patient.id, str(about))).lower()
    parts = (*study_lines(study), study.patient.id, series.modality, series.description, series.body_part)
    return " ".join(parts).lower()


def _children(item: QStandardItem) -> Iterable[QStandardItem]:
    return [item.child(row) for row in range(item.rowCount())]


def _shower(session: Session, key: SeriesKey, number: int) -> object:
    return lambda: run(session, "view.show", series=key, viewport=number)
