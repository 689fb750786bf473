"""The objects of a study among its series: clicked, switched, read, and asked for more by a menu."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QStandardItem
from PySide6.QtWidgets import QMenu, QTreeView

from medviewer.core.object_kind import ObjectKind
from medviewer.core.study import SeriesKey, Study
from medviewer.gui.messages import run
from medviewer.gui.panels.series_row import OBJECT
from medviewer.gui.words import plain_tip
from medviewer.session.session import Session

if TYPE_CHECKING:
    from medviewer.session.found.listing import Listed

_TAKEN = (ObjectKind.SEGMENTATION, ObjectKind.STRUCTURES, ObjectKind.REPORT)
"""Of these something becomes part of the reader's work"""

Index = QModelIndex | QPersistentModelIndex


class ObjectRows(QObject):
    """What happens to the rows of objects in a tree."""

    text_wanted = Signal(str)
    tags_wanted = Signal(str)

    def __init__(self, session: Session, tree: QTreeView) -> None:
        super().__init__(tree)
        self._session = session
        self._tree = tree

    def click(self, index: Index, at: QPoint) -> None:
        """Switch where the switch was hit, else go to the pictures that an object speaks of."""
        one: Listed | None = index.data(OBJECT)
        if one is None:
            return
        from medviewer.gui.panels.object_row import switch_at  # noqa: PLC0415  (see `series_row`)

        if one.shown is not None and switch_at(self._tree.visualRect(index)).contains(at):
            self.switch(index)
        elif one.shown is not None and not one.missing.startswith(("None", "Its")):
            run(self._session, "object.jump", uid=one.found.uid)

    def switch(self, index: Index) -> bool:
        """Show an object or hide it; whether there is one."""
        one: Listed | None = index.data(OBJECT)
        if one is None:
            return False
        if one.shown is not None:
            run(self._session, "object.hide" if one.shown else "object.show", uid=one.found.uid)
        return True

    def open(self, index: Index) -> bool:
        """Read what can be read, show what can be shown; whether there is an object."""
        one: Listed | None = index.data(OBJECT)
        if one is None:
            return False
        if one.shown is None or one.found.kind in (ObjectKind.REPORT, ObjectKind.DOCUMENT):
            self.text_wanted.emit(one.found.uid)
        elif not one.shown:
            run(self._session, "object.show", uid=one.found.uid)
        return True

    def refresh(self, items: Iterable[QStandardItem]) -> None:
        """Show what is true of them now."""
        known = {one.found.uid: one for listed in objects_of(self._session) for one in listed}
        for item in items:
            old: Listed | None = item.data(OBJECT)
            if old is not None and old.found.uid in known and known[old.found.uid] != old:
                _put(item, known[old.found.uid])

    def fill_menu(self, menu: QMenu, index: Index) -> bool:
        """What can be done with an object; whether there is one."""
        one: Listed | None = index.data(OBJECT)
        if one is None:
            return False
        uid, kind = one.found.uid, one.found.kind
        if one.shown is not None:
            title, command = ("Hide", "object.hide") if one.shown else ("Show", "object.show")
            self._add(menu, title, command, uid)
            self._add(menu, "Go to its pictures", "object.jump", uid)
        if kind is ObjectKind.STRUCTURES:
            self._add(menu, "Make labels of the outlines", "object.fill", uid)
        if one.shown is not None and kind in _TAKEN:
            self._add(menu, "Take out of my work", "object.remove", uid)
        menu.addSeparator()
        words = "Open the document…" if kind is ObjectKind.DOCUMENT else "Read what it says…"
        menu.addAction(words).triggered.connect(lambda: self.text_wanted.emit(uid))
        menu.addAction("Header…").triggered.connect(lambda: self.tags_wanted.emit(one.found.series))
        menu.addSeparator()
        menu.addAction("Show all objects").triggered.connect(lambda: run(self._session, "object.show_all"))
        menu.addAction("Hide all objects").triggered.connect(lambda: run(self._session, "object.hide_all"))
        return True

    def _add(self, menu: QMenu, title: str, command: str, uid: str) -> None:
        menu.addAction(title).triggered.connect(partial(_run, self._session, command, uid))


def objects_of(session: Session) -> tuple[tuple[Listed, ...], ...]:
    """The objects of each open study."""
    if not session.state.objects and not session.state.presentations:
        return ()
    from medviewer.session.found.listing import listed  # noqa: PLC0415  (few studies hold objects)

    return tuple(listed(session, study) for study in session.state.studies)


def object_items(session: Session, study: Study) -> list[QStandardItem]:
    """A row for each object of a study."""
    if not session.state.objects and not session.state.presentations:
        return []
    from medviewer.session.found.listing import listed  # noqa: PLC0415  (few studies hold objects)

    items = []
    for one in listed(session, study):
        item = QStandardItem()
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        _put(item, one)
        items.append(item)
    return items


def series_apart(session: Session, study: Study) -> frozenset[SeriesKey]:
    """The series of a study that are listed as objects only."""
    if not session.state.objects and not session.state.presentations:
        return frozenset()
    from medviewer.session.found.listing import is_listed_apart  # noqa: PLC0415  (few studies hold objects)

    return frozenset(one.key for one in study.series if is_listed_apart(session, one))


def _put(item: QStandardItem, one: Listed) -> None:
    item.setData(one, OBJECT)
    item.setData(one.words, Qt.ItemDataRole.AccessibleTextRole)
    tip = (one.found.label, one.what, one.about, one.missing, *one.found.remarks)
    hint = "" if one.shown is None else "The eye, or Space, shows and hides it; a click goes to its pictures"
    item.setToolTip(plain_tip("\n".join(filter(None, (*tip, hint)))))


def _run(session: Session, command: str, uid: str, _: bool = False) -> None:
    run(session, command, uid=uid)
