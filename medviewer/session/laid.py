"""What is laid over the greys of a picture: its colours, another series; and what is said of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from medviewer.core.beside_pixels import SHUTTER
from medviewer.core.fusion import Fusion
from medviewer.core.study import Series
from medviewer.core.vectors import Point
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, is_padding
from medviewer.imaging.colormaps import color_map
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Stage
from medviewer.imaging.grayscale import effective_voi
from medviewer.imaging.legend import Scale, legend
from medviewer.imaging.shapes import Drawn
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import block, value_of
from medviewer.session.probe import probe, value_words
from medviewer.session.state import Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session


ON_PLANE_MM = 0.01


@frozen
class Laid:
    """What lies over one picture, as it is asked for."""

    colors: str = ""
    fusion: Fusion | None = None
    hidden: tuple[int, ...] = ()
    words: str = ""
    """ "PT over CT 50 %" """
    below: str = ""
    above: str = ""
    """what the two series are called beside their bars of colours"""
    displayed: bool = False
    """whether an enhancement has made of the values something that has no unit"""


def laid(session: Session, number: int) -> Laid:
    """What lies over the picture of a viewport."""
    viewport = session.view.viewports[number]
    series, fusion = session.series(viewport.series), fusion_of(session, viewport)
    over = None if fusion is None else session.series(fusion.series)
    same = series is not None and over is not None and series.modality == over.modality
    below, above = ("", "") if series is None or over is None else names(series, over)
    value = "" if over is None or fusion is None else _value(over, fusion)
    active = session.rendering.shown_pipeline(number).active
    return Laid(
        colors=viewport.colors,
        fusion=fusion,
        hidden=viewport.hidden_overlays,
        words="" if fusion is None else f"{above} over {below} {fusion.opacity * 100:.0f} %{value}",
        below=f"{series.modality} below" if series is not None and same else below,
        above=f"{over.modality} above" if over is not None and same else above,
        displayed=any(ENHANCEMENTS[step.operation].stage is Stage.DISPLAY for step in active),
    )


def words_of(known: Laid, frame: Frame | None) -> tuple[str, ...]:
    """What has to stand beside the picture: what is over it, and what of the file is switched off."""
    words = [known.words]
    if frame is not None:
        off = sum(one.group in known.hidden for one in frame.overlays)
        words.append(f"{off} overlay{'s' * (off > 1)} off" if off else "")
        words.append("shutter off" if frame.shutter is not None and SHUTTER in known.hidden else "")
    return tuple(filter(None, words))


def legend_of(
    known: Laid, frame: Frame, voi: VOI, fused: Frame | None, size: tuple[int, int], density: float
) -> tuple[Drawn, ...]:
    """A bar of colours for the series above and for the picture, each only where it is in colours."""
    scales = []
    if known.fusion is not None and fused is not None:
        scales.append(_scale(known.fusion.colors, fused, known.fusion.voi, known.above))
    if known.colors and not frame.is_color:
        scales.append(_scale(known.colors, frame, voi, known.below, known.displayed))
    return legend(scales, size, density)


def fusion_of(session: Session, viewport: Viewport) -> Fusion | None:
    """The fusion of a viewport while its second series is open, at the value of it that is meant."""
    fusion = viewport.fusion
    series = None if fusion is None else session.series(fusion.series)
    if fusion is None or series is None or series.dimension is None:
        return None if series is None else fusion
    leader = leader_of(session, series)
    index = fusion.index if leader is None else leader.index
    # the first picture of the value, so that going through its places asks for nothing new
    return replace(fusion, index=block(series, index).start)


def leader_of(session: Session, series: Series) -> Viewport | None:
    """The viewport that shows a series, and so says which of its values lies over other pictures."""
    view = session.view
    shown = (view.viewports[number] for number in (view.active, *view.shown))
    return next((one for one in shown if one.series == series.key), None)


def fused_at_hand(session: Session, fusion: Fusion | None, frame: Frame | None) -> Frame | None:
    """The second series on the grid of *frame*, when it is there already."""
    if fusion is None or frame is None:
        return None
    return session.frames.onto(fusion.series, fusion.index, frame.plane)


def load_fused(
    session: Session, fusion: Fusion | None, frame: Frame, context: TaskContext | None = None
) -> Frame | None:
    """The same, made if need be. Slow: workers call it. Raises FileTrouble, SeriesTrouble."""
    if fusion is None:
        return None
    return session.frames.load_onto(fusion.series, fusion.index, frame.plane, context)


def value_at(session: Session, fusion: Fusion, position: Point) -> str:
    """The second series' own value at a place, that of the nearest voxel, in words; "" where it is not."""
    volume = session.frames.volume_at_hand(fusion.series, fusion.index)
    series = session.series(fusion.series)
    if series is not None and session.frames.geometry(series) is None:
        return _lone_value(session, fusion, series, position)
    if volume is None or series is None:
        return ""
    slice_, row, column = np.floor(volume.geometry.to_index(position) + 0.5).astype(int).tolist()
    shape = volume.geometry.shape
    if not (0 <= slice_ < shape[0] and 0 <= row < shape[1] and 0 <= column < shape[2]):
        return f"{series.modality}: nothing here"
    stored = volume.voxels[slice_, row, column]
    if not np.isfinite(stored) or (volume.padding is not None and is_padding(stored, volume.padding)):
        return f"{series.modality}: nothing here"
    value = float(volume.rescale.apply(np.asarray([stored]))[0])
    return f"{series.modality} {value_words(value, volume.rescale.unit)}"


def _lone_value(session: Session, fusion: Fusion, series: Series, position: Point) -> str:
    """The same of a series that is no volume, whose pictures lie over those on the same grid only."""
    for one in series.frames:
        row, column = one.plane.to_image(position)
        if abs(one.plane.distance(position)) > ON_PLANE_MM or not one.plane.holds(row, column):
            continue
        frame = session.frames.onto(fusion.series, fusion.index, one.plane)
        found = None if frame is None else probe(frame, row, column)
        return "" if found is None else f"{series.modality} {found.value_text}"
    return f"{series.modality}: nothing here"


def names(below: Series, above: Series) -> tuple[str, str]:
    """What tells two series apart in a word: their modalities, else what they are called."""
    if below.modality != above.modality:
        return below.modality, above.modality
    pair = (below.description, above.description)
    if all(pair) and pair[0] != pair[1]:
        return f"{below.modality} {pair[0]:.24}", f"{above.modality} {pair[1]:.24}"
    return f"{below.modality} {below.number or ''}".strip(), f"{above.modality} {above.number or ''}".strip()


def _value(over: Series, fusion: Fusion) -> str:
    """Which value of the series above is meant, nothing where it has one only."""
    return "" if over.dimension is None else f"  {over.dimension.words(value_of(over, fusion.index))}"


def _scale(name: str, frame: Frame, wanted: VOI, title: str, displayed: bool = False) -> Scale:
    voi = effective_voi(frame, wanted)
    colors = color_map(name).hex()
    if displayed:
        return Scale(colors, VOI.from_range(0, 1), "enhanced", voi.inverted, title)
    return Scale(colors, voi, frame.rescale.unit, frame.inverted != voi.inverted, title)
