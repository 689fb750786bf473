"""Opening the file beside a saved picture: the view comes back as it was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medviewer.kit.errors import FileTrouble, MedviewerError
from medviewer.kit.task import TaskContext
from medviewer.session.command import command
from medviewer.session.commands.study import OPENING, reopen
from medviewer.session.session_type import Session

if TYPE_CHECKING:
    from medviewer.session.sidecar.seen import Seen


@command("view.restore", title="Open a saved view")
def restore_view(session: Session, *, path: Path) -> str:
    """Show what a saved picture shows, from the JSON file beside it; the answer is the job's key.

    A study that is not open is opened again where it is remembered.
    """
    # few readers ever do: the others need not pay for it at start
    from medviewer.session.sidecar.restoring import missing_studies, remembered  # noqa: PLC0415
    from medviewer.session.sidecar.seen import read_seen  # noqa: PLC0415

    file = Path(path)
    is_open = {study.uid for study in session.state.studies}

    def work(_: TaskContext) -> tuple[Seen, dict[str, str]]:
        seen = read_seen(file)
        return seen, remembered(session, tuple({one.study for one in seen.viewports} - is_open))

    def done(found: tuple[Seen, dict[str, str]]) -> None:
        seen, keys = found
        missing = missing_studies(session, seen)
        lost = [uid for uid in missing if uid not in keys]
        if missing and len(lost) == len({one.study for one in seen.viewports if one.study}):
            session.notify(
                FileTrouble(
                    f"The study of {file.name} is not open, and was not opened before on this computer.",
                    "Open its files, then open this view again.",
                )
            )
            return
        _open_then_show(session, seen, [keys[uid] for uid in missing if uid in keys])

    return str(session.jobs.start(f"Opening {file.name}", work, done, kind=OPENING))


def _open_then_show(session: Session, seen: Seen, keys: list[str]) -> None:
    if keys:
        # once all of it is known: a picture that was not found yet is not gone

        def arrange(is_all: bool) -> bool:
            if is_all:
                _open_then_show(session, seen, keys[1:])
            return is_all

        reopen(session, keys[0], arrange)
        return
    from medviewer.session.sidecar.restoring import restore  # noqa: PLC0415  (see above)

    try:
        said = restore(session, seen)
    except MedviewerError as trouble:
        session.notify(trouble)
        return
    if said:
        session.notify("The view is not quite as it was.", " ".join(said), is_error=False)
