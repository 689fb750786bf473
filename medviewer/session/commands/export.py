"""Leaving with a picture: a viewport or the whole layout, to a file or the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from medviewer.export.picture import write_picture
from medviewer.imaging.request import RenderRequest
from medviewer.imaging.volume_rendering.request import BodyRequest
from medviewer.kit.errors import BadValue, ExportTrouble
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext
from medviewer.session.command import command
from medviewer.session.laid import fused_at_hand
from medviewer.session.noted import layout_note
from medviewer.session.pictures import Look, Taken, compose_layout, snapshots
from medviewer.session.session_type import Session


@command("export.picture", title="Save picture", menu="File", icon="camera")
def export_picture(
    session: Session,
    *,
    path: Path,
    scale: Annotated[float, Slider(0.1, 8)] = 1.0,
    whole_layout: bool = False,
    annotations: bool = True,
    overlay: bool = True,
    text: bool = True,
    identity: bool = False,
    quality: Annotated[int, Slider(50, 100)] = 95,
    sidecar: bool = False,
) -> str:
    """Write what a viewport shows to a PNG, JPEG or TIFF file in the background; the answer is the job's key.

    Without *identity* nothing in the picture says who the patient is. A *sidecar* is a JSON file beside it
    that brings the view back; it holds UIDs of the study, by which a PACS can tell whose it is.
    """
    target = Path(path)
    look = Look(annotations, overlay, text, identity)
    taken = _taken(session, scale, whole_layout, look)
    write_beside = _sidecar(session, taken, whole_layout, look, target) if sidecar else None

    def work(context: TaskContext) -> Path:
        picture = compose_layout(session.rendering, taken, context)
        options = {"quality": quality} if target.suffix.lower() in (".jpg", ".jpeg") else {}
        saved = write_picture(picture, target, layout_note(session.rendering, taken), **options)
        if write_beside is not None:
            write_beside()
        return saved

    def done(saved: Path) -> None:
        session.notify(f"Saved {saved.name}.", str(saved.parent), is_error=False)

    return str(session.jobs.start(f"Saving {target.name}", work, done, kind="export"))


@command("export.copy", title="Copy picture", menu="Edit", icon="copy")
def copy_picture(
    session: Session,
    *,
    scale: Annotated[float, Slider(0.1, 8)] = 1.0,
    whole_layout: bool = False,
    annotations: bool = True,
    overlay: bool = True,
    text: bool = True,
    identity: bool = False,
) -> NDArray[np.uint8]:
    """Give what a viewport shows as (row, column, 3) RGB pixels, for the clipboard.

    Only pictures that are decoded already are given, so this never waits.
    """
    taken = _taken(session, scale, whole_layout, Look(annotations, overlay, text, identity))
    for one in taken.cells:
        request = one.request
        if isinstance(request, BodyRequest):
            ready = session.three_d.at_hand(request) is not None
        else:
            ready = not request or _is_at_hand(session, request)
        if not ready:
            raise ExportTrouble("The picture is not there yet.", "Try again in a moment.")
    return compose_layout(session.rendering, taken, TaskContext())


def _is_at_hand(session: Session, request: RenderRequest) -> bool:
    """Whether a picture and what lies over it are decoded."""
    frame = session.frames.get(request.series, request.index, request.cut)
    if frame is None or request.fusion is None:
        return frame is not None
    return fused_at_hand(session, request.fusion, frame) is not None


def _sidecar(
    session: Session, taken: Taken, whole_layout: bool, look: Look, target: Path
) -> Callable[[], object]:
    """What a worker calls to write the view beside its picture."""
    # few pictures have one
    from medviewer.session.sidecar import seen  # noqa: PLC0415

    numbers = session.view.shown if whole_layout else (session.view.active,)
    now = seen.seen(session, taken, numbers, look)

    def write() -> None:
        seen.write_seen(seen.decided(session.rendering, now, taken), target.with_suffix(".json"))

    return write


def _taken(session: Session, scale: float, whole_layout: bool, look: Look) -> Taken:
    taken = snapshots(session, scale, whole_layout, look)
    if all(one.request is None for one in taken.cells):
        raise BadValue("There is no picture to save.", "Open a study first.")
    return taken
