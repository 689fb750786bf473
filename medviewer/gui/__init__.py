"""Qt: windows, views, tools, panels."""

from __future__ import annotations

import os

# Threads for matrices are of no use in the window, and numpy takes a tenth of a second to start them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
