"""The beginning of the frozen program."""

import multiprocessing
import sys

# Decoding processes start the frozen program again. Without this, first of all, each of them would open a
# window of its own and start more of them.
multiprocessing.freeze_support()

if __name__ == "__main__":
    from medviewer.__main__ import main

    sys.exit(main())
