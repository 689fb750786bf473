"""Measurements as a structured report: TID 1500, Imaging Measurement Report (PS3.16)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import highdicom as hd

from medviewer.core.finding import Provenance
from medviewer.dicom.fields import MAKER
from medviewer.dicom.stand_in import complete
from medviewer.export.dicom import codes
from medviewer.export.dicom.groups import (
    Measured,
    MeasuredLabel,
    Stated,
    of_annotation,
    of_finding,
    of_label,
)
from medviewer.export.dicom.making import Entry, contributors, identity
from medviewer.kit.errors import ExportTrouble


def measurement_report(
    owner: Any,
    evidence: Sequence[Any],
    entry: Entry,
    annotations: Sequence[Measured] = (),
    labels: Sequence[MeasuredLabel] = (),
    findings: Sequence[Stated] = (),
) -> Any:
    """The data set of one report about *annotations*, *labels* and *findings*.

    *evidence* are stand-ins for every picture and segmentation that it points at; at least one picture is
    there for what is said of a whole series. Raises ExportTrouble where nothing was measured.
    """
    groups = [of_annotation(one, number) for number, one in enumerate(annotations, 1)]
    groups += [of_label(one) for one in labels]
    groups += [of_finding(one) for one in findings]
    if not groups:
        raise ExportTrouble("There is nothing to report yet.", "Measure something, or let a model read.")
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(
            observer_person_context=_person(entry), observer_device_context=_device(entry)
        ),
        procedure_reported=codes.IMAGING_PROCEDURE,
        imaging_measurements=groups,
        title=codes.MEASUREMENT_REPORT,
    )
    data = hd.sr.Comprehensive3DSR(
        evidence=evidence,
        content=content,
        contributing_equipment=contributors(_models(labels, findings)),
        **identity(entry),
    )
    data.ManufacturerModelName, data.SoftwareVersions = MAKER, entry.version
    complete(data, owner)
    return data


def device_context(entry: Entry) -> Any:
    """This program as the observer that wrote something down."""
    return _device(entry)


def person_context(entry: Entry) -> Any:
    """The reader as an observer; None where nobody has said who that is."""
    return _person(entry)


def _person(entry: Entry) -> Any:
    if not entry.reader:
        return None
    person = hd.sr.PersonObserverIdentifyingAttributes(name=entry.reader)
    return hd.sr.ObserverContext(observer_type=codes.PERSON, observer_identifying_attributes=person)


def _device(entry: Entry) -> Any:
    digest = hashlib.sha256(f"{MAKER} {entry.version}".encode()).digest()
    device = hd.sr.DeviceObserverIdentifyingAttributes(
        uid=f"2.25.{int.from_bytes(digest[:16], 'big')}",
        name=MAKER,
        manufacturer_name=MAKER,
        model_name=f"{MAKER} {entry.version}",
    )
    return hd.sr.ObserverContext(observer_type=codes.DEVICE, observer_identifying_attributes=device)


def _models(labels: Sequence[MeasuredLabel], findings: Sequence[Stated]) -> list[Provenance | None]:
    return [*(one.made_by for one in labels), *(one.finding.provenance for one in findings)]
