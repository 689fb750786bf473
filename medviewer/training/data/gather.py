"""Everything in a folder that could be learnt from: pictures and series, and the objects that mark them.

Pictures are PNG, JPEG, DICOM, NIfTI or NRRD. DICOM files are put into studies and series as in the viewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from medviewer.core.study import Instance, Series, Study
from medviewer.core.volume import Frame
from medviewer.imaging.files.names import ending_of
from medviewer.imaging.pictures import SUFFIXES, read_picture
from medviewer.kit.errors import FileTrouble
from medviewer.kit.frozen import frozen
from medviewer.training.data.dicom import group_of, hidden

OTHER_FILES = (".txt", ".csv", ".json", ".md", ".tsv", ".xml", ".pdf", ".yaml", ".yml", ".db", ".ini")
SHORT = 8
"""characters that tell series in one folder apart"""


@frozen
class Source:
    """One picture or one series as it was found, without any label."""

    name: str
    read: Any
    """a function without arguments: a picture, or the frames of a series; raises FileTrouble"""
    group: str
    keys: tuple[str, ...]
    """what a table may call it: file, UIDs, patient's number; never written anywhere"""
    about: tuple[tuple[str, str], ...] = ()
    """what its header says that could be a subgroup: sex, age, site, scanner, modality"""
    series: Series | None = None
    frame: int = -1
    """of the series; -1 for all of it"""


@frozen
class Gathered:
    """What lies in a folder."""

    sources: tuple[Source, ...]
    objects: tuple[tuple[Instance, str], ...]
    """instances without pictures, and the study of each"""
    excluded: tuple[str, ...]


def gathered(folder: Path, unit: str, root: Path | None = None) -> Gathered:
    """The pictures, or where *unit* is series the series, below *folder*; names begin at *root*."""
    root = root or folder
    sources: list[Source] = []
    excluded: list[str] = []
    headers = []
    for path in files_in(folder):
        name = path.relative_to(root).as_posix()
        if path.suffix.lower() in SUFFIXES:
            sources.append(Source(name, partial(read_picture, path), name, file_keys(name)))
            continue
        try:
            headers.append(_header(path))
        except FileTrouble as trouble:
            excluded.append(f"{name}: {trouble.message}")
    found = _of_headers(headers, unit, root) if headers else Gathered((), (), ())
    if unit == "series" and sources:
        excluded.append(f"{len(sources)} pictures in {folder.name} belong to no series.")
        sources = []
    sources += found.sources
    return Gathered(tuple(sorted(sources, key=lambda one: one.name)), found.objects, tuple(excluded))


def files_in(folder: Path) -> list[Path]:
    """The files that may hold pictures, in the order of their names."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return [path for path in found if path.suffix.lower() not in OTHER_FILES]


def file_keys(name: str) -> tuple[str, ...]:
    """What a table may call a file: its path, its name, and its name without the ending."""
    file = name.rpartition("/")[2]
    ending = ending_of(file)
    stem = file[: -len(ending)] if ending else file.rpartition(".")[0] or file
    return tuple(dict.fromkeys((name, file, stem)))


def series_frames(series: Series) -> list[Frame]:
    """All pictures of a series, of several times or echoes the first. Raises FileTrouble."""
    return read_frames(series, range(series.places))


def read_frames(series: Series, numbers: Sequence[int]) -> list[Frame]:
    """Some pictures of a series. Raises FileTrouble."""
    source = _opened(series)
    try:
        return [source.frame(number) for number in numbers]
    finally:
        source.close()


def _header(path: Path) -> Any:
    if ending_of(path):
        from medviewer.studies.grid_header import grid_header  # noqa: PLC0415  SimpleITK is slow to import

        return grid_header(str(path))
    from medviewer.dicom.read import read_header  # noqa: PLC0415  so is pydicom

    return read_header(path)


def _opened(series: Series) -> Any:
    if ending_of(series.instances[0].path):
        from medviewer.imaging.files.grid_source import GridSource  # noqa: PLC0415  as above

        return GridSource(series)
    from medviewer.dicom.decode import InProcessDecoder  # noqa: PLC0415  as above
    from medviewer.dicom.source import SeriesSource  # noqa: PLC0415

    return SeriesSource(series, InProcessDecoder())


def _of_headers(headers: list[Any], unit: str, root: Path) -> Gathered:
    from medviewer.dicom.group import group  # noqa: PLC0415  as above
    from medviewer.dicom.objects.classes import kind_of  # noqa: PLC0415  as above

    sources: list[Source] = []
    objects: list[tuple[Instance, str]] = []
    for study in group(headers):
        for series in study.series:
            # segmentations have pixels too, and are no pictures
            if not series.count or kind_of(series.instances[0].sop_class) is not None:
                objects += [(instance, study.key) for instance in series.instances]
            elif unit == "series":
                sources.append(_whole(study, series, root))
            else:
                sources += _frames(study, series, root)
    return Gathered(tuple(sources), tuple(objects), ())


def _whole(study: Study, series: Series, root: Path) -> Source:
    first = _name(series.instances[0], root)
    if ending_of(first):
        name, keys = first, file_keys(first)
    else:
        folder = first.rpartition("/")[0] or "series"
        name, keys = f"{folder}#{hidden(series.uid)[:SHORT]}", (folder, folder.rpartition("/")[2])
    return Source(
        name,
        partial(series_frames, series),
        _patient(study, series, name),
        (*keys, *_keys(study, series)),
        _about(study, series),
        series,
    )


def _frames(study: Study, series: Series, root: Path) -> list[Source]:
    found = []
    about = _about(study, series)
    for number, address in enumerate(series.frames):
        instance = series.instances[address.instance]
        file = _name(instance, root)
        name = f"{file}#{address.frame + 1}" if instance.frames > 1 else file
        keys = (name, *file_keys(file), instance.sop_instance, *_keys(study, series))
        read = partial(_one, series, number)
        # the slices of one volume are one patient, whatever the file says
        group = _patient(study, series, file)
        found.append(Source(name, read, group, keys, about, series, number))
    return found


def _one(series: Series, number: int) -> Frame:
    return read_frames(series, (number,))[0]


def _name(instance: Instance, root: Path) -> str:
    path = Path(instance.path)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _patient(study: Study, series: Series, name: str) -> str:
    return name if ending_of(series.instances[0].path) else group_of(study, name)


def _keys(study: Study, series: Series) -> tuple[str, ...]:
    return tuple(key for key in (series.uid, study.uid, study.patient.id.strip()) if key)


def _about(study: Study, series: Series) -> tuple[tuple[str, str], ...]:
    return (
        ("sex", study.patient.sex.strip()),
        ("age", _years(series.detail("PatientAge"))),
        ("site", study.institution.strip()),
        ("scanner", series.detail("ManufacturerModelName").strip()),
        ("modality", series.modality),
    )


def _years(text: str) -> str:
    """A DICOM age (PS3.5 6.2, AS) in whole years."""
    number, unit = text.strip()[:-1], text.strip()[-1:]
    per_year = {"Y": 1, "M": 12, "W": 52, "D": 365}.get(unit)
    return str(int(number) // per_year) if per_year and number.isdigit() else ""
