"""When Python looks for garbage: never while a study is opened, and never through what that has brought."""

from __future__ import annotations

import gc
from collections.abc import Callable

from medviewer.session.commands.study import OPENING
from medviewer.session.session import Session
from medviewer.session.state import JobStatus


def look_elsewhere(session: Session) -> Callable[[], None]:
    """Keep the search for garbage from holding up the window; the answer ends this.

    Whichever thread looks for garbage holds the interpreter meanwhile. Headers of 20,000 files take it 60 ms
    again and again while they grow, and hold nothing that counting references does not free.
    """
    is_opening = False

    def follow(jobs: tuple[JobStatus, ...]) -> None:
        nonlocal is_opening
        was_opening, is_opening = is_opening, any(job.key.startswith(f"{OPENING}-") for job in jobs)
        if is_opening:
            gc.disable()
        elif was_opening:
            gc.freeze()
            gc.enable()

    return session.watch(lambda state: state.jobs, follow)
