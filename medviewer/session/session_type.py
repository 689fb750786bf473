"""The session as commands see it: a name for annotations that costs no import at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from medviewer.session.session import Session
else:
    Session = Any
    """Commands are imported by the session, so they cannot import it; their hints are never called."""

__all__ = ["Session"]
