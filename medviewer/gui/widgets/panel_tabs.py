"""The tabs of the panels: an icon for each, and the name of the one in front."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QTabBar, QTabWidget, QWidget

ICON_PX = 18
NARROW_PX, NARROWEST_PX = 26, 19
"""A tab without its name, and where there is no room for all of them."""
SLACK_PX = 13
"""What styles leave empty between an icon and a name."""


class PanelTabs(QTabWidget):
    """Room for a dozen panels, where names would fill the width with four; tool tips say them all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons: list[str] = []
        self._titles: list[str] = []
        self.setTabBar(_Bar(self))
        self.setDocumentMode(True)
        self.setUsesScrollButtons(False)
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        self.tabBar().setAccessibleName("Panels")
        self.tabBar().setExpanding(False)
        self.tabBar().setDrawBase(False)
        self.currentChanged.connect(lambda _: self._name())

    def add(self, page: QWidget, title: str, icon: str, tip: str) -> None:
        """Add a panel."""
        self._icons.append(icon)
        self._titles.append(title)
        at = self.addTab(page, _drawn(icon), "")
        self.setTabToolTip(at, tip)
        self.tabBar().setAccessibleTabName(at, title)
        self._name()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: the icons are drawn in its colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_icons"):
            for at, icon in enumerate(self._icons):
                self.setTabIcon(at, _drawn(icon))

    def _name(self) -> None:
        """Write the name of the panel in front beside its icon; one without an icon always has its name."""
        for at, title in enumerate(self._titles):
            is_named = at == self.currentIndex() or not self._icons[at]
            self.setTabText(at, title if is_named else "")


def _drawn(icon: str) -> QIcon:
    from medviewer.gui import icons  # noqa: PLC0415  (tabs come after the first picture, their room before)

    return icons.icon(icon)


class _Bar(QTabBar):
    """Tabs as narrow as their icons; styles leave room for a name where there is none."""

    def tabSizeHint(self, index: int) -> QSize:
        """How large a tab wants to be."""
        return self._narrow(index, super().tabSizeHint(index))

    def minimumTabSizeHint(self, index: int) -> QSize:
        """How large a tab has to be."""
        return self._narrow(index, super().minimumTabSizeHint(index))

    def _narrow(self, index: int, size: QSize) -> QSize:
        width = size.width() - SLACK_PX if self.tabText(index) else self._least()
        return QSize(width, size.height())

    def _least(self) -> int:
        """How wide each tab without a name is, so that all of them are to be seen."""
        named = [at for at in range(self.count()) if self.tabText(at)]
        others, holder = self.count() - len(named), self.parentWidget()
        if holder is None or not others:
            return NARROW_PX
        taken = sum(super(_Bar, self).tabSizeHint(at).width() - SLACK_PX for at in named)
        return min(max((holder.width() - taken) // others, NARROWEST_PX), NARROW_PX)
