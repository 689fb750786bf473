"""Commands to menus, keys and tool bar: each action is made from COMMANDS and the keys in resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from medviewer.gui import icons
from medviewer.gui.availability import NO_PICTURE, Facts, is_checked, why_not
from medviewer.gui.keys import native, read_keys
from medviewer.gui.menu_variants import CHECKED, VARIANTS
from medviewer.gui.menus import MENUS, SEPARATOR, WINDOW_ENTRIES, Entry, Values, frozen, names_in
from medviewer.gui.messages import run
from medviewer.gui.tools import TOOLS
from medviewer.session.bodies import why_no_body
from medviewer.session.command import COMMANDS
from medviewer.session.commands.window import offered, why_none
from medviewer.session.planes import why_no_planes
from medviewer.session.session import Session
from medviewer.session.state import State
from medviewer.session.surfaces.wanted import why_no_surfaces

_NAVIGATION = {
    Qt.Key.Key_Tab,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Space,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
}
"""Keys that lists, fields and buttons need for themselves: they are ours only over the pictures."""


class Actions(QObject):
    """All actions of the window.

    *calls* does what no session can (dialogs, panels, full screen), and *switches* tells what of that is on.
    """

    def __init__(
        self,
        session: Session,
        calls: Mapping[str, Callable[..., Any]],
        switches: Callable[[], frozenset[str]],
        window: QWidget,
        pictures: QWidget,
    ) -> None:
        super().__init__(window)
        self._session, self._calls, self._switches = session, calls, switches
        self._window, self._pictures = window, pictures
        self._made: dict[tuple[str, Values], QAction] = {}
        self._entries: dict[tuple[str, Values], Entry] = {}
        self._written: dict[tuple[str, Values], tuple[str, str]] = {}
        """title and reason as each action tells them now"""
        self._with_icon: set[tuple[str, Values]] = set()
        self._over_pictures: list[QAction] = []
        self.keys = read_keys()
        self._tools = QActionGroup(self)
        for entry in entries():
            self._make(entry)
        self.refresh()

    def watch(self) -> Callable[[], None]:
        """Follow the state from now on; the answer ends this."""
        return self._session.watch(self._facts, self._show)

    def __getitem__(self, entry: tuple[str, Values]) -> QAction:
        """The action of a command with its values."""
        return self._made[entry]

    def action(self, command: str, **values: Any) -> QAction:
        """The action of a command with these values."""
        return self._made[command, frozen(values)]

    def __iter__(self) -> Iterator[tuple[Entry, QAction]]:
        return iter([(self._entries[name], action) for name, action in self._made.items()])

    def with_icon(self, command: str, **values: Any) -> QAction:
        """The action of a command, with its icon; drawing icons that nobody sees would cost the start."""
        name = (command, frozen(values))
        self._with_icon.add(name)
        self._made[name].setIcon(icons.icon(self._entries[name].icon))
        return self._made[name]

    def words_for(self, command: str, **values: Any) -> str:
        """The keys of a command, as they are written on them; "" when it has none."""
        return self._words(command, frozen(values))

    def reason_against(self, key: QKeySequence) -> str:
        """Why nothing happens at a key that belongs to an action; "" when something does, or it has none."""
        found = [name for name, action in self._made.items() if key in action.shortcuts()]
        return "" if len(found) != 1 else self._written[found[0]][1]

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Put the menus into a menu bar. Commands of plugins stand at the end of their menu."""
        menus = {}
        listed = {name for menu in MENUS for item in menu.items for name in names_in(item)}
        for menu in MENUS:
            made = bar.addMenu(menu.title)
            made.setToolTipsVisible(True)
            more = [one.name for one in COMMANDS if one.menu == menu.name and one.name not in listed]
            self._fill(made, [*menu.items, *([SEPARATOR, *more] if more else [])])
            menus[menu.name] = made
        return menus

    def refresh(self) -> None:
        """Show what can be done now; the window calls this when one of its own switches changes."""
        self._show(self._facts(self._session.state))

    def refresh_icons(self) -> None:
        """Draw the icons in the colours of the theme in use."""
        for name in self._with_icon:
            self._made[name].setIcon(icons.icon(self._entries[name].icon))

    def _fill(self, menu: QMenu, items: list[str]) -> None:
        for item in items:
            if item == SEPARATOR:
                menu.addSeparator()
            elif item.startswith(">"):
                title, _, inner = item[1:].partition(":")
                submenu = menu.addMenu(title)
                submenu.setToolTipsVisible(True)
                self._fill(submenu, inner.split(","))
            else:
                menu.addActions([made for (name, _), made in self._made.items() if name == item])

    def _make(self, entry: Entry) -> None:
        action = QAction(self._window)
        action.setCheckable(entry.command in CHECKED)
        if entry.command == "view.tool":
            self._tools.addAction(action)
        action.triggered.connect(lambda _=False, entry=entry: self._do(entry))
        keys = [QKeySequence(key) for key in self._keys(entry.command, entry.values)]
        action.setShortcuts([key for key in keys if not _navigates(key)])
        self._window.addAction(action)
        self._made[entry.command, entry.values] = action
        self._entries[entry.command, entry.values] = entry
        self._over(entry, action, [key for key in keys if _navigates(key)])

    def _over(self, entry: Entry, action: QAction, keys: list[QKeySequence]) -> None:
        """Give an action the keys that are its own only while the focus is on the pictures."""
        if not keys:
            return
        twin = QAction(self._pictures)
        twin.setShortcuts(keys)
        twin.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        twin.triggered.connect(action.trigger)
        self._pictures.addAction(twin)
        self._over_pictures.append(twin)

    def _do(self, entry: Entry) -> None:
        values = dict(entry.values)
        if entry.command in self._calls:
            self._calls[entry.command](**values)
        else:
            run(self._session, entry.command, **values)
        self.refresh()

    def _facts(self, state: State) -> Facts:
        series = self._session.series(state.view.current.series)
        presets = tuple(voi.name for voi in offered(self._session))
        no_planes = why_no_planes(self._session, state.view.current)
        has_values = series is not None and series.dimension is not None
        no_body = NO_PICTURE if series is None else why_no_body(self._session, state.view.current)
        no_surfaces = NO_PICTURE if series is None else why_no_surfaces(self._session, state.view.current)
        facts = Facts.of(state, presets, self._switches(), no_planes, has_values, no_body, no_surfaces)
        return replace(facts, no_presets=why_none(self._session))

    def _show(self, facts: Facts) -> None:
        for name, action in self._made.items():
            entry = self._entries[name]
            reason = why_not(entry, facts)
            action.setEnabled(not reason)
            action.setVisible(facts.offers(entry))
            if action.isCheckable():
                action.setChecked(is_checked(entry, facts))
            self._write(entry, action, facts, reason)

    def _write(self, entry: Entry, action: QAction, facts: Facts, reason: str) -> None:
        title = facts.title(entry)
        name = entry.command, entry.values
        if self._written.get(name) == (title, reason):
            return
        self._written[name] = (title, reason)
        words = self._words(*(entry.command, entry.values))
        # a key that acts only over the pictures is no shortcut of the action, but the menu names it
        behind = (
            f"\t{native(self._keys(entry.command, entry.values)[0])}"
            if words and action.shortcut().isEmpty()
            else ""
        )
        action.setText(title.replace("&", "&&") + behind)
        tip = f"{title.rstrip('…')} ({words})" if words else title.rstrip("…")
        action.setToolTip(f"{tip}\n{reason}" if reason else tip)
        action.setStatusTip("")

    def _keys(self, command: str, values: Values) -> tuple[str, ...]:
        same = (
            one.keys for one in self.keys if one.command == command and one.values == values and not one.held
        )
        return next(same, ())

    def _words(self, command: str, values: Values) -> str:
        return " or ".join(native(key) for key in self._keys(command, values))


def entries() -> Iterator[Entry]:
    """All lines of menus and tool bar: those of the window, of the commands, and their variants."""
    yield from (
        Entry(name, title, icon=icon)
        for name, (title, icon) in WINDOW_ENTRIES.items()
        if name not in VARIANTS
    )
    for tool in sorted(TOOLS, key=lambda one: one.draws):
        yield Entry("view.tool", tool.title, frozen({"name": tool.name}), tool.icon)
    for name, variants in VARIANTS.items():
        if name in COMMANDS or name in WINDOW_ENTRIES:
            yield from (Entry(name, title, frozen(values), icon) for title, values, icon in variants)
    for command in COMMANDS:
        if command.name not in VARIANTS and command.name != "view.tool" and not command.needs_more:
            yield Entry(command.name, command.title, icon=command.icon)


def _navigates(key: QKeySequence) -> bool:
    combination = key[0]  # type: ignore[index]
    strong = (
        Qt.KeyboardModifier.ControlModifier
        | Qt.KeyboardModifier.AltModifier
        | Qt.KeyboardModifier.MetaModifier
    )
    return combination.key() in _NAVIGATION and not combination.keyboardModifiers() & strong
