"""``medviewer objects``: what segmentations, reports, structure sets and other objects under a path say."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from medviewer.cli import output
from medviewer.cli.arguments import add_json, add_path
from medviewer.cli.desk import Contents, contents
from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import StudyObject
from medviewer.dicom.objects.classes import kind_of
from medviewer.dicom.objects.enclosed import document_in
from medviewer.dicom.objects.read import read_object
from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.session.found.places import Places
from medviewer.session.found.words import Line, object_lines


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    parser.add_argument("--text", action="store_true", help="all that each of them says, line by line")
    parser.add_argument(
        "--save-document", type=Path, metavar="FILE", help="write the PDF inside the first document to FILE"
    )
    add_json(parser)


def run(values: Namespace) -> int:
    """List the objects; 1 when there is none."""
    found = contents(values.path)
    objects, troubles = objects_in(found)
    if not objects and not troubles:
        raise FileTrouble(
            f"{values.path} holds no objects that say something about pictures.",
            "medviewer info lists its series.",
        )
    if values.save_document is not None:
        _save(found, objects, values.save_document)
    places = Places(found.studies)
    if values.json:
        described = [_described(one, places, values.text) for one in objects]
        output.tell_json({"objects": described, "unreadable": troubles})
        return 0 if objects else 1
    _tell(objects, places, values.text)
    for words in troubles:
        output.remark(words)
    return 0 if objects else 1


def objects_in(found: Contents) -> tuple[tuple[StudyObject, ...], tuple[str, ...]]:
    """The objects among some series, each file once, and why others cannot be used."""
    objects: dict[tuple[str, str], StudyObject] = {}
    troubles: dict[str, None] = {}
    for series in found.series:
        for instance in series.instances:
            place = (instance.path, instance.member)
            if kind_of(instance.sop_class) in (None, ObjectKind.PRESENTATION) or place in objects:
                continue
            try:
                objects[place] = replace(read_object(instance), series=series.key)
            except FileTrouble as trouble:
                troubles[trouble.message] = None
    return tuple(objects.values()), tuple(troubles)


def short(one: StudyObject, places: Places) -> dict[str, Any]:
    """An object in a few plain values."""
    named = {uid for uid, _ in one.pictures}
    return {
        "uid": one.uid,
        "kind": one.what or one.kind.value,
        "label": one.label,
        "date": one.when,
        "made_by": one.made_by,
        "automatic": one.is_automatic,
        "pictures": len(named),
        "pictures_missing": places.missing(one.pictures),
        "remarks": list(one.remarks),
    }


def _described(one: StudyObject, places: Places, with_text: bool) -> dict[str, Any]:
    found = short(one, places)
    if with_text:
        found["lines"] = [
            {"depth": line.depth, "name": line.name, "value": line.value} for line in _lines(one, places)
        ]
    return found


def _lines(one: StudyObject, places: Places) -> tuple[Line, ...]:
    return object_lines(one, places)


def _tell(objects: tuple[StudyObject, ...], places: Places, with_text: bool) -> None:
    if not with_text:
        output.table(row(one, places) for one in objects)
    for one in objects:
        if with_text:
            output.table([row(one, places)])
            for line in _lines(one, places)[1:]:
                words = f"{line.name}: {line.value}" if line.value else line.name
                output.tell("  " * (line.depth + 1) + words)
        for remark in one.remarks:
            output.remark(f"{one.label}: {remark}")


def row(one: StudyObject, places: Places) -> tuple[object, ...]:
    """An object as a line of a table."""
    facts = short(one, places)
    count, missing = facts["pictures"], facts["pictures_missing"]
    open_words = f"{count} pictures" + (f", {missing} missing" if missing else "")
    who = f"AI: {one.made_by}" if one.is_automatic else one.made_by
    return (facts["kind"], one.label, one.when, who, open_words)


def _save(found: Contents, objects: tuple[StudyObject, ...], path: Path) -> None:
    document = next((one for one in objects if one.kind is ObjectKind.DOCUMENT), None)
    if document is None:
        raise BadValue("None of these objects holds a document.", "Leave --save-document away.")
    every = (one for series in found.series for one in series.instances)
    instance = next(one for one in every if (one.path, one.member) == (document.path, document.member))
    try:
        write_atomically(path, document_in(instance))
    except OSError as trouble:
        words = f"{path} could not be written: {trouble.strerror or 'the disk refused'}."
        raise FileTrouble(words, "Choose another place.") from None
