"""Which file of a series a list of elements is of: a slider over its files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from medviewer.core.study import Instance, Series
from medviewer.gui.labels import plain_label
from medviewer.gui.widgets.elided import ElidedLabel
from medviewer.gui.widgets.slider import Slider

MOST_FILES = 1_000_000
SLIDER_PX = 200


def files_of(series: Series) -> tuple[int, ...]:
    """The instances of a series as its pictures follow one another, then those without pictures."""
    return tuple(
        dict.fromkeys([*(address.instance for address in series.frames), *range(len(series.instances))])
    )


class TagFile(QWidget):
    """A title, a slider over the files of a series, and the name of the one that is chosen."""

    chosen = Signal()
    """The reader has gone to another file."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.series: Series | None = None
        self._files: tuple[int, ...] = ()
        self._title = plain_label(title, "muted")
        self.slider = Slider(f"{title}: file of the series", 0, MOST_FILES, 1)
        self.slider.setToolTip("Go to another file of the series")
        self.slider.setFixedWidth(SLIDER_PX)
        self.slider.moved.connect(lambda *_: self._moved())
        self._number = plain_label("")
        self._name = ElidedLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self._title, self.slider, self._number):
            row.addWidget(widget)
        row.addWidget(self._name, 1)

    @property
    def instance(self) -> Instance | None:
        """The file that is chosen."""
        if self.series is None or not self._files:
            return None
        at = min(self.slider.value(), len(self._files) - 1)
        return self.series.instances[self._files[at]]

    def show_file(self, series: Series, instance: int) -> None:
        """Choose a file of a series by its number there, without telling anybody."""
        self.series, self._files = series, files_of(series)
        before = self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(self._files) - 1))
        self.slider.setValue(self._files.index(instance) if instance in self._files else 0)
        self.slider.blockSignals(before)
        self.slider.setVisible(len(self._files) > 1)
        self._tell()

    def _moved(self) -> None:
        self._tell()
        self.chosen.emit()

    def _tell(self) -> None:
        file = self.instance
        if file is None:
            return
        name = file.member or Path(file.path).name
        self._number.setText(f"{self.slider.value() + 1} of {len(self._files)}")
        self._name.setText(name)
        self._name.setToolTip(f"{file.member} in {file.path}" if file.member else file.path)
