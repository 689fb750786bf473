"""What stands in the corners of a picture: whose it is, which one, how it is shown (layout: IHE BIR)."""

from __future__ import annotations

from functools import lru_cache

from medviewer.core.cut import Cut
from medviewer.core.finding import State
from medviewer.core.geometry import Plane, orientation_letters
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import Series, Study
from medviewer.core.voi import VOI, digits_for
from medviewer.imaging.enhance.apply import as_run
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Stage
from medviewer.kit.remembered import remembered
from medviewer.session.dimension import place_of, value_of
from medviewer.session.planes import tilt
from medviewer.session.shown_labels import is_labelled
from medviewer.session.state import Reading, Viewport

LONGEST_LINE = 48
LEAST_TILT = 0.5
"""A plane that was turned by fewer degrees is still called by its name."""

KEY_PICTURE = "\N{BLACK STAR} Key picture"
Lines = tuple[str, ...]


@remembered(32)
def patient_lines(study: Study, series: Series) -> Lines:
    """Name, ID, birth date with sex and age: top left."""
    patient = study.patient
    born = _joined(_date(patient.birth_date), patient.sex, _age(series.detail("PatientAge")), by="  ")
    return _filled(patient.called or "(no name)", patient.id or "(no ID)", born)


@remembered(32)
def study_lines(study: Study, series: Series) -> Lines:
    """Institution, description, date and time, study ID: top right."""
    when = _joined(_date(study.date or series.detail("SeriesDate")), _time(study.time), by="  ")
    number = series.detail("StudyID")
    return _filled(study.institution, study.description, when, f"Study {number}" if number else "")


def anonymous_study_lines(study: Study) -> Lines:
    """What may be said of a study when nothing may say whose it is."""
    return _filled(study.description)


def picture_lines(series: Series, viewport: Viewport, plane: Plane) -> Lines:
    """Which picture this is and where it lies: bottom left."""
    value = dimension_words(series, viewport)
    if viewport.cut is not None:
        words, place = plane_words(viewport.cut), slice_position(plane)
        # a turned plane has no short name, and the end of a long line would be cut
        is_short = words == viewport.cut.name
        # which plane this is comes first: it is the last to go where little can be said
        return _filled(*((f"{words}  {place}",) if is_short else (words, place)), value)
    place = f"{place_of(series, viewport.index) + 1} / {series.places}"
    return _filled(value, place, slice_position(plane) if plane.placed else "")


def is_key(series: Series, viewport: Viewport, reading: Reading) -> bool:
    """Whether the reader has marked the shown picture as worth looking at again."""
    if viewport.cut is not None or not reading.key_pictures or not series.count:
        return False
    address = series.frames[min(viewport.index, series.count - 1)]
    return (series.instances[address.instance].sop_instance, address.frame) in reading.key_pictures


def marked_lines(lines: Lines, key: bool) -> Lines:
    """Which picture this is, with a star behind its number where it is a key picture."""
    return (f"{lines[0]}  {KEY_PICTURE}", *lines[1:]) if key and lines else lines


def value_lines(series: Series, viewport: Viewport) -> Lines:
    """Which value of the second dimension is shown, nothing without one."""
    return _filled(dimension_words(series, viewport))


def dimension_words(series: Series, viewport: Viewport) -> str:
    """Which value of the second dimension is shown: "Phase 3 / 20  (120 ms)", "b 1000"; "" without one."""
    if series.dimension is None:
        return ""
    last = len(series.dimension.values) - 1
    return series.dimension.words(min(value_of(series, viewport.index), last))


def plane_words(cut: Cut) -> str:
    """A plane by name: "Coronal", and once it was turned "Oblique 23° L", where its normal went."""
    degrees, way = tilt(cut)
    if degrees < LEAST_TILT:
        return cut.name
    return f"Oblique {degrees:.0f}° {orientation_letters(way)}"


@remembered(32)
def series_lines(series: Series, is_placed: bool, is_cut: bool) -> Lines:
    """Series and technique: bottom right; planes cut through slices are not as thick as those."""
    side = series.detail("ImageLaterality") or series.detail("Laterality")
    name = _joined(series.modality, series.description or series.detail("ProtocolName"), side, by="  ")
    technique = _joined(
        _with_unit(series.detail("KVP"), "kV"),
        _with_unit(series.detail("XRayTubeCurrent"), "mA"),
        _labelled("TR", _with_unit(series.detail("RepetitionTime"))),
        _labelled("TE", _with_unit(series.detail("EchoTime"))),
        series.detail("ViewPosition"),
        by="  ",
    )
    thick = series.detail("SliceThickness") if is_placed and not is_cut else ""
    thickness = _labelled("Slice", _with_unit(thick, "mm"))
    return _filled(name, technique, thickness)


@lru_cache(maxsize=64)
def window_words(voi: VOI, unit: str) -> str:
    """The window in words: "C 40  W 400  Lung"."""
    if voi.lut is not None:
        words = voi.lut.explanation or voi.name or "table from the file"
        return f"LUT {words}" + ("  inverted" if voi.inverted else "")
    if not voi.is_known:
        return ""
    digits = digits_for(voi.width)
    curve = "" if voi.curve.value.startswith("LINEAR") else f"  {voi.curve.value.lower()}"
    words = f"C {voi.center:.{digits}f}  W {voi.width:.{digits}f}{curve}"
    return _joined(
        words, unit if unit not in ("", "HU") else "", voi.name, "inverted" if voi.inverted else "", by="  "
    )


def bare_words(series: Series) -> str:
    """What a series is called without enhancements; derived ones (PS3.3 C.7.6.1.1.2) are no originals."""
    return "As in the file" if series.detail("ImageType").startswith("DERIVED") else "Original"


def recipe_words(pipeline: Pipeline, stack: Pipeline, is_chosen: bool = False, bare: str = "Original") -> str:
    """What was done to the picture: the recipe's name, or its steps as they run; *bare* beside them.

    *is_chosen* where the picture stands among others that are done up otherwise.
    """
    if not pipeline.active:
        return bare if stack.active or is_chosen else ""
    operations = [ENHANCEMENTS[step.operation] for step in as_run(pipeline)]
    steps = " + ".join(operation.title for operation in operations)
    # a name must not hide that lines over the picture are no reader's
    marks = " + ".join(operation.title for operation in operations if operation.stage is Stage.MARKS)
    words = f"{pipeline.name} · {marks}" if pipeline.name and marks else pipeline.name or steps
    return f"{words} · display only"


def model_words(reading: Reading, viewport: Viewport, overlay: bool) -> Lines:
    """What models say of this picture, each with the model's name, version and whether anyone accepted it.

    What they say of single slices does not stand on planes through many of them.
    """
    index = None if viewport.cut is not None else viewport.index
    lines = []
    for group in reading.groups if overlay else ():
        names = ", ".join(label.name for label in group.labels if label.visible)
        # with every label switched off nothing of the model is on the picture
        if group.provenance is not None and names and is_labelled(group, viewport):
            lines.append(f"{names} · {group.provenance} · {state_words(group.state)}")
    for finding in reading.findings:
        if finding.frame in (None, index) and finding.state is not State.REJECTED and finding.positive:
            score = f"{finding.score * 100:.0f} %" if finding.value is None else finding.number
            lines.append(f"{finding.what} {score} · {finding.provenance} · {state_words(finding.state)}")
    return tuple(lines)


def state_words(state: State) -> str:
    """What a reader has said of something that a model has found."""
    return "proposal" if state is State.PROPOSED else state.value


@remembered(16)
def slice_position(plane: Plane) -> str:
    """Where a slice lies along the axis it mostly cuts across: "z -212.5 mm"."""
    middle = plane.to_patient((plane.shape[0] - 1) / 2, (plane.shape[1] - 1) / 2)
    across = [abs(share) for share in plane.normal]
    axis = across.index(max(across))
    return f"{'xyz'[axis]} {middle[axis]:.1f} mm"


def _filled(*lines: str) -> Lines:
    return tuple(_short(line) for line in lines if line)


def _short(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"


def _joined(*parts: str, by: str) -> str:
    return by.join(part for part in parts if part)


def _labelled(label: str, value: str) -> str:
    return f"{label} {value}" if value else ""


def _with_unit(value: str, unit: str = "") -> str:
    """A decimal string without needless digits, and its unit; nothing for 0: unknown."""
    try:
        number = float(value)
    except ValueError:
        return ""
    return f"{number:g} {unit}".rstrip() if number else ""


def _date(value: str) -> str:
    """A DICOM date (DA) as year-month-day; anything else as it is."""
    return f"{value[:4]}-{value[4:6]}-{value[6:]}" if len(value) == 8 and value.isdigit() else value


def _time(value: str) -> str:
    """A DICOM time (TM) as hours:minutes."""
    return f"{value[:2]}:{value[2:4]}" if len(value) >= 4 and value[:4].isdigit() else ""


def _age(value: str) -> str:
    """A DICOM age (AS), "051Y", as "51 y"; anything else as it is."""
    is_age = len(value) == 4 and value[:3].isdigit() and value[3] in "DWMY"
    return f"{int(value[:3])} {value[3].lower()}" if is_age else value
