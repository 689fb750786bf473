"""SOP classes in words, for objects that are not pictures (PS3.4 B.5, PS3.6 A)."""

from __future__ import annotations

from medviewer.dicom.header import Header

_STANDARD = "1.2.840.10008."
_BASE = f"{_STANDARD}5.1.4.1.1."
_NAMES = {
    "11.": "Presentation State",
    "88.59": "Key Object Selection",
    "88.": "Structured Report",
    "104.1": "PDF document",
    "104.2": "CDA document",
    "104.": "document",
    "481.2": "Radiotherapy Dose",
    "481.3": "Radiotherapy Structure Set",
    "481.5": "Radiotherapy Plan",
    "481.": "Radiotherapy object",
    "66.1": "Spatial Registration",
    "66.3": "Deformable Registration",
    "66.4": "Segmentation",
    "66.": "Raw Data",
    "67": "Real World Value Mapping",
    "9.": "Waveform",
    "91.1": "Microscopy Annotations",
}


def class_name(header: Header) -> str:
    """What kind of object without pictures this is; of an image, that its pictures are missing."""
    uid = header.get("SOPClassUID") or header.get("MediaStorageSOPClassUID")
    rest, modality = uid.removeprefix(_BASE), header.get("Modality")
    if rest != uid:
        for start, name in _NAMES.items():
            if rest == start or rest.startswith(start):
                return name
        return f"an image whose pixel data are missing, {modality or 'of unknown modality'}"
    if not uid:
        return f"the file does not say what it is{', ' * bool(modality)}{modality}"
    return modality or ("unknown kind" if uid.startswith(_STANDARD) else "an object of its vendor's own kind")
