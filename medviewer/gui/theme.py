"""Colours and type: one set of tokens per theme makes palette and style sheet."""

from __future__ import annotations

from dataclasses import fields

from PySide6.QtGui import QColor, QPalette
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
    faint = QColor(mixed(of.muted, of.surface, 0.35))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, faint)
    return made


def style_sheet(of: Tokens) -> str:
    """The rules for what the palette cannot say."""
    values = {field.name: getattr(of, field.name) for field in fields(of)}
    values["faint"] = mixed(of.muted, of.surface, 0.35)
    # the tick is drawn in one light colour for all themes; on a light ground it stands on the accent
    is_light = _luminance(of.surface) > 0.5
    values["ticked"] = of.accent if is_light else mixed(of.accent, of.surface, 0.75)
    values["chosen"] = mixed(of.accent, of.surface, 0.75)
    text = RULES
    for name, value in values.items():
        text = text.replace(f"@{name};", f"{value};").replace(f"@{name} ", f"{value} ")
    return text.replace("@check", resource("icons/check.svg").as_posix())


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, 1.4.3)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mark(widget: QWidget, **properties: str) -> None:
    """Set the properties that the style sheet looks at, for instance role="muted", and draw anew."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def _luminance(color: str) -> float:
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(one: str, other: str, share: float) -> str:
    """*one* with *share* of *other* stirred in."""
    pairs = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a * (1 - share) + b * share):02x}" for a, b in pairs)
