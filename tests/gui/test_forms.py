"""Whether declared parameters become controls that do what readers expect of them."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QWidget

from medviewer.gui.forms import BoundedNumber, Choice, Form, Switch, decimals_for
from medviewer.gui.labels import BREAK, plain_label
from medviewer.gui.widgets.number import NumberField, read_number, write_number
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Coded, Slider, parameters


def sharpen(
    image: object,
    *,
    strength: Annotated[float, Slider(0.5, 10, step=0.1, unit="px")] = 2.0,
    tiles: Annotated[int, Slider(2, 32, label="Tiles per side")] = 8,
    border: Literal["reflect", "zero_outside"] = "reflect",
    keep_range: bool = True,
) -> None:
    """Nothing; only its parameters matter."""


@pytest.fixture
def form(qtbot) -> Form:
    made = Form(parameters(sharpen))
    qtbot.addWidget(made)
    made.show_values({"strength": 3.1, "tiles": 8, "border": "zero_outside", "keep_range": False})
    made.resize(300, 300)
    made.show()
    return made


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2.5", 2.5),
        ("2,5", 2.5),
        (" -812 ", -812),
        ("\N{MINUS SIGN}5", -5),
        ("1e3", 1000),
        (".5", 0.5),
        ("0,125", 0.125),
    ],
)
def test_a_number_may_be_written_with_point_or_comma(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text", ["1,500", "1.500,5", "1 000", "1,000.5", "", "ten", "nan", "1e999", "0x10", "--1"]
)
def test_a_number_that_could_be_two_or_none_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_number(text)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(3.10, 2, "3.1"), (100, 0, "100"), (-0.0001, 2, "0"), (-40, 1, "\N{MINUS SIGN}40")],
)
def test_numbers_are_written_without_needless_zeros(value: float, decimals: int, text: str) -> None:
    assert write_number(value, decimals) == text


def test_the_step_decides_the_digits() -> None:
    assert decimals_for(0.1, 0, 10) == 1
    assert decimals_for(1.0, 0, 10) == 0
    assert decimals_for(0.0, 0, 1) == 3
    assert decimals_for(0.0, 0, 4000) == 0


def test_a_form_has_an_editor_for_every_kind(form: Form) -> None:
    kinds = [type(editor) for editor in form.editors.values()]
    assert kinds == [BoundedNumber, BoundedNumber, Choice, Switch]


def test_a_form_shows_values_without_telling_anybody(form: Form, qtbot) -> None:
    with qtbot.assertNotEmitted(form.changed):
        form.show_values({"strength": 7.7, "tiles": 16, "border": "reflect", "keep_range": True})
    assert form.editors["strength"].field.text() == "7.7"
    assert form.editors["strength"].slider.number == pytest.approx(7.7)
    assert form.editors["border"].menu.currentData() == "reflect"
    assert form.editors["keep_range"].box.isChecked()


def test_a_typed_number_is_told_as_it_was_typed(form: Form, qtbot) -> None:
    field = form.editors["strength"].field
    field.setFocus()
    field.selectAll()
    with qtbot.waitSignal(form.changed) as told:
        qtbot.keyClicks(field, "4,25")
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told.args == [{"strength": 4.25}, ""]


def test_a_number_beyond_the_limits_is_refused_in_words_beside_the_field(form: Form, qtbot) -> None:
    editor = form.editors["tiles"]
    editor.field.setFocus()
    editor.field.selectAll()
    with qtbot.assertNotEmitted(form.changed):
        qtbot.keyClicks(editor.field, "99")
        qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    assert "from 2 to 32" in editor._words.text()
    assert editor._words.isVisibleTo(form)
    qtbot.keyClick(editor.field, Qt.Key.Key_Escape)
    assert (editor.field.text(), editor._words.isVisibleTo(form)) == ("8", False)


def test_one_drag_of_a_slider_has_one_name(form: Form, qtbot) -> None:
    slider = form.editors["strength"].slider
    told: list[tuple[dict, str]] = []
    form.changed.connect(lambda values, drag: told.append((values, drag)))
    middle = slider.height() // 2
    for _ in range(2):
        qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(20, middle))
        qtbot.mouseMove(slider, QPoint(60, middle))
        qtbot.mouseMove(slider, QPoint(120, middle))
        qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(120, middle))
    names = [drag for _, drag in told]
    assert "" not in names
    assert len(set(names)) == 2
    assert 0.5 <= told[-1][0]["strength"] <= 10


def test_a_double_click_on_a_slider_resets_it(form: Form, qtbot) -> None:
    slider = form.editors["strength"].slider
    told: list[dict] = []
    form.changed.connect(lambda values, _: told.append(values))
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton)
    assert told[-1] == {"strength": 2.0}


def test_the_wheel_over_a_slider_is_left_to_the_panel_around_it(form: Form) -> None:
    slider = form.editors["strength"].slider
    menu = form.editors["border"].menu
    before = slider.number
    for target in (slider, menu):
        assert not _turned_wheel(target).isAccepted()
    assert (slider.number, menu.currentData()) == (before, "zero_outside")


def test_every_control_of_a_form_has_a_name_for_screen_readers(form: Form) -> None:
    for control in form.findChildren(QWidget):
        if control.focusPolicy() != Qt.FocusPolicy.NoFocus and not _is_popup(control):
            assert control.accessibleName() or control.focusProxy(), type(control)


def test_a_field_is_not_overwritten_while_somebody_types(qtbot) -> None:
    field = NumberField("Width", 1, 5000)
    qtbot.addWidget(field)
    field.show_number(400)
    field.show()
    field.setFocus()
    QApplication.processEvents()
    field.selectAll()
    qtbot.keyClicks(field, "12")
    field.show_number(401)
    assert field.text() == ("12" if field.hasFocus() else "401")


def _is_popup(widget: QWidget) -> bool:
    while widget is not None and not widget.isWindow():
        widget = widget.parentWidget()
    return isinstance(widget, QWidget) and isinstance(widget.parentWidget(), QComboBox)


def _turned_wheel(widget: QWidget) -> QWheelEvent:
    at = QPointF(widget.rect().center())
    down = QPoint(0, -120)
    event = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        QPoint(),
        down,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event


def test_a_word_of_any_length_makes_no_label_wider_than_its_panel(qtbot) -> None:
    label = plain_label("sha256 " + "0123456789abcdef" * 8, wrap=True)
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() < 260
    assert label.text().replace(BREAK, "").endswith("0123456789abcdef")


def lent(image: object, *, reference: Annotated[str, Coded(lambda text: f"{len(text)} greys")] = "") -> None:
    """Nothing; only its parameter matters."""


def test_a_text_that_carries_data_is_put_into_words_and_not_spelt_out(qtbot) -> None:
    made = Form(parameters(lent))
    qtbot.addWidget(made)
    made.show_values({"reference": "BQF0"})
    told = [label.text() for label in made.findChildren(QLabel)]
    assert told == ["Reference", "4 greys"]
    assert not made.findChildren(QLineEdit)
