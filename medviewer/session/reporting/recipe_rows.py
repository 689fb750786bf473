"""What was done to the pictures, and what models said of them, each with where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medviewer.core.finding import Finding, Provenance
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.study import Series, Study
from medviewer.export.report.content import Table, cell
from medviewer.imaging.enhance.apply import as_run
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.imaging.request import RenderRequest
from medviewer.kit.params import Parameter, Value
from medviewer.session.reporting.pictures import SPACE, Taken, letter_of
from medviewer.session.state import Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session

RECIPE_HEADS = ("Recipe", "Steps and values, as they run", "SHA-256 of the steps", "Pictures")
RECIPE_SHARES = (2.4, 6.0, 4.6, 1.6)
RECIPE_NOTE = "Enhancement changes what is displayed; measurements are of the values in the file."
MODEL_HEADS = ("Result", "Score", "Says yes from", "State", "Model", "SHA-256 of the model", "Picture")
MODEL_SHARES = (2.6, 1.4, 1.6, 1.7, 2.4, 4.2, 1.8)
MODEL_NOTE = (
    "What a model says is a proposal until a person accepts it; scores are no probabilities of disease."
)


def recipe_table(session: Session, study: Study, pictures: tuple[Taken, ...]) -> Table | None:
    """The recipes of the pictures in the report, and those of the study's series; None without any."""
    used: dict[str, tuple[Pipeline, list[str]]] = {}
    for one in pictures:
        request = one.snapshot.request
        if isinstance(request, RenderRequest) and request.pipeline.active:
            used.setdefault(request.pipeline.digest, (request.pipeline, []))[1].append(one.letter)
    for series in study.series:
        pipeline = session.state.document.reading(series.key).pipeline
        if pipeline.active:
            used.setdefault(pipeline.digest, (pipeline, []))
    rows = [
        (
            cell(pipeline.name or "(no name)"),
            cell("\n".join(map(_step, _in_order(pipeline)))),
            pipeline.sha256,
            ", ".join(letters),
        )
        for pipeline, letters in used.values()
    ]
    return Table("Enhancement", RECIPE_HEADS, tuple(rows), RECIPE_SHARES, RECIPE_NOTE) if rows else None


def model_table(session: Session, study: Study, pictures: tuple[Taken, ...]) -> Table | None:
    """What models said of the study's series, with their provenance; None where none was asked."""
    document, rows = session.state.document, []
    for series in study.series:
        reading = document.reading(series.key)
        rows += [_finding(one, series, pictures) for one in reading.findings]
        for group in reading.groups:
            if group.provenance is not None:
                names = ", ".join(label.name for label in group.labels) or group.name or "labels"
                marked = [index for index, one in enumerate(group.slices) if one is not None]
                where = marked[0] if len(marked) == 1 else None
                rows.append(
                    _row(
                        names, "", "", group.state.value, group.provenance, _picture(series, where, pictures)
                    )
                )
    return Table("What models said", MODEL_HEADS, tuple(rows), MODEL_SHARES, MODEL_NOTE) if rows else None


def _finding(one: Finding, series: Series, pictures: tuple[Taken, ...]) -> tuple[str, ...]:
    where = _picture(series, one.frame, pictures)
    if one.value is not None:
        return _row(one.what, one.number, "", one.state.value, one.provenance, where)
    score, limit = f"{one.score * 100:.1f} %", f"{one.threshold * 100:.1f} %"
    return _row(
        one.what, f"{score}\n{'yes' if one.positive else 'no'}", limit, one.state.value, one.provenance, where
    )


def _row(
    what: str, score: str, limit: str, state: str, provenance: Provenance, where: str
) -> tuple[str, ...]:
    return (cell(what), score, limit, state, cell(str(provenance)), cell(provenance.sha256), cell(where))


def _picture(series: Series, index: int | None, pictures: tuple[Taken, ...]) -> str:
    number = "" if series.number is None else f" {series.number}"
    if index is None:
        return f"Series{number}"
    letter = letter_of(pictures, Viewport(series=series.key, index=index))
    place = f"Series{number}, {index + 1}{SPACE}/{SPACE}{series.count}"
    return f"{letter}: {place}" if letter else place


def _in_order(pipeline: Pipeline) -> tuple[Step, ...]:
    """The active steps as they run, unless one of them is not known here."""
    is_known = all(step.operation in ENHANCEMENTS for step in pipeline.active)
    return as_run(pipeline) if is_known else pipeline.active


def _step(step: Step) -> str:
    """A step with its values: "CLAHE: Clip limit 3, Tiles 8"."""
    if step.operation not in ENHANCEMENTS:
        return step.operation
    declared = ENHANCEMENTS[step.operation]
    titles = {one.name: one for one in declared.parameters}
    values = ", ".join(_value(titles[name], value) for name, value in step.values if name in titles)
    return f"{declared.title}: {values}" if values else declared.title


def _value(parameter: Parameter, value: Value) -> str:
    words = f"{value:g}" if isinstance(value, float) else parameter.words(value)
    return f"{parameter.label} {words} {parameter.unit}".rstrip()
