"""Opening, remembering and closing studies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from threading import current_thread, main_thread

from medviewer.core.study import Series, SeriesKey, Study, StudyKey
from medviewer.kit.errors import BadValue
from medviewer.kit.paths import resource
from medviewer.kit.task import Progress
from medviewer.session import defaults
from medviewer.session.command import command
from medviewer.session.opening import Opened, Opening
from medviewer.session.session_type import Session
from medviewer.session.state import View, Viewport

MOST_RECENT = 12
OPENING = "open"
VIEW_ENDING = ".json"
"""No picture is called so, but what lies beside a saved one and says how to see it again."""
FIRST_PICTURE_S = 0.1
"""So long the first picture of all has the processor for itself before the scan goes on."""

Arrange = Callable[[bool], bool]
"""Told each time that more is open, and whether that is all; whether the window stands as it is to."""


@command("study.open", title="Open")
def open_study(session: Session, *, paths: Sequence[Path]) -> str:
    """Open files, folders, DICOMDIRs and ZIP archives; series appear as they are found.

    The JSON file beside a saved picture brings the view of that picture back.
    """
    given = tuple(Path(path) for path in paths)
    views = [path for path in given if path.suffix.lower() == VIEW_ENDING]
    if views and len(views) == len(given):
        return str(session.run("view.restore", path=views[-1]))
    return open_paths(session, given)


def add_files(session: Session, paths: Sequence[Path]) -> str:
    """Take files that were just written into what is open; what is shown stays as it is."""
    opening = _opening(session, tuple(paths))
    return str(
        session.jobs.start(
            "Opening what was saved", opening.work, lambda found: _merge(session, found), kind=OPENING
        )
    )


@command("study.reopen", title="Open a study again")
def reopen_study(session: Session, *, study: str) -> str:
    """Open a study that was opened before, from wherever its files lie; files that are gone are told."""
    return reopen(session, study)


def reopen(session: Session, study: StudyKey, arrange: Arrange | None = None) -> str:
    """Open a remembered study; *arrange* puts its pictures where they are to stand."""
    return _begin(session, "Opening the study again", _opening(session, (), study), arrange)


@command("study.sample", title="Open the sample study", menu="File")
def open_sample(session: Session) -> str:
    """Open the study that comes with the program."""
    return str(open_study(session, paths=(resource("samples/images"),)))


@command("study.close", title="Close study", menu="File", icon="close")
def close(session: Session, *, study: str = "") -> None:
    """Close a study, the active one unless told otherwise; the reader's work on it stays saved."""
    active = session.study_of(session.view.current.series)
    key = study or (active.key if active else "")
    session.keeper.close(key) if key else session.keeper.save_now()
    gone = {series.key for one in session.state.studies if one.key == key for series in one.series}
    session.jobs.cancel_kind(OPENING)
    session.change(lambda view: _without_series(view, gone))
    session.set_opened(_without(session.opened, key))


@command("study.forget", title="Forget study", menu="File")
def forget(session: Session, *, study: str = "") -> None:
    """Close a study and remove what is remembered of it: its place in the list, small pictures and headers.

    The reader's own work on it is kept; so are the files of the study, which medviewer never changes.
    """
    active = session.study_of(session.view.current.series)
    key = study or (active.key if active else "")
    if not key:
        return
    opened = next((one for one in session.state.studies if one.key == key), None)
    if opened is not None:
        close(session, study=key)
    for series in session.index.series_keys(key):
        session.thumbnails.forget_series(series)
    session.index.forget(key)


@command("study.take_over", title="Take over the other window's work", menu="File")
def take_over(session: Session) -> None:
    """Put what a second window has done to the open studies in place of what is here; undo takes it back."""
    session.keeper.take_others()


@command("job.cancel", title="Cancel")
def cancel_job(session: Session, *, key: str) -> None:
    """Stop a task."""
    session.jobs.cancel(key)


@command("notice.dismiss", title="Dismiss")
def dismiss(session: Session, *, number: int) -> None:
    """Take a notice away."""
    left = tuple(one for one in session.state.notices if one.number != number)
    session.store.set(replace(session.state, notices=left))


def _opening(session: Session, paths: Sequence[Path], study: str = "") -> Opening:
    def prepare(studies: Sequence[Study]) -> None:
        session.keeper.read_ahead(studies)
        defaults.read_ahead()

    def rest() -> None:
        # a scan on the thread of the window would keep that from drawing anything
        if current_thread() is not main_thread():
            session.rendering.has_drawn.wait(FIRST_PICTURE_S)

    return Opening(paths, session.opened, lambda: session.index, study, prepare, rest)


def open_paths(session: Session, given: tuple[Path, ...], arrange: Arrange | None = None) -> str:
    """Open paths in the background; with *arrange* the window is left to that. Raises BadValue."""
    if not given:
        raise BadValue("There is nothing to open.", "Choose a file or a folder.")
    _remember(session, given)
    title = f"Opening {given[0].name}" + (f" and {len(given) - 1} more" if len(given) > 1 else "")
    return _begin(session, title, _opening(session, given), arrange)


def _begin(session: Session, title: str, opening: Opening, arrange: Arrange | None = None) -> str:
    """Scan in the background; what is found is shown as it comes."""
    first: list[tuple[str, int] | None] = []
    is_arranged = False

    def found(so_far: Opened, is_all: bool = False) -> None:
        nonlocal is_arranged
        _merge(session, so_far)
        if arrange is not None:
            is_arranged = is_arranged or arrange(is_all)
        elif not first and _show_first(session, so_far):
            first.append(_place(session, session.view.current))

    def done(result: Opened) -> None:
        untouched = arrange is None and (not first or _place(session, session.view.current) == first[0])
        found(result, is_all=True)
        _report(session, result)
        if untouched:
            if first:
                _leave_segmentation(session, result)
            _to_middle(session, result)

    def advanced(_: Progress) -> None:
        found(opening.latest)

    return str(session.jobs.start(title, opening.work, done, advanced, kind=OPENING))


def _without_series(view: View, gone: Collection[SeriesKey]) -> View:
    """*view* without the pictures of some series; an arrangement that held nothing else makes room."""
    while (before := view.before_planes or view.before_compare or view.before_grid) is not None:
        shown = {one.series for one in view.viewports[: view.layout.count]} - {None}
        if not shown <= set(gone):
            break
        view = replace(view.arranged_as(before), linked=before.linked)
    left = tuple(Viewport() if one.series in gone else one for one in view.viewports)
    return replace(view, before_compare=None, before_planes=None, before_grid=None, viewports=left)


def _without(opened: Opened, key: str) -> Opened:
    """What is open when one study no longer is."""
    closed = (
        one
        for study in opened.studies
        if study.key == key
        for series in study.series
        for one in series.instances
    )
    places = {(one.path, one.member) for one in closed}
    headers = tuple(one for one in opened.headers if (one.path, one.member) not in places)
    studies = tuple(study for study in opened.studies if study.key != key)
    return Opened(headers, studies, opened.unreadable if studies else ())


def _remember(session: Session, paths: tuple[Path, ...]) -> None:
    session.opened_from = tuple(
        dict.fromkeys((*session.opened_from, *(str(one.absolute()) for one in paths)))
    )
    if not session.settings.remember_studies:
        return
    new = [str(path.absolute()) for path in paths]
    recent = (*new, *(one for one in session.settings.recent if one not in new))[:MOST_RECENT]
    if recent != session.settings.recent:
        session.save_settings(recent=recent)


def _merge(session: Session, found: Opened) -> None:
    """Put what was found in place; pictures that are shown stay where they are."""
    places = {number: _place(session, one) for number, one in enumerate(session.view.viewports)}
    before = {study.key for study in session.state.studies}
    session.set_opened(found)
    session.keeper.restore(tuple(study for study in found.studies if study.key not in before))
    if session.state.objects:
        session.objects.settle()
    defaults.begin(session)
    for number, place in places.items():
        _keep_place(session, number, place)


def _to_middle(session: Session, found: Opened) -> None:
    """A series is entered in its middle, now that all of it is known and nobody has scrolled meanwhile."""
    series = session.series(session.view.current.series)
    if series is not None and series.key in found.fresh:
        first = -1 if series.dimension is None else 0
        session.run("view.goto", index=series.places // 2, value=first)


def _place(session: Session, viewport: Viewport) -> tuple[str, int] | None:
    """Which picture of which instance a viewport shows, whatever number it has in its series."""
    series = session.series(viewport.series)
    if series is None or not series.count:
        return None
    address = series.frames[min(viewport.index, series.count - 1)]
    return series.instances[address.instance].sop_instance, address.frame


def _keep_place(session: Session, number: int, place: tuple[str, int] | None) -> None:
    viewport = session.view.viewports[number]
    if place is None or viewport.series is None:
        return
    series = session.series(viewport.series) or _holding(session, place)
    index = None if series is None else _find(series, place)
    if series is None or index is None:
        moved = Viewport() if series is None else viewport
    else:
        moved = replace(viewport, series=series.key, index=index)
        if moved.cut is not None and session.frames.geometry(series) is None:
            moved = replace(moved, cut=None)  # what came later has made it no stack
    if moved != viewport:
        session.change(lambda view: view.with_viewport(number, moved))


def _holding(session: Session, place: tuple[str, int]) -> Series | None:
    """The series that now holds a picture whose series was split or renamed by what came later."""
    every = (series for study in session.state.studies for series in study.series)
    return next((series for series in every if _find(series, place) is not None), None)


def _find(series: Series, place: tuple[str, int]) -> int | None:
    for index, address in enumerate(series.frames):
        if address.frame == place[1] and series.instances[address.instance].sop_instance == place[0]:
            return index
    return None


def _show_first(session: Session, found: Opened) -> bool:
    """Let the active viewport show what was just opened, unless it is seen already; whether it is now."""
    fresh = _pictures_first(found)
    if not fresh:
        return False
    view = session.view
    if not {view.viewports[number].series for number in view.shown} & found.fresh:
        session.run("view.show", series=fresh[0].key)
    return True


def _pictures_first(found: Opened) -> list[Series]:
    """What was found: a segmentation is pictures too, but nobody looks at one beside those it was made of."""
    every = (one for study in found.studies for one in study.series)
    fresh = [one for one in every if one.count and one.key in found.fresh]
    return sorted(fresh, key=lambda one: one.modality == "SEG")


def _leave_segmentation(session: Session, found: Opened) -> None:
    """Show pictures instead of a segmentation that was only found before them."""
    shown = session.series(session.view.current.series)
    better = _pictures_first(found)
    if shown is not None and shown.modality == "SEG" and better and better[0].modality != "SEG":
        session.run("view.show", series=better[0].key)


def _report(session: Session, found: Opened) -> None:
    if found.index_trouble and found.index_trouble not in {one.message for one in session.state.notices}:
        session.notify(found.index_trouble, is_error=False)
    bad = len(found.unreadable_here)
    if not found.fresh:
        reason = found.unreadable_here[0].reason if bad == 1 else ""
        session.notify("No pictures were found there.", reason or "Choose a folder with DICOM files.")
    elif bad:
        word = "file" if bad == 1 else "files"
        session.notify(f"{bad} {word} could not be read.", "The list says why.", is_error=False)
