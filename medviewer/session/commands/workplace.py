"""Going back to where the reader was, and session files that hold the work and the workplace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.task import Lane
from medviewer.session.command import command
from medviewer.session.commands.study import open_paths
from medviewer.session.session_type import Session
from medviewer.session.state import LastTime

if TYPE_CHECKING:
    from medviewer.session.keeping.workplace_file import Seen


@command("workplace.restore", title="Go on where you were", menu="File")
def restore(session: Session) -> str:
    """Open what was open when the program ended, and show it as it was shown."""
    seen: Seen | None = session.workplace.last
    if seen is None or not seen.paths:
        raise BadValue("Nothing was open the last time.", "Open a study.")
    paths, gone = _there(seen.paths)
    if not paths:
        raise BadValue(f"{gone[0].name} is no longer there.", "Your work on it is kept for when it is.")
    if gone:
        session.notify(
            f"{gone[0].name} is no longer there.", "The rest is as it was; your work is kept.", is_error=False
        )
    session.store.set(replace(session.state, last_time=LastTime.NOTHING))
    return open_paths(session, paths, lambda is_all: _arrange(session, seen, is_all))


@command("study.save", title="Save session")
def save(session: Session, *, path: Path) -> str:
    """Write the work on all open studies, and where everything stands in the window, to a session file.

    It names the files that are open, so that it can open them again: keep it as you keep those. It is
    written in the background, as all is at this moment; the answer is the job's key.
    """
    target, content = Path(path), session.keeper.content(session.workplace.plain())

    def done(_: None) -> None:
        session.notify(f"Saved {target.name}.", str(target.parent), is_error=False)

    # whoever saves does not wait for a model that runs for minutes in the long lane
    return str(
        session.jobs.start(
            f"Saving {target.name}",
            lambda _: session.keeper.export(target, content),
            done,
            kind="save",
            lane=Lane.SOON,
        )
    )


@command("study.load", title="Open session")
def load(session: Session, *, path: Path) -> None:
    """Take work and window from a session file, and open its studies where they are not open; one undo."""
    from medviewer.session.keeping.workplace_file import seen_of  # noqa: PLC0415  (not at start)

    content = session.keeper.read(Path(path))
    seen = seen_of(content.workplace)
    closed = {one.series for one in content.readings if session.series(one.series) is None}
    if seen is not None:
        from medviewer.session.keeping.workplace import wanted_series  # noqa: PLC0415  (not at start)

        closed |= {key for key in wanted_series(seen) if session.series(key) is None}
    # a file from elsewhere may not send this program to other computers
    paths, _ = _there(
        one for one in (seen.paths if seen and closed else ()) if not one.startswith(("//", "\\\\"))
    )
    if not paths:
        session.keeper.add(content, Path(path).name)
        if seen is not None:
            _arrange(session, seen, is_all=True)
        return

    def arrange(is_all: bool) -> bool:
        if is_all:
            try:
                session.keeper.add(content, Path(path).name)
            except FileTrouble as trouble:
                session.notify(trouble)
                return True
        return is_all and seen is not None and _arrange(session, seen, is_all)

    open_paths(session, paths, arrange)


def _there(paths: Iterable[str]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Those that are there, and those that are not."""
    given = tuple(Path(one) for one in paths)
    there = tuple(one for one in given if one.exists())
    return there, tuple(one for one in given if one not in there)


def _arrange(session: Session, seen: Seen, is_all: bool) -> bool:
    """Show everything as it was seen, as soon as all of it is open; whether that could be done."""
    from medviewer.session.keeping.workplace import arranged, is_there  # noqa: PLC0415  (not at start)

    if not is_all and not is_there(session, seen):
        return False
    cells = seen.cells
    if cells:
        now = session.state.document
        session.history.settle(lambda document: replace(document, grid=cells), now)
        session.replace_document(replace(now, grid=cells))
    view = arranged(session, seen)
    session.change(lambda _: view)
    return True
