"""Qt: windows, views, tools, panels."""

from __future__ import annotations

import os

# Threads for matrices are of no use in the window, and numpy takes a tenth of a second to start them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Everything below the window is loaded before Qt: from then on PySide6 reads the source of each module that
# is imported, to see whether it uses PySide6, and loading two hundred of them takes half as long again.
from medviewer.session import session as session  # noqa: E402
