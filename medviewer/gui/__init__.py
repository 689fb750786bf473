"""Qt: windows, views, tools, panels."""

from __future__ import annotations

import os
import sys

# Threads for matrices are of no use in the window, and numpy takes a tenth of a second to start them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Everything below the window is loaded before Qt: see _told_qt.
from medviewer.session import session as session  # noqa: E402


def _told_qt() -> None:
    """Tell PySide6 which modules use it, which it would find out by reading the source of each.

    From its first import on it looks at every module that is imported, for the sake of ``from __feature__
    import``; two hundred of them take half as long again to load. Where PySide6 has changed, it reads on.
    """
    try:
        import PySide6.QtCore  # noqa: F401, PLC0415  (only now, when all the others are there)
        from shibokensupport.feature import pyside_feature_dict as known  # noqa: PLC0415
    except ImportError:
        return
    uses_it, ignores_it = 0, -1
    for name in tuple(sys.modules):
        known.setdefault(name, ignores_it)
    root = __name__.partition(".")[0]
    package = os.path.dirname(os.path.dirname(__file__))
    for folder, inner, files in os.walk(package):
        inner[:] = [name for name in inner if name != "__pycache__"]
        place = root + folder.removeprefix(package).replace(os.sep, ".")
        kind = uses_it if f"{place}.".startswith(f"{__name__}.") else ignores_it
        known[place] = kind
        known.update({f"{place}.{file[:-3]}": kind for file in files if file.endswith(".py")})


_told_qt()
