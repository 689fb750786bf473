"""What stands below the table of annotations: meaning, plot and real length of the selected one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from medviewer.core.annotation import Shape
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.widgets.number import NumberField
from medviewer.gui.widgets.plotting import prepare
from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.imaging.profile import RULE, Profile, profile
from medviewer.imaging.scale import scale_at
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.measuring.calibrating import has_own_scale, why_not
from medviewer.session.measuring.meanings import MEANINGS
from medviewer.session.measuring.table import Row
from medviewer.session.session import Session

if TYPE_CHECKING:
    from medviewer.gui.widgets.profile_plot import ProfilePlot

NOTHING = "No meaning"
PLOT_PX = 170


class MeasureDetail(QWidget):
    """Shows one annotation; nothing without any."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._row: Row | None = None
        self._asked: object = None
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        self.meaning = QuietComboBox("Meaning of the selected annotation")
        self.meaning.addItems([NOTHING, *(one.meaning for one in MEANINGS)])
        self.meaning.activated.connect(self._mean)
        self._values = plain_label("", "small", wrap=True)
        inside.addWidget(self._values)
        row = QHBoxLayout()
        row.addWidget(plain_label("Meaning"))
        row.addWidget(self.meaning, 1)
        inside.addLayout(row)
        inside.addWidget(self._made_plot())
        inside.addWidget(self._made_calibration())

    def show_row(self, row: Row | None, values: Sequence[str] = ()) -> None:
        """Show an annotation with all its *values*, line by line; or nothing."""
        self._row = row
        self.setVisible(row is not None)
        if row is None:
            return
        code = row.annotation.meaning
        self.meaning.setCurrentIndex(0 if code is None else self._place_of(code.value, code.meaning))
        self._values.setText("\n".join(values))
        self._values.setVisible(len(values) > 1)
        self._show_plot(row)
        one, plane = row.annotation, row.plane
        is_length = one.shape is Shape.LENGTH and plane is not None and not has_own_scale(one, plane)
        self._calibration.setVisible(is_length and not why_not(plane))

    def _place_of(self, value: str, meaning: str) -> int:
        """The line of a meaning; one that an object of the study brought gets a line of its own."""
        for at, one in enumerate(MEANINGS, 1):
            if one.value == value:
                return at
        while self.meaning.count() > len(MEANINGS) + 1:
            self.meaning.removeItem(self.meaning.count() - 1)
        self.meaning.addItem(meaning)
        return self.meaning.count() - 1

    def _mean(self, at: int) -> None:
        if self._row is None or at > len(MEANINGS):
            return
        chosen = self._row.annotation.id
        if at == 0:
            run(self._session, "annotate.meaning", id=chosen, value="")
        else:
            one = MEANINGS[at - 1]
            run(
                self._session,
                "annotate.meaning",
                id=chosen,
                value=one.value,
                scheme=one.scheme,
                meaning=one.meaning,
            )

    # the plot of a profile

    def _made_plot(self) -> QWidget:
        self._profile = QWidget()
        inside = QVBoxLayout(self._profile)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        self._axes = plain_label("", "small", wrap=True)
        inside.addWidget(self._axes)
        self._place = QWidget()
        self._place.setFixedHeight(PLOT_PX)
        self._around = QHBoxLayout(self._place)
        self._around.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._place)
        self._plot: ProfilePlot | None = None
        inside.addWidget(plain_label(f"Values {RULE}.", "muted", wrap=True))
        return self._profile

    def _show_plot(self, row: Row) -> None:
        one, plane, request = row.annotation, row.plane, row.request
        is_profile = one.shape is Shape.PROFILE and plane is not None and request is not None
        self._profile.setVisible(is_profile)
        if not is_profile or (one.points, plane) == self._asked:
            return
        assert plane is not None
        assert request is not None
        self._asked = (one.points, plane)
        spots = [plane.to_image(point) for point in one.points]
        session = self._session

        def work(context: TaskContext) -> Profile:
            prepare()
            frame = session.rendering.load(request, context)
            return profile(frame, spots[0], spots[1], scale_at(plane, spots))

        session.submit(
            Task(work, self._show_profile, session.notify, lane=Lane.SOON, replaces="measure-profile")
        )

    def _show_profile(self, found: Profile) -> None:
        if self._plot is None:
            # its library was loaded by the worker
            from medviewer.gui.widgets.profile_plot import ProfilePlot  # noqa: PLC0415

            self._plot = ProfilePlot()
            self._around.addWidget(self._plot)
        self._plot.show_profile(found)
        self._axes.setText(f"{found.unit or 'Value'} over {found.distance_unit} from the longer mark")

    # a scale by hand

    def _made_calibration(self) -> QWidget:
        self._calibration = QWidget()
        inside = QVBoxLayout(self._calibration)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addWidget(plain_label("If the real length of this line is known:", "muted", wrap=True))
        row, second = QHBoxLayout(), QHBoxLayout()
        self.length = NumberField("Real length of the line in millimetres", 0.001, 10_000)
        row.addWidget(self.length, 1)
        row.addWidget(plain_label("mm"))
        self.where = QuietComboBox("What is calibrated")
        self.where.addItems(["This picture", "This series"])
        second.addWidget(self.where, 1)
        self.calibrate = QPushButton("Calibrate")
        self.calibrate.setAccessibleName("Calibrate by this line")
        self.calibrate.setToolTip("Tell all lengths by this one; they will say that it was set by hand")
        self.calibrate.clicked.connect(self._calibrate)
        self.length.entered.connect(lambda _: self._calibrate())
        second.addWidget(self.calibrate)
        inside.addLayout(row)
        inside.addLayout(second)
        return self._calibration

    def _calibrate(self) -> None:
        if self._row is None:
            return
        millimetres = self.length.number(0.0)
        if not millimetres:
            self._session.notify("Type how long the line really is.", "In millimetres.", refused=True)
            return
        where = ("picture", "series")[self.where.currentIndex()]
        run(
            self._session,
            "measure.calibrate",
            id=self._row.annotation.id,
            millimetres=millimetres,
            where=where,
        )
