"""Colours, type and icons: one set of tokens per theme makes palette, style sheet and icons."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from medviewer.gui.style_sheet import RULES
from medviewer.kit.frozen import frozen
from medviewer.kit.paths import resource


@frozen
class Tokens:
    """The colours of one theme, each "#rrggbb", by what they are for."""

    background: str
    """around the picture"""
    surface: str
    """panels"""
    raised: str
    """inputs and menus"""
    line: str
    text: str
    muted: str
    accent: str
    """active tool, focus ring, selection"""
    on_accent: str
    """text upon the accent"""
    ai: str
    """everything that a model said"""
    warning: str
    error: str
    image: str = "#000000"
    """behind a picture, in every theme"""


THEMES = {
    "dark": Tokens(
        background="#101214",
        surface="#191c1f",
        raised="#22262a",
        line="#2e3338",
        text="#e4e7ea",
        muted="#9aa3ab",
        accent="#4aa8d8",
        on_accent="#08131a",
        ai="#d8a24a",
        warning="#e0b341",
        error="#e06a5a",
    ),
    "light": Tokens(
        background="#dfe3e7",
        surface="#f3f5f7",
        raised="#ffffff",
        line="#c3c9cf",
        text="#15181b",
        muted="#525a62",
        accent="#0a6396",
        on_accent="#ffffff",
        ai="#805200",
        warning="#745600",
        error="#a82a1b",
    ),
    "contrast": Tokens(
        background="#000000",
        surface="#000000",
        raised="#101010",
        line="#b8b8b8",
        text="#ffffff",
        muted="#d8d8d8",
        accent="#5cc8ff",
        on_accent="#000000",
        ai="#ffbf47",
        warning="#ffd75e",
        error="#ff9d8f",
    ),
}
TITLES = {"dark": "Dark", "light": "Light", "contrast": "High contrast"}

DRAWN_IN = b"#e4e7ea"
"""The colour in which the icons are drawn; the theme's takes its place."""
ICON_PX = 20
TEXT_PT = 10.0
SMALL_PT = 9.0


class _Current:
    """The theme in use; one per program, as Qt's palette is."""

    tokens = THEMES["dark"]


def tokens() -> Tokens:
    """The colours of the theme in use."""
    return _Current.tokens


def on_picture() -> Tokens:
    """The colours of what stands on the black of pictures: a dark theme's, whichever is in use."""
    of = tokens()
    return THEMES["dark"] if _luminance(of.surface) > 0.5 else of


def apply(app: QApplication, name: str) -> None:
    """Show the whole program in the theme called *name*, the dark one when there is none such."""
    chosen = THEMES.get(name, THEMES["dark"])
    _Current.tokens = chosen
    app.setStyle("Fusion")
    font = app.font()
    font.setPointSizeF(TEXT_PT)
    app.setFont(font)
    app.setPalette(palette(chosen))
    app.setStyleSheet(style_sheet(chosen))


def palette(of: Tokens) -> QPalette:
    """Every role that Qt draws with, so that no colour of the system shines through."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: of.surface,
        QPalette.ColorRole.WindowText: of.text,
        QPalette.ColorRole.Base: of.raised,
        QPalette.ColorRole.AlternateBase: of.surface,
        QPalette.ColorRole.ToolTipBase: of.raised,
        QPalette.ColorRole.ToolTipText: of.text,
        QPalette.ColorRole.PlaceholderText: of.muted,
        QPalette.ColorRole.Text: of.text,
        QPalette.ColorRole.Button: of.raised,
        QPalette.ColorRole.ButtonText: of.text,
        QPalette.ColorRole.BrightText: of.error,
        QPalette.ColorRole.Light: of.line,
        QPalette.ColorRole.Midlight: of.line,
        QPalette.ColorRole.Mid: of.line,
        QPalette.ColorRole.Dark: of.background,
        QPalette.ColorRole.Shadow: of.background,
        QPalette.ColorRole.Highlight: of.accent,
        QPalette.ColorRole.HighlightedText: of.on_accent,
        QPalette.ColorRole.Accent: of.accent,
        QPalette.ColorRole.Link: of.accent,
        QPalette.ColorRole.LinkVisited: of.accent,
    }
    for role, color in roles.items():
        made.setColor(role, QColor(color))
    faint = QColor(_mixed(of.muted, of.surface, 0.35))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, faint)
    return made


def style_sheet(of: Tokens) -> str:
    """The rules for what the palette cannot say."""
    values = {field.name: getattr(of, field.name) for field in fields(of)}
    values["faint"] = _mixed(of.muted, of.surface, 0.35)
    # the tick is drawn in one light colour for all themes; on a light ground it stands on the accent
    is_light = _luminance(of.surface) > 0.5
    values["ticked"] = of.accent if is_light else _mixed(of.accent, of.surface, 0.75)
    values["chosen"] = _mixed(of.accent, of.surface, 0.75)
    text = RULES
    for name, value in values.items():
        text = text.replace(f"@{name};", f"{value};").replace(f"@{name} ", f"{value} ")
    return text.replace("@check", resource("icons/check.svg").as_posix())


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, 1.4.3)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def icon(name: str, color: str = "") -> QIcon:
    """The icon called *name* in the colours of the theme; an empty one when it was never drawn.

    Off is drawn in the text colour, On in the accent, disabled faint; *color* replaces the text colour.
    """
    return _icon(name, color, tokens(), _ratio())


@lru_cache(maxsize=512)
def _icon(name: str, color: str, of: Tokens, ratio: float) -> QIcon:
    drawing = _drawing(name)
    made = QIcon()
    if not drawing:
        return made
    faint = _mixed(of.muted, of.surface, 0.5)
    states = (
        (QIcon.Mode.Normal, QIcon.State.Off, color or of.text),
        (QIcon.Mode.Normal, QIcon.State.On, color or of.accent),
        (QIcon.Mode.Disabled, QIcon.State.Off, faint),
        (QIcon.Mode.Disabled, QIcon.State.On, faint),
    )
    drawn = _painted(drawing, of.text, ratio=ratio)
    painted = {stroke: _recolored(drawn, stroke) for stroke in {stroke for _, _, stroke in states}}
    for mode, state, stroke in states:
        made.addPixmap(painted[stroke], mode, state)
    return made


def _recolored(drawn: QPixmap, color: str) -> QPixmap:
    """The same drawing in another colour; a drawing has only one, so that reading it once is enough."""
    made = drawn.copy()
    painter = QPainter(made)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(made.rect(), QColor(color))
    painter.end()
    return made


def pixmap(name: str, color: str, size: int = 16) -> QPixmap:
    """One icon as a picture, for labels."""
    return _painted(_drawing(name), color, size)


def program_icon() -> QIcon:
    """The program's own icon, in its own colours."""
    path = resource("icons/medviewer.svg")
    return QIcon(str(path)) if path.is_file() else QIcon()


def mark(widget: QWidget, **properties: str) -> None:
    """Set the properties that the style sheet looks at, for instance role="muted", and draw anew."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


_drawings: dict[str, bytes] = {}


def _drawing(name: str) -> bytes:
    if name and name not in _drawings:
        path = resource(f"icons/{name}.svg")
        _drawings[name] = path.read_bytes() if path.is_file() else b""
    return _drawings.get(name, b"")


def _ratio() -> float:
    """Icons are drawn for the densest screen there is, and never below two to one."""
    ratio: float = QApplication.instance().devicePixelRatio()  # type: ignore[union-attr]
    return max(2.0, ratio)


def _painted(drawing: bytes, color: str, size: int = ICON_PX, ratio: float = 0.0) -> QPixmap:
    ratio = ratio or _ratio()
    made = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    made.fill(Qt.GlobalColor.transparent)
    if drawing:
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer = QSvgRenderer(QByteArray(drawing.replace(DRAWN_IN, color.encode())))
        renderer.render(painter, QRectF(made.rect()))
        painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def _luminance(color: str) -> float:
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(one: str, other: str, share: float) -> str:
    """*one* with *share* of *other* stirred in."""
    pairs = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a * (1 - share) + b * share):02x}" for a, b in pairs)
