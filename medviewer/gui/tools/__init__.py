"""What the left button does over a picture: looking, drawing, and grabbing what is drawn."""

from __future__ import annotations

from medviewer.gui.tools import (  # noqa: F401  (declares them)
    crosshair,
    drawing,
    inspecting,
    looking,
    outlining,
    painting,
    seeding,
)
from medviewer.gui.tools.tool import TOOLS, Pointer, Surface, Tool, ToolKind

__all__ = ["TOOLS", "Pointer", "Surface", "Tool", "ToolKind"]
