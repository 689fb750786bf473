"""``medviewer``: the window for paths, the terminal for commands."""

from __future__ import annotations

import gc
import sys
import warnings
from pathlib import Path

from medviewer.cli import main as terminal


def main() -> int:
    """Do what the command line says; the answer is the exit code."""
    if getattr(sys, "frozen", False):
        # a decoding process starts the frozen program again, which must not open a window of its own then
        from multiprocessing import freeze_support  # noqa: PLC0415  (10 ms that only frozen programs need)

        freeze_support()
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # what libraries warn of is nothing a reader can act on
    return terminal.main(window=_window)


def _window(paths: list[Path], demo: bool) -> int:
    gc.disable()  # nothing is thrown away while a program starts; the first picture enables it again
    from medviewer.gui.app import run  # noqa: PLC0415  (Qt takes half a second that commands need not wait)

    return run([str(path) for path in paths], demo=demo)


if __name__ == "__main__":
    sys.exit(main())
