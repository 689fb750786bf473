"""What an exported file says of its picture: how grey came from values. Never who the patient is.

Only numbers and this program's own words stand here: what a file calls its windows, series and presentation
states may hold anything.
"""

from __future__ import annotations

from dataclasses import replace

from medviewer.core.against import Way
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame
from medviewer.imaging.against import LUMINANCE, SHARE, VALUES, is_of_greys
from medviewer.imaging.enhance.apply import titles
from medviewer.imaging.grayscale import effective_voi
from medviewer.imaging.request import RenderRequest
from medviewer.imaging.volume_rendering.request import BodyRequest
from medviewer.session.blindness import HIDDEN
from medviewer.session.facts import plane_words, window_words
from medviewer.session.pictures import Taken
from medviewer.session.rendering import Rendering

PICTURE = "A picture to look at, in 8 bits; not data"
UNITS = ("HU", "SUVbw", "SUVlbm", "SUVbsa", "SUVibw", "Bq/mL", "counts", "g/mL")


def layout_note(rendering: Rendering, taken: Taken) -> str:
    """What is to be said of all cells of a picture. Raises FileTrouble where one cannot be decoded."""
    cells = [
        request_note(rendering, one.request, taken.is_blind) for one in taken.cells if one.request is not None
    ]
    return ". ".join((PICTURE, *dict.fromkeys(filter(None, cells))))


def request_note(
    rendering: Rendering,
    request: RenderRequest | BodyRequest,
    is_blind: bool = False,
    frame: Frame | None = None,
    has_window: bool = True,
) -> str:
    """Window, inversion, enhancement, plane and colours of one picture; its *frame*, if that is there.

    *has_window* is False for a side of a difference of values, which are subtracted before any window.
    """
    if isinstance(request, BodyRequest):
        return "three-dimensional view"
    frame = rendering.load(request) if frame is None else frame
    enhanced = titles(request.pipeline)
    how = request.against
    if how is not None and how.way is Way.DIFFERENCE:
        has_window = is_of_greys(rendering.difference_scale(request, frame))
    parts = (
        _window(frame, effective_voi(frame, rendering.decided(request))) if has_window else "",
        HIDDEN.lower() if is_blind else f"enhanced: {enhanced}" if enhanced else "",
        "" if request.cut is None else plane_words(request.cut),
        frame.derived,
        f"colours {request.colors}" if request.colors else "",
        "" if request.fusion is None else f"another series over it, {request.fusion.opacity * 100:.0f} %",
        "with a presentation state" if request.presentation else "",
        _compared(rendering, request, frame, has_window),
    )
    return "; ".join(filter(None, parts))


def _compared(rendering: Rendering, request: RenderRequest, frame: Frame, has_window: bool) -> str:
    """What the picture is seen together with, and how."""
    how = request.against
    if how is None:
        return ""
    other = f"the other: {request_note(rendering, how.request, has_window=has_window) or 'original'}"
    match how.way:
        case Way.WIPE:
            return f"wiped, the other {'left' if how.vertical else 'above'}; {other}"
        case Way.FLICKER:
            return f"one of two that flicker, {'the other' if how.shows_other else 'the first'}; {other}"
        case Way.LENS:
            return f"the other inside of a lens; {other}"
        case Way.BLEND:
            return f"the other blended over it, {how.opacity * 100:.0f} %; {other}"
        case _:
            scale = rendering.difference_scale(request, frame)
            unit = scale.unit if scale.unit in (*UNITS, SHARE, LUMINANCE, VALUES) else "units of the file"
            return f"this minus the other, from -{scale.span:g} to {scale.span:g} {unit}; {other}"


def _window(frame: Frame, voi: VOI) -> str:
    if frame.is_color:
        return "colours inverted" if voi.inverted else "colours as in the file"
    if voi.lut is not None:
        return "VOI LUT of the file" + ("  inverted" if voi.inverted else "")
    unit = frame.rescale.unit
    return window_words(replace(voi, name=""), unit if unit in UNITS else "")
