"""One row: open, the tools, how viewports stand, models, and the picture to take away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from medviewer.gui import icons, theme
from medviewer.gui.actions import Actions
from medviewer.gui.tools import TOOLS
from medviewer.gui.tools.painting import GROUP as PAINT


class ToolBar(QToolBar):
    """Icons of 20 px whose tool tips name the action and its key."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__("Tools", parent)
        self._actions = actions
        self.setObjectName("tools")
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        self._put(actions.with_icon("gui.open"))
        self._put(actions.with_icon("gui.open_folder"))
        self.addSeparator()
        self._add_tools()
        self.addSeparator()
        self._put(actions.with_icon("view.fit"))
        self._put(actions.with_icon("window.invert"))
        self.addSeparator()
        self.layout_button = self._add_layouts()
        self._put(actions.with_icon("plane.layout", arrangement="2x2"))
        self._put(actions.with_icon("view3d.show"))
        self._put(actions.with_icon("compare.toggle"))
        self._put(actions.with_icon("grid.toggle"))
        self._put(actions.with_icon("view.link"))
        self.addSeparator()
        self._put(actions.action("gui.panel", name="ai"))
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(room)
        self._put(actions.with_icon("export.copy"))
        self._put(actions.with_icon("gui.save_picture"))
        self.take_colors()

    def take_colors(self) -> None:
        """Draw the icons that belong to no action in the colours of the theme in use."""
        self.layout_button.setIcon(icons.icon("layout"))
        self._actions.action("gui.panel", name="ai").setIcon(icons.icon("ai", theme.tokens().ai))

    @property
    def stops(self) -> list[QWidget]:
        """The buttons in their order, for Tab."""
        return [
            button for button in map(self.widgetForAction, self.actions()) if isinstance(button, QToolButton)
        ]

    def _add_tools(self) -> None:
        """Those that look, then those that paint, then those that draw; a group has one button."""
        kind, known = None, set()
        for tool in sorted(TOOLS, key=lambda one: (one.draws, one.group == PAINT)):
            if kind not in (None, (tool.draws, tool.group == PAINT)):
                self.addSeparator()
            kind = (tool.draws, tool.group == PAINT)
            if not tool.group:
                self._put(self._actions.with_icon("view.tool", name=tool.name))
            elif tool.group not in known:
                known.add(tool.group)
                names = [one.name for one in TOOLS if one.group == tool.group]
                self.addWidget(
                    GroupButton([self._actions.with_icon("view.tool", name=name) for name in names])
                )

    def _add_layouts(self) -> QToolButton:
        menu = QMenu(self)
        menu.addActions([action for entry, action in self._actions if entry.command == "view.layout"])
        button = QToolButton()
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip("Grid of viewports")
        button.setAccessibleName("Grid of viewports")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addWidget(button)
        return button

    def _put(self, action: QAction) -> None:
        self.addAction(action)
        button = self.widgetForAction(action)
        if isinstance(button, QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(action.toolTip().partition("\n")[0])
            action.changed.connect(self._name_again)

    def _name_again(self) -> None:
        """An action that is called something else now is called so aloud too."""
        action = self.sender()
        button = self.widgetForAction(action) if isinstance(action, QAction) else None
        if button is not None and isinstance(action, QAction):
            button.setAccessibleName(action.toolTip().partition("\n")[0])


class GroupButton(QToolButton):
    """Several tools on one button: a press chooses the one that was used last, the arrow shows the others."""

    def __init__(self, actions: list[QAction]) -> None:
        super().__init__()
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addActions(actions)
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for action in actions:
            action.changed.connect(self._follow)
        self._show(actions[0])

    def _follow(self) -> None:
        """A tool of the group was chosen, or is called something else now."""
        action = self.sender()
        if isinstance(action, QAction) and (action.isChecked() or action is self.defaultAction()):
            self._show(action)

    def _show(self, action: QAction) -> None:
        if self.defaultAction() is not action:
            self.setDefaultAction(action)
        self.setAccessibleName(action.toolTip().partition("\n")[0])
