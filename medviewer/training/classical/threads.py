"""How many threads scikit-learn may take."""

from __future__ import annotations

import os
from typing import Any

from threadpoolctl import threadpool_limits


def one_core_free() -> Any:
    """A context in which one core stays free, as for models in the viewer.

    Its threads wait for the slowest of them in circles: on all cores of a busy computer that takes minutes.
    """
    return threadpool_limits(max(1, (os.cpu_count() or 2) - 1))
