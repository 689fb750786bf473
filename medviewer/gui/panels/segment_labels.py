"""The labels of the series in the Segment panel: the list, what is done with the one that is worked on."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QColorDialog, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from medviewer.core.labels import SAFE_COLORS, Label, LabelMap
from medviewer.gui.forms import Form
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.panels.segment_tree import EYE, FILL, LabelTree, Shown, swatch
from medviewer.gui.widgets.icon_button import IconButton
from medviewer.kit.params import Kind, Parameter
from medviewer.session.segmenting.making import MORE_COLORS
from medviewer.session.session import Session
from medviewer.session.state import Reading, State

OPACITY = Parameter("opacity", "Opacity", Kind.NUMBER, 0.4, minimum=0.0, maximum=1.0, step=0.05)
COLOR_WORDS = dict(
    zip(
        SAFE_COLORS,
        ("Orange", "Sky blue", "Green", "Yellow", "Blue", "Vermilion", "Purple"),
        strict=True,
    )
)
NOTHING = "No labels yet. Add one and paint, or find a part below."


class Labels(QWidget):
    """The list with its buttons."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._buttons())
        self._nothing = plain_label(NOTHING, "muted", wrap=True)
        layout.addWidget(self._nothing)
        self.tree = LabelTree()
        layout.addWidget(self.tree)
        self.opacity = Form((OPACITY,))
        self.opacity.changed.connect(
            lambda values, drag: run(session, "labels.label_opacity", opacity=values["opacity"], drag=drag)
        )
        layout.addWidget(self.opacity)
        self.meaning = QPushButton()
        self.meaning.setProperty("role", "link")
        self.meaning.setToolTip("Say with a code of DICOM what the label is, so that other programs know it")
        self.meaning.clicked.connect(lambda: self.ask_meaning())
        layout.addWidget(self.meaning)
        self.tree.chosen.connect(lambda group, value: run(session, "labels.choose", group=group, value=value))
        self.tree.renamed.connect(self._rename)
        self.tree.toggled.connect(self._toggle)
        self.tree.removal_wanted.connect(self._remove)
        self.tree.menu_wanted.connect(self._open_menu)

    def show_state(self, state: State) -> None:
        """Show the labels of the active series, and the one that is worked on."""
        view = state.view
        reading = _reading(state)
        groups = () if reading is None else reading.groups
        self.tree.show_groups(tuple(Shown.of(one) for one in groups))
        self.tree.setVisible(bool(groups))
        self._nothing.setVisible(not groups)
        self.tree.mark(view.group, view.label)
        found = self._active()
        for button in (self.solo, self.blink):
            button.setEnabled(found is not None)
        self.solo.setChecked(view.solo)
        self.blink.setChecked(view.blinking)
        self.opacity.setVisible(found is not None)
        self.meaning.setVisible(found is not None)
        self.add.setEnabled(reading is not None)
        self.add_over.setEnabled(reading is not None)
        if found is not None:
            group, label = found
            self.opacity.show_values({"opacity": group.opacity if label.opacity is None else label.opacity})
            words = "none yet" if label.meaning is None else label.meaning.meaning
            self.meaning.setText(f"Meaning: {words}".replace("&", "&&"))
            self.meaning.setAccessibleName(f"Meaning of {label.name}: {words}")

    def ask_meaning(self) -> None:
        """Let the reader search for what the label is."""
        found = self._active()
        if found is None:
            return
        from medviewer.gui.panels.segment_meaning import MeaningPopup  # noqa: PLC0415  its list is long

        popup = MeaningPopup(self._session, found[1], self)
        popup.move(self.meaning.mapToGlobal(self.meaning.rect().bottomLeft()))
        popup.show()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.add = QPushButton("Add")
        self.add.setAccessibleName("Add label")
        self.add.setToolTip(with_key("Add a label in the group that is worked on", "labels.add"))
        self.add.clicked.connect(lambda: run(self._session, "labels.add"))
        self.add_over = QPushButton("Add overlapping")
        self.add_over.setAccessibleName("Add a label that may overlap others")
        self.add_over.setToolTip("Add a label that may overlap the others: in a group of its own")
        self.add_over.clicked.connect(lambda: run(self._session, "labels.add", overlapping=True))
        self.solo = self._toggle_button("solo", "See only the label that is worked on", "labels.solo")
        self.blink = self._toggle_button("blink", "Let the label that is worked on blink", "labels.blink")
        row.addWidget(self.add)
        row.addWidget(self.add_over)
        row.addStretch()
        row.addWidget(self.solo)
        row.addWidget(self.blink)
        return row

    def _toggle_button(self, icon: str, words: str, command: str) -> QToolButton:
        button = IconButton(icon, with_key(words, command), lambda: run(self._session, command), 18)
        button.setCheckable(True)
        return button

    def _active(self) -> tuple[LabelMap, Label] | None:
        view, reading = self._session.view, _reading(self._session.state)
        group = next((one for one in reading.groups if one.id == view.group), None) if reading else None
        label = None if group is None else group.label(view.label)
        return None if group is None or label is None else (group, label)

    def _label(self, group: str, value: int) -> Label | None:
        reading = _reading(self._session.state)
        found = next((one for one in reading.groups if one.id == group), None) if reading else None
        return None if found is None else found.label(value)

    def _rename(self, group: str, value: int, name: str) -> None:
        if value:
            run(self._session, "labels.rename", group=group, value=value, name=name)
        else:
            run(self._session, "labels.rename_group", group=group, name=name)
        self.tree.show_groups(())  # a name that was refused is not what it is called
        self.show_state(self._session.state)

    def _toggle(self, group: str, value: int, column: int) -> None:
        label = self._label(group, value)
        if label is None:
            return
        if column == EYE:
            run(self._session, "labels.show", group=group, value=value, visible=not label.visible)
        elif column == FILL:
            run(self._session, "labels.fill", group=group, value=value, filled=not label.filled)
        else:
            run(self._session, "labels.lock", group=group, value=value, locked=not label.locked)

    def _remove(self, group: str, value: int) -> None:
        if value:
            run(self._session, "labels.remove_label", group=group, value=value)
        else:
            run(self._session, "labels.remove", group=group)

    def _open_menu(self, group: str, value: int, at: QPoint) -> None:
        menu = QMenu(self)
        if value:
            self._fill_label_menu(menu, group, value)
        else:
            self._fill_group_menu(menu, group)
        menu.exec(at)
        menu.deleteLater()

    def _fill_label_menu(self, menu: QMenu, group: str, value: int) -> None:
        label, reading = self._label(group, value), _reading(self._session.state)
        if label is None or reading is None:
            return
        here = {"group": group, "value": value}
        run(self._session, "labels.choose", **here)
        menu.addAction("Rename", partial(self.tree.edit_name, group, value))
        self._fill_colors(menu.addMenu("Colour"), label, here)
        menu.addAction("Meaning…", self.ask_meaning)
        menu.addSeparator()
        self._tick(menu, "Filled", label.filled, "labels.fill", filled=not label.filled, **here)
        self._tick(menu, "Visible", label.visible, "labels.show", visible=not label.visible, **here)
        self._tick(menu, "Locked", label.locked, "labels.lock", locked=not label.locked, **here)
        menu.addSeparator()
        moves = menu.addMenu("Move to")
        for one in reading.groups:
            if one.id != group and not one.is_proposal:
                moves.addAction(
                    one.name.replace("&", "&&") or "Group", self._run("labels.move_label", to=one.id, **here)
                )
        moves.addAction("A new group", self._run("labels.move_label", **here))
        for words, command in (("Empty", "labels.clear"), ("Remove", "labels.remove_label")):
            action = menu.addAction(words, self._run(command, **here))
            action.setEnabled(not label.locked)
            action.setToolTip("Unlock it first" if label.locked else "")

    def _fill_group_menu(self, menu: QMenu, group: str) -> None:
        menu.addAction("Rename", partial(self.tree.edit_name, group, 0))
        menu.addAction("Add label", self._run("labels.add", group=group))
        menu.addAction("Draw above others", self._run("labels.move_group", group=group, by=1))
        menu.addAction("Draw below others", self._run("labels.move_group", group=group, by=-1))
        menu.addSeparator()
        menu.addAction("Remove group", self._run("labels.remove", group=group))

    def _fill_colors(self, menu: QMenu, label: Label, here: dict[str, object]) -> None:
        for color in (*SAFE_COLORS, *MORE_COLORS):
            action = QAction(swatch(color), COLOR_WORDS.get(color, color), menu)
            action.setCheckable(True)
            action.setChecked(color == label.color)
            action.triggered.connect(self._run("labels.color", color=color, **here))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction("Another colour…", lambda: self._ask_color(label, here))

    def _ask_color(self, label: Label, here: dict[str, object]) -> None:
        color = QColorDialog.getColor(label.color, self, f"Colour of {label.name}")
        if color.isValid():
            run(self._session, "labels.color", color=color.name(), **here)

    def _tick(self, menu: QMenu, words: str, is_on: bool, command: str, **values: object) -> None:
        action = menu.addAction(words, self._run(command, **values))
        action.setCheckable(True)
        action.setChecked(is_on)

    def _run(self, command: str, **values: object):  # type: ignore[no-untyped-def]
        return lambda *_: run(self._session, command, **values)


def _reading(state: State) -> Reading | None:
    series = state.view.current.series
    return None if series is None else state.document.reading(series)
