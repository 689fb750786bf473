"""What the pixels of an object that was made are, and how they become values and greys again."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from medviewer.core.beside_pixels import OverlayPlane
from medviewer.core.geometry import Plane
from medviewer.core.voi import VOI
from medviewer.dicom.derived_kinds import Kind
from medviewer.dicom.derived_stale import drop_from_groups
from medviewer.dicom.derived_values import GREYS, Grid
from medviewer.dicom.derived_words import cut
from medviewer.kit.frozen import frozen


@frozen
class Content:
    """What the pixels of one object are."""

    kind: Kind
    shape: tuple[int, int]
    """(rows, columns)"""
    frames: tuple[int, ...] | None = None
    """which frames of the source, counted from 0, are those of an object with several; None: one picture"""
    grid: Grid | None = None
    """None: red, green and blue, 8 bits each"""
    as_greys: bool = False
    """whether they are greys as seen, from black to white, and no longer in the unit of the source"""
    voi: VOI | None = None
    """the window, in the unit of the source"""
    source_frame: int | None = None
    """the frame, counted from 0, of which a single picture was made"""
    plane: Plane | None = None
    """where a single picture lies that was a part of a larger one"""
    overlays: tuple[OverlayPlane, ...] | None = None
    more: tuple[tuple[str, str], ...] = ()
    """what private elements said of the picture, under the keywords of the standard"""


def words_of_values(content: Content, unit: str) -> str:
    """What the stored values are, in a sentence for people."""
    if content.grid is None:
        return "Values are colours."
    if content.as_greys:
        return (
            f"Values are greys as displayed, 0 black to {GREYS if content.grid.bits == 16 else 255} white; "
            f"they are no longer {unit or 'the values of the source'}."
        )
    grid, of = content.grid, f" {unit}" if unit else ""
    error = f"rounded by at most {grid.error:.2g}{of}" if grid.error else "exact"
    if content.kind.rescaled or (grid.slope, grid.intercept) == (1.0, 0.0):
        return f"Values are in the unit of the source{f' ({unit})' if unit else ''}, {error}."
    return f"Value of the source = {grid.slope:.6g} * stored + {grid.intercept:.6g}, {error}."


def put_meaning(data: Dataset, was: Dataset, content: Content) -> None:
    """Say in *data*, made of *was*, how stored values become modality values, and these greys."""
    grid = content.grid
    if grid is None:
        return
    rescale = _rescale(was, content, grid)
    window = _window(content, grid)
    if content.kind.grouped:
        shared = data.SharedFunctionalGroupsSequence[0]
        for group in (shared, *data.get("PerFrameFunctionalGroupsSequence", ())):
            drop_from_groups(group)
        shared.PixelValueTransformationSequence = Items([rescale])
        if window:
            shared.FrameVOILUTSequence = Items([window])
    else:
        if _wants_rescale(was, content, grid):
            data.update(rescale)
        data.update(window)
    if content.as_greys and data.get("Modality") == "PT" and "Units" in data:
        data.Units = "NONE"  # C.8.9.1: unitless
        if "SUVType" in data:
            del data.SUVType
    if content.as_greys and str(data.get("PixelIntensityRelationship", "")) and not _is_radiograph(content):
        data.PixelIntensityRelationship = "DISP"


def _rescale(was: Dataset, content: Content, grid: Grid) -> Dataset:
    found = Dataset()
    is_identity = content.as_greys or not content.kind.rescaled
    found.RescaleIntercept = decimal(0.0 if is_identity else grid.intercept)
    found.RescaleSlope = decimal(1.0 if is_identity else grid.slope)
    found.RescaleType = "US" if is_identity else _unit_of(was)
    return found


def _unit_of(was: Dataset) -> str:
    tables = was.get("ModalityLUTSequence") or [Dataset()]
    shared, frames = was.get("SharedFunctionalGroupsSequence"), was.get("PerFrameFunctionalGroupsSequence")
    groups = [*(shared or ())[:1], *(frames or ())[:1]]
    inner = [one.get("PixelValueTransformationSequence") or [Dataset()] for one in groups]
    known = (
        str(was.get("RescaleType", "") or ""),
        str(tables[0].get("ModalityLUTType", "") or ""),
        *(str(one[0].get("RescaleType", "") or "") for one in inner),
    )
    return next(filter(None, known), "HU" if was.get("Modality") == "CT" else "US")


def _wants_rescale(was: Dataset, content: Content, grid: Grid) -> bool:
    """Whether the class has rescale elements: where it must, or where they say something."""
    if content.as_greys or _is_radiograph(content):
        return content.kind.rescaled or _is_radiograph(content)
    if not content.kind.rescaled:
        return False
    has = "RescaleSlope" in was or was.get("Modality") in ("CT", "PT")
    return has or (grid.slope, grid.intercept) != (1.0, 0.0)


def _is_radiograph(content: Content) -> bool:
    return content.kind.sop_class.startswith("1.2.840.10008.5.1.4.1.1.1.")


def _window(content: Content, grid: Grid) -> Dataset:
    found = Dataset()
    if content.as_greys:
        width = 1 << grid.bits
        found.WindowCenter, found.WindowWidth = decimal(width / 2), decimal(width)
        return found
    if content.voi is None or not content.voi.is_known:
        return found
    voi = content.voi.as_window()
    if not content.kind.rescaled and (grid.slope, grid.intercept) != (1.0, 0.0):
        voi = voi.scaled(1 / grid.slope, -grid.intercept / grid.slope)
    found.WindowCenter, found.WindowWidth = decimal(voi.center), decimal(voi.width)
    if voi.curve.value != "LINEAR":
        found.VOILUTFunction = voi.curve.value
    return found


def decimal(number: float) -> str:
    """*number* as Decimal String, at most 16 letters (PS3.5 6.2)."""
    for digits in range(15, 5, -1):
        text = f"{number:.{digits}g}"
        if len(text) <= 16:
            return text
    return cut(f"{number:.6g}", 16)
