"""Document and view, frozen: everything the viewer knows at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medviewer.core.against import Against
from medviewer.core.annotation import Annotation
from medviewer.core.cut import Cut
from medviewer.core.finding import Finding
from medviewer.core.fusion import Fusion
from medviewer.core.labels import LabelMap
from medviewer.core.pipeline import Pipeline
from medviewer.core.seeds import SeedPoint
from medviewer.core.study import SeriesKey, Study, Unreadable
from medviewer.core.vectors import Point
from medviewer.core.view3d import View3D
from medviewer.core.voi import VOI
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.settings import Settings

if TYPE_CHECKING:
    from medviewer.core.objects import StudyObject
    from medviewer.core.presentation import PresentationState
    from medviewer.session.found.outlines import Outlined

MAX_VIEWPORTS = 9


Cells = tuple[Pipeline | None, ...]
"""A recipe for each cell of the grid; an empty one is the original, None the series' own stack."""

Picture = tuple[str, int]
"""One picture, whatever its number: SOP Instance UID and frame."""


@frozen
class Reading:
    """One series, as the reader has worked on it."""

    series: SeriesKey
    pipeline: Pipeline = Pipeline()
    annotations: tuple[Annotation, ...] = ()
    groups: tuple[LabelMap, ...] = ()
    """label maps, from the lowest to the uppermost"""
    findings: tuple[Finding, ...] = ()
    pictures: tuple[Picture, ...] = ()
    """which picture each label slice and each finding's frame means; empty when there are none"""
    key_pictures: tuple[Picture, ...] = ()
    """those that the reader has marked as worth looking at again"""
    scales: tuple[tuple[str, float], ...] = ()
    """(SOP Instance UID, millimetres of a pixel's width) as the reader has calibrated it by hand"""
    stack_chosen: bool = False
    """whether the reader has ever changed the pipeline: an empty one is then wanted, and no default comes"""
    words: tuple[str, ...] = ()
    """what the reader says of the series in a report, line by line"""
    outlined: tuple[str, ...] = ()
    """SOP Instance UIDs of the objects whose outlines are to be seen on pictures, as on this series"""
    seeds: tuple[SeedPoint, ...] = ()
    """where segmentation methods begin; undone like all work, but kept in no file"""


@frozen
class Document:
    """What undo restores and what a session file keeps."""

    readings: Mapping[SeriesKey, Reading] = field(default_factory=lambda: MappingProxyType({}))
    grid: Cells = ()
    """what the cells of the enhancement grid show, or showed last"""

    def reading(self, series: SeriesKey) -> Reading:
        """The reading of a series, an empty one when nothing was done to it."""
        return self.readings.get(series) or Reading(series)

    def with_reading(self, reading: Reading) -> Document:
        """With one reading exchanged."""
        return replace(self, readings=MappingProxyType({**self.readings, reading.series: reading}))

    def with_stacks_chosen(self, before: Document) -> Document:
        """With every enhancement stack that is not as it was *before* marked as the reader's own choice."""
        document = self
        for key, reading in self.readings.items():
            if not reading.stack_chosen and reading.pipeline.steps != before.reading(key).pipeline.steps:
                document = document.with_reading(replace(reading, stack_chosen=True))
        return document


class CornerText(Enum):
    """How much is written over the picture."""

    FULL = "full"
    MINIMAL = "minimal"
    OFF = "off"


@frozen
class Layout:
    """A grid of viewports, 1x1 to 3x3."""

    rows: int = 1
    columns: int = 1

    @property
    def count(self) -> int:
        """How many viewports are shown."""
        return self.rows * self.columns


@frozen
class Brush:
    """What painting does."""

    diameter: float = 10.0
    """mm; pixels of the picture's width where it has no scale"""
    is_ball: bool = False
    """through the slices, not on the shown one only"""
    limits: tuple[float, float] | None = None
    """only modality values from the first to the second are painted"""
    adaptive: bool = False
    """only what is like the values under the middle of the brush is painted"""
    over_others: bool = True
    """whether labels that are not locked are painted over, or only what has none"""


@frozen(eq=False)
class Preview:
    """What a segmentation method would mark on one picture or plane, while its settings are being tried."""

    series: SeriesKey
    index: int
    cut: Cut | None
    mask: NDArray[np.uint8]
    """(row, column) 0 or 1, on the grid of what is shown; read-only"""
    color: str
    """#rrggbb"""


@frozen
class Viewport:
    """Where one view looks; never undone."""

    series: SeriesKey | None = None
    index: int = 0
    voi: VOI = field(default_factory=VOI.unknown)
    """unknown: the picture's own first window, or its values, decide"""
    zoom: float = 1.0
    """1 fits the picture into the viewport"""
    actual: bool = False
    """one picture pixel is one screen pixel, whatever the size of the viewport; zoom then multiplies that"""
    center: tuple[float, float] = (0.5, 0.5)
    """(row, column) in the middle of the viewport, as a share of the picture's height and width"""
    rotation: int = 0
    """degrees clockwise: 0, 90, 180 or 270; applied after the flip"""
    flipped: bool = False
    """left and right exchanged"""
    enhanced: bool = True
    """False shows the untouched picture, for comparing"""
    recipe: Pipeline | None = None
    """what is done to the picture here instead of the series' own stack, for comparing; None: that stack"""
    against: Against | None = None
    """another rendering that is seen together with this one"""
    playing: bool = False
    """cine"""
    cut: Cut | None = None
    """the plane that is shown instead of picture *index*, through the stack which that belongs to"""
    colors: str = ""
    """the name of a colour map; "" is grey"""
    fusion: Fusion | None = None
    hidden_overlays: tuple[int, ...] = ()
    """groups of the file's overlays that are switched off; core.beside_pixels.SHUTTER for the shutter"""
    inspected: tuple[int, int] | None = None
    """(row, column) of the pixel that the inspector looks at, whatever picture is shown"""
    presentation: str = ""
    """SOP Instance UID of the presentation state that is applied; "" is none"""
    view3d: View3D | None = None
    """the stack as a body instead of a picture"""

    def fitted(self) -> Viewport:
        """With the whole picture in the viewport."""
        return replace(self, zoom=1.0, actual=False, center=(0.5, 0.5))

    def upright(self) -> Viewport:
        """Fitted and not turned, as another grid of pixels is shown first."""
        return replace(self.fitted(), rotation=0, flipped=False)


@frozen
class Copied:
    """An annotation on the clipboard, whatever becomes of the one it was made of."""

    annotation: Annotation
    spots: tuple[tuple[float, float], ...]
    """its points on the picture it lay on, (row, column)"""
    normal: Point
    """unit vector across that picture"""


@frozen
class Blind:
    """A preference study runs: nothing may say which recipe is where."""

    question: str
    number: int
    """which pair it is, from 1"""
    count: int
    ties: bool = True
    """whether "no preference" may be said"""
    window_locked: bool = True
    stands: bool = False
    """whether both pictures are to be seen; until then neither is"""
    paused: bool = False
    can_undo: bool = False


@frozen
class View:
    """The whole window."""

    layout: Layout = Layout()
    viewports: tuple[Viewport, ...] = (Viewport(),) * MAX_VIEWPORTS
    active: int = 0
    maximised: bool = False
    """the active viewport covers the others"""
    tool: str = "window"
    linked: bool = False
    corner_text: CornerText = CornerText.FULL
    peek: bool = False
    """held: the original instead of the enhanced picture"""
    labels_hidden: bool = False
    """held: no overlay"""
    annotations_hidden: bool = False
    hidden_objects: frozenset[str] = frozenset()
    """SOP Instance UIDs of objects of the study of which nothing is to be seen"""
    selected: str = ""
    """id of the selected annotation"""
    snapping: bool = False
    """whether what is drawn snaps to points that are drawn already"""
    copied: Copied | None = None
    """the annotation that is pasted"""
    group: str = ""
    """id of the label map that is worked on"""
    label: int = 0
    """value of the label that is worked on, 0 for none"""
    brush: Brush = Brush()
    solo: bool = False
    """whether only that label is to be seen"""
    blinking: bool = False
    """whether that label is to be seen every other moment"""
    blinked_off: bool = False
    """whether it is not to be seen at this moment"""
    preview: Preview | None = None
    regions: tuple[str, str] = ("", "")
    """ids of the area annotations whose contrast is told; "" takes the newest on the picture"""
    cine_rate: float = 15.0
    """frames a second"""
    cine_places: bool = False
    """cine runs through the places of a stack even where there are times or other values to play"""
    crosshair: Point | None = None
    """the place in the patient where planes cross"""
    overlay_color: str = Settings().overlay_color
    """#rrggbb, of the overlay planes of files"""
    reference_lines: bool = True
    """whether the other viewports' planes are drawn as lines"""
    before_compare: View | None = None
    """what to go back to when original and enhanced no longer stand side by side"""
    before_planes: View | None = None
    """what to go back to when the planes of a stack no longer stand side by side"""
    before_grid: View | None = None
    """what to go back to when the enhancement grid is left"""
    blind: Blind | None = None
    """the preference study that runs"""

    @property
    def shown(self) -> tuple[int, ...]:
        """The numbers of the viewports that are to be seen."""
        return (self.active,) if self.maximised else tuple(range(self.layout.count))

    @property
    def current(self) -> Viewport:
        """The active viewport."""
        return self.viewports[self.active]

    def number(self, viewport: int) -> int:
        """The number of *viewport* from 0, below that of the active one. Raises BadValue beyond the last."""
        if viewport >= len(self.viewports):
            raise BadValue(f"There is no viewport {viewport + 1}.", f"There are {MAX_VIEWPORTS} at most.")
        return self.active if viewport < 0 else viewport

    def arranged_as(self, before: View) -> View:
        """With the grid and the viewports of *before*; what was chosen for all of them meanwhile stays."""
        return replace(
            self,
            layout=before.layout,
            viewports=before.viewports,
            active=before.active,
            maximised=before.maximised,
            before_compare=before.before_compare,
            before_planes=before.before_planes,
            before_grid=before.before_grid,
        )

    def with_viewport(self, number: int, viewport: Viewport) -> View:
        """With one viewport exchanged."""
        return replace(self, viewports=(*self.viewports[:number], viewport, *self.viewports[number + 1 :]))


@frozen
class JobStatus:
    """A long task, for the status bar."""

    key: str
    title: str
    fraction: float | None = None
    text: str = ""
    seconds_left: float | None = None


@frozen
class Notice:
    """Something to tell the reader: what happened and what to do."""

    message: str
    advice: str = ""
    is_error: bool = True
    number: int = 0
    refused_in: int = -1
    """the viewport in which a command was refused, which is soon of no interest; -1: no such thing"""
    offer: str = ""
    """the name of a command that does what can be done about it, "" for none"""


class LastTime(Enum):
    """How the program ended before this start, as far as there is something to go back to."""

    NOTHING = "nothing"
    CLOSED = "closed"
    INTERRUPTED = "interrupted"
    """killed, or the computer went down"""


@frozen
class State:
    """Everything at one moment."""

    document: Document = Document()
    view: View = View()
    studies: tuple[Study, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    presentations: tuple[PresentationState, ...] = ()
    """what the open studies hold of objects that say how pictures are to look"""
    objects: tuple[StudyObject, ...] = ()
    """what they hold of other objects that say something about pictures"""
    outlined: tuple[Outlined, ...] = ()
    """the structure sets whose outlines are to be seen"""
    jobs: tuple[JobStatus, ...] = ()
    notices: tuple[Notice, ...] = ()
    undo_label: str = ""
    redo_label: str = ""
    last_time: LastTime = LastTime.NOTHING
