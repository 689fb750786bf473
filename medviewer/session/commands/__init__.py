"""What a reader can do, one file per part of the work; importing this declares all commands."""

from medviewer.session.commands import (
    ai,
    annotate,
    color,
    dimension,
    enhance,
    export,
    fusion,
    inspect,
    planes,
    presentation,
    settings,
    study,
    three_d,
    view,
    window,
)

__all__ = [
    "ai",
    "annotate",
    "color",
    "dimension",
    "enhance",
    "export",
    "fusion",
    "inspect",
    "planes",
    "presentation",
    "settings",
    "study",
    "three_d",
    "view",
    "window",
]
