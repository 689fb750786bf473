"""Which actions can be used at this moment, which are on, and why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from medviewer.core.against import Way
from medviewer.core.finding import State as Opinion
from medviewer.gui.menus import Entry
from medviewer.imaging.files.names import GRID
from medviewer.kit.frozen import frozen
from medviewer.session import blindness
from medviewer.session.facts import is_key
from medviewer.session.planes import tilt
from medviewer.session.state import MAX_VIEWPORTS, Blind, LastTime, State
from medviewer.session.surfaces.wanted import are_alone, place_for_surfaces

NO_STUDY = "Open a study first."
NO_PICTURE = "Open a study or choose a series first."
ONE_PICTURE = "This series has one picture only."
NO_BODY = "Switch 3-D on first."
NO_STUDY_RUNS = "No preference study is running."
NO_DICOM = "A NIfTI or NRRD file belongs to no DICOM study: export its labels as NIfTI or NRRD instead."
NO_GRID = "Show the enhancement grid first."
GROWING = (Way.LENS.value, Way.BLEND.value)
"""Ways that show more or less of the other picture."""
BESIDE_A_STUDY = ("gui.theme", "gui.help", "gui.about", "gui.full_screen", "gui.status_bar", "gui.quit")
"""What of the window's own entries tells nothing while a preference study runs."""
ONE_AT_EACH_PLACE = "This series has one picture at each place."


@frozen
class Facts:
    """What decides about actions, and nothing else; equal facts need no new look at the menus."""

    studies: int = 0
    picture: bool = False
    dicom: bool = True
    """whether the shown series is one of DICOM objects, and not a NIfTI or NRRD file"""
    tool: str = ""
    layout: tuple[int, int] = (1, 1)
    filled: int = 0
    """viewports that show something"""
    maximised: bool = False
    linked: bool = False
    playing: bool = False
    inverted: bool = False
    objects: int = 0
    """how many objects of the open studies say something about pictures"""
    states: int = 0
    """presentation states of the open studies"""
    presented: bool = False
    colors: str = ""
    """the colour map in use"""
    fused: bool = False
    comparing: bool = False
    against: str = ""
    """in which way the picture is seen together with another one"""
    paused: bool = False
    """whether a flicker stands still"""
    cells: int = 0
    """of the enhancement grid; 0 where it is not shown"""
    annotations_hidden: bool = False
    reference_lines: bool = True
    planes: tuple[int, int] | None = None
    """the grid in which planes stand side by side"""
    plane: str = ""
    """which plane the active viewport shows"""
    oblique: bool = False
    """whether any plane was turned"""
    no_planes: str = ""
    """why no planes can be cut here"""
    body: bool = False
    """whether the active viewport shows its stack as a body"""
    no_body: str = ""
    shows: str = ""
    """what of the body is seen, "" where none is"""
    surfaces: bool = False
    """whether the labels are shown in 3-D, without the body"""
    no_surfaces: str = ""
    """why no label can be seen in 3-D"""
    """why it cannot"""
    values: bool = False
    """whether there are several pictures at each place"""
    cine_places: bool = False
    selected: bool = False
    copied: bool = False
    """whether an annotation is on the clipboard"""
    snapping: bool = False
    calibrated: bool = False
    """whether the active series was calibrated by hand"""
    drawn: bool = False
    """whether there is any annotation"""
    key_picture: bool = False
    """whether the shown picture is marked as a key picture"""
    key_pictures: bool = False
    """whether any is"""
    undo: str = ""
    redo: str = ""
    steps: int = 0
    proposal: bool = False
    labels: bool = False
    several: bool = False
    """whether the active series has further pictures to go to"""
    labelled: bool = False
    """whether a label is worked on"""
    solo: bool = False
    blinking: bool = False
    seeds: bool = False
    segmenting: bool = False
    """whether a method looks for something"""
    hounsfield: bool = False
    """whether the active series is a CT"""
    reading: bool = False
    training: bool = False
    """whether a model runs"""
    inspecting: bool = False
    """whether a pixel was picked"""
    presets: tuple[str, ...] = ()
    no_presets: str = ""
    """why there are none"""
    blind: Blind | None = None
    """the preference study that runs, without what changes from pair to pair"""
    left: bool = False
    """whether something was open the last time that has not been gone back to"""
    window: frozenset[str] = field(default_factory=frozenset)
    """what is on of the window's own entries"""

    @classmethod
    def of(
        cls,
        state: State,
        presets: tuple[str, ...] = (),
        window: frozenset[str] = frozenset(),
        no_planes: str = "",
        values: bool = False,
        no_body: str = "",
        no_surfaces: str = "",
    ) -> Facts:
        """The facts of a state."""
        view, now = state.view, state.view.current
        reading = state.document.reading(now.series) if now.series else None
        groups = reading.groups if reading else ()
        proposed = any(one.state is Opinion.PROPOSED for one in reading.findings) if reading else False
        return cls(
            studies=len(state.studies),
            picture=now.series is not None,
            dicom=not _is_file(state),
            tool=view.tool,
            layout=(view.layout.rows, view.layout.columns),
            filled=sum(
                one.series is not None for one in view.viewports[: min(view.layout.count, MAX_VIEWPORTS)]
            ),
            maximised=view.maximised,
            linked=view.linked,
            playing=now.playing,
            inverted=now.voi.inverted,
            states=len(state.presentations),
            objects=len(state.objects),
            presented=bool(now.presentation),
            colors=now.colors,
            fused=now.fusion is not None,
            comparing=view.before_compare is not None,
            against="" if now.against is None else now.against.way.value,
            paused=now.against is not None and now.against.paused,
            cells=len(state.document.grid) if view.before_grid is not None else 0,
            annotations_hidden=view.annotations_hidden,
            reference_lines=view.reference_lines,
            planes=(view.layout.rows, view.layout.columns) if view.before_planes is not None else None,
            plane="acquired" if now.cut is None else now.cut.name.lower(),
            oblique=any(
                one.cut is not None and tilt(one.cut)[0] > 0 for one in view.viewports[: view.layout.count]
            ),
            no_planes=no_planes,
            body=now.view3d is not None,
            no_body=no_body,
            shows="" if now.view3d is None else now.view3d.shows.value,
            surfaces=are_alone(view.viewports[place_for_surfaces(view)]),
            no_surfaces=no_surfaces,
            values=values,
            cine_places=view.cine_places,
            selected=bool(view.selected),
            copied=view.copied is not None,
            snapping=view.snapping,
            calibrated=bool(reading and reading.scales),
            drawn=any(one.annotations for one in state.document.readings.values()),
            key_picture=_is_key(state),
            key_pictures=any(one.key_pictures for one in state.document.readings.values()),
            undo=state.undo_label,
            redo=state.redo_label,
            steps=len(reading.pipeline.steps) if reading else 0,
            proposal=proposed or any(one.is_proposal for one in groups),
            labels=bool(groups),
            several=any(len(one.slices) > 1 for one in groups),
            labelled=any(one.id == view.group and one.label(view.label) is not None for one in groups),
            solo=view.solo,
            blinking=view.blinking,
            seeds=bool(reading and reading.seeds),
            segmenting=any(job.key.startswith("segment-") for job in state.jobs),
            hounsfield=any(
                one.key == now.series and one.modality == "CT"
                for study in state.studies
                for one in study.series
            ),
            reading=any(job.key.startswith("model-") for job in state.jobs),
            training=any(job.key.startswith("train-") for job in state.jobs),
            inspecting=now.inspected is not None,
            presets=presets,
            left=state.last_time is not LastTime.NOTHING,
            blind=None if view.blind is None else Blind("", 0, 0, window_locked=view.blind.window_locked),
            window=window,
        )

    def offers(self, entry: Entry) -> bool:
        """Whether an action makes sense here at all; presets that the modality does not have do not."""
        if entry.command != "window.number":
            return True
        return int(dict(entry.values)["number"]) - 2 < len(self.presets)

    def title(self, entry: Entry) -> str:
        """The words of an action as things are now."""
        if entry.command == "edit.undo" and self.undo:
            return f"Undo: {self.undo}"
        if entry.command == "edit.redo" and self.redo:
            return f"Redo: {self.redo}"
        number = dict(entry.values).get("number", 0)
        if entry.command == "window.number" and number >= 2:
            return self.presets[number - 2] if number - 2 < len(self.presets) else entry.title
        return entry.title


def _is_file(state: State) -> bool:
    """Whether what is shown comes from a NIfTI or NRRD file."""
    key = state.view.current.series
    every = (series for study in state.studies for series in study.series if series.key == key)
    return any(one.transfer_syntax == GRID for series in every for one in series.instances[:1])


def _is_key(state: State) -> bool:
    """Whether the shown picture is marked as a key picture."""
    now = state.view.current
    reading = None if now.series is None else state.document.readings.get(now.series)
    if reading is None or not reading.key_pictures or now.view3d is not None:
        return False
    every = (series for study in state.studies for series in study.series)
    series = next((one for one in every if one.key == now.series), None)
    return series is not None and is_key(series, now, reading)


_WITHOUT_PICTURE = {
    "study.sample",
    "study.open",
    "study.load",
    "workplace.restore",
    "view.tool",
    "view.layout",
    "view.text",
    "view.next",
    "view.link",
    "view.annotations",
    "annotate.snap",
    "view.reference_lines",
    "edit.undo",
    "edit.redo",
    "ai.cancel",
}


def why_not(entry: Entry, facts: Facts) -> str:
    """Why an action cannot be used now, "" when it can."""
    name = entry.command
    if facts.blind is not None and (reason := _not_while_blind(facts.blind, entry)):
        return reason
    if facts.picture and not facts.offers(entry):
        return facts.no_presets or f"Here there are presets on the keys 2 to {len(facts.presets) + 1} only."
    if name in _REASONS and (reason := _REASONS[name](facts)):
        return reason
    if name.startswith("gui.") or name in _WITHOUT_PICTURE or facts.picture:
        return ""
    return NO_PICTURE


def _not_while_blind(blind: Blind, entry: Entry) -> str:
    """Why an action waits until a preference study is over."""
    if entry.command.startswith("gui."):
        return "" if entry.command in BESIDE_A_STUDY else blindness.REASON
    return blindness.why_not(blind, entry.command, str(dict(entry.values).get("name", "")))


def is_checked(entry: Entry, facts: Facts) -> bool:
    """Whether an action that can be on or off is on."""
    values = dict(entry.values)
    name = entry.command
    if name == "view.tool":
        return bool(facts.tool == values["name"])
    if name == "view.layout":
        return facts.layout == (values["rows"], values["columns"])
    if name == "grid.count":
        return bool(facts.cells == values["count"])
    if name == "plane.layout":
        return facts.planes is not None and "x".join(map(str, facts.planes)) == values["arrangement"]
    if name == "plane.show":
        return bool(facts.picture and not facts.body and facts.plane == values["name"])
    if name == "view3d.shows":
        return bool(facts.shows == values["what"])
    if name == "view.colors":
        return facts.picture and (facts.colors or "grey") == values["name"]
    if name.startswith("gui."):
        return name in facts.window or f"{name} {values.get('name', '')}" in facts.window
    states = {
        "view.link": facts.linked,
        "view.maximise": facts.maximised,
        "view.cine": facts.playing,
        "view.cine_places": facts.cine_places,
        "view.annotations": not facts.annotations_hidden,
        "annotate.snap": facts.snapping,
        "labels.solo": facts.solo,
        "labels.blink": facts.blinking,
        "view.reference_lines": facts.reference_lines,
        "view3d.show": facts.body,
        "view3d.labels": facts.surfaces,
        "window.invert": facts.inverted,
        "compare.toggle": facts.comparing,
        **{f"against.{way.value}": facts.against == way.value for way in Way},
        "against.pause": facts.against == Way.FLICKER.value and facts.paused,
        "key.toggle": facts.key_picture,
        "grid.toggle": facts.cells > 0,
        "presentation.next": facts.presented,
    }
    return states.get(name, False)


_REASONS: dict[str, Callable[[Facts], str]] = {
    **dict.fromkeys(
        (f"against.{way.value}" for way in Way), lambda facts: "Switch 3-D off first." if facts.body else ""
    ),
    "against.off": lambda facts: "" if facts.against else "This picture is compared with nothing.",
    "against.turn": lambda facts: "" if facts.against == Way.WIPE.value else "Choose Wipe first.",
    "against.pause": lambda facts: "" if facts.against == Way.FLICKER.value else "Choose Flicker first.",
    "against.swap": lambda facts: "" if facts.against == Way.FLICKER.value else "Choose Flicker first.",
    "against.grow": lambda facts: "" if facts.against in GROWING else "Choose Lens or Blend first.",
    **dict.fromkeys(
        ("grid.count", "grid.use", "grid.move", "grid.add", "grid.remove"),
        lambda facts: "" if facts.cells else NO_GRID,
    ),
    "grid.toggle": lambda facts: "Switch 3-D off first." if facts.body else "",
    "grid.steps": lambda facts: "" if facts.steps or facts.cells else "Nothing is enhanced here.",
    "edit.undo": lambda facts: "" if facts.undo else "Nothing has been changed yet.",
    "edit.redo": lambda facts: "" if facts.redo else "Nothing has been undone.",
    "inspect.move": lambda facts: "" if facts.inspecting else "Click a pixel with the tool Inspect first.",
    "inspect.clear": lambda facts: "" if facts.inspecting else "No pixel is inspected.",
    **dict.fromkeys(
        ("annotate.delete", "annotate.copy", "annotate.duplicate", "annotate.copy_to", "annotate.nudge"),
        lambda facts: "" if facts.selected else "Click an annotation first.",
    ),
    "annotate.paste": lambda facts: "" if facts.copied else "Copy an annotation first.",
    "measure.uncalibrate": lambda facts: "" if facts.calibrated else "Nothing is calibrated by hand here.",
    "gui.measurements": lambda facts: "" if facts.drawn else "Nothing was drawn yet.",
    "enhance.clear": lambda facts: "" if facts.steps else "Nothing is enhanced here.",
    "ai.accept": lambda facts: "" if facts.proposal else "There is no proposal of a model here.",
    "ai.reject": lambda facts: "" if facts.proposal else "There is no proposal of a model here.",
    "ai.cancel": lambda facts: "" if facts.reading else "No model is running.",
    "training.stop": lambda facts: "" if facts.training else "No model is being trained.",
    **dict.fromkeys(
        ("labels.solo", "labels.blink", "labels.clear", "labels.remove_label"),
        lambda facts: "" if facts.labelled else "No label is worked on.",
    ),
    **dict.fromkeys(("labels.add", "labels.add_group"), lambda facts: "" if facts.picture else NO_PICTURE),
    **dict.fromkeys(
        ("labels.next", "labels.show_all"),
        lambda facts: "" if facts.labels else "There are no labels here.",
    ),
    "segment.preset": lambda facts: "" if facts.hounsfield else "This needs a CT.",
    "segment.stop": lambda facts: "" if facts.segmenting else "No method is at work.",
    "segment.clear_seeds": lambda facts: "" if facts.seeds else "There are no seeds here.",
    "labels.remove": lambda facts: "" if facts.labels else "There are no labels here.",
    **dict.fromkeys(
        ("paint.interpolate", "paint.copy"),
        lambda facts: (
            ("" if facts.several else ONE_PICTURE)
            if facts.labels
            else "Nothing is labelled on this series yet."
        ),
    ),
    "plane.layout": lambda facts: facts.no_planes if facts.planes is None else "",
    "plane.show": lambda facts: facts.no_planes,
    "view3d.show": lambda facts: "" if facts.body else facts.no_body,
    "view3d.labels": lambda facts: "" if facts.surfaces else facts.no_surfaces,
    "view3d.shows": lambda facts: "" if facts.body else NO_BODY,
    "view3d.face": lambda facts: "" if facts.body else NO_BODY,
    "view3d.reset": lambda facts: "" if facts.body else NO_BODY,
    "view.dimension": lambda facts: "" if facts.values else ONE_AT_EACH_PLACE,
    "view.cine_places": lambda facts: "" if facts.values else ONE_AT_EACH_PLACE,
    "fusion.off": lambda facts: "" if facts.fused else "No series lies above the picture.",
    "plane.straight": lambda facts: "" if facts.oblique else "No plane has been turned.",
    "object.show_all": lambda facts: "" if facts.objects else "The open studies hold none.",
    "object.hide_all": lambda facts: "" if facts.objects else "The open studies hold none.",
    "presentation.next": lambda facts: "" if facts.states else "The open studies hold none.",
    "presentation.off": lambda facts: "" if facts.presented else "None is applied here.",
    "view.maximise": lambda facts: "" if facts.layout != (1, 1) else "There is only one viewport.",
    "view.next": lambda facts: "" if facts.layout != (1, 1) else "There is only one viewport.",
    "view.link": lambda facts: "" if facts.layout != (1, 1) else "There is only one viewport.",
    "gui.save_picture": lambda facts: "" if facts.picture else NO_PICTURE,
    "gui.export_series": lambda facts: (
        NO_PICTURE if not facts.picture else "Switch 3-D off first." if facts.body else ""
    ),
    "gui.export_labels": lambda facts: "" if facts.labels else "There are no labels here.",
    "gui.import_labels": lambda facts: "" if facts.picture else NO_PICTURE,
    "gui.apply_series": lambda facts: "" if facts.picture else NO_PICTURE,
    "key.step": lambda facts: "" if facts.key_pictures else "No picture is marked as a key picture.",
    "gui.save_dicom": lambda facts: NO_PICTURE if not facts.picture else "" if facts.dicom else NO_DICOM,
    "gui.report": lambda facts: "" if facts.picture else NO_PICTURE,
    "gui.print": lambda facts: "" if facts.picture else NO_PICTURE,
    "export.copy": lambda facts: "" if facts.picture else NO_PICTURE,
    "gui.save_reading": lambda facts: "" if facts.studies else NO_STUDY,
    "study.take_over": lambda facts: "" if facts.studies else NO_STUDY,
    "workplace.restore": lambda facts: "" if facts.left else "You are where you were, or nothing was open.",
    **dict.fromkeys(
        ("preference.undo", "preference.pause", "preference.leave"),
        lambda facts: "" if facts.blind is not None else NO_STUDY_RUNS,
    ),
    "gui.preference": lambda facts: "" if facts.studies else NO_STUDY,
    "gui.tags": lambda facts: "" if facts.picture else NO_PICTURE,
}
