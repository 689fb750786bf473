"""Writes resources/codes.json: what a segment can be, in DICOM's codes, as pydicom's dictionaries have them.

Run it with the Python of the project after a new version of pydicom: ``python packaging/make_codes.py``.
Nothing in the file is typed by hand. Categories are context group 7150 of PS3.16, types 7151, which holds all
that follow; the category of a type is the one whose own context group names it (7191 to 7198).

Codes of SNOMED CT stand in PS3.16 (8.1.1) under an agreement that lets them be used in DICOM objects without
a fee; other uses of SNOMED CT need a licence.
"""

from __future__ import annotations

import json
from pathlib import Path

import pydicom
from pydicom.sr._cid_dict import cid_concepts, name_for_cid
from pydicom.sr._concepts_dict import concepts

CATEGORIES, TYPES = 7150, 7151
BY_CATEGORY = (7192, 7191, 7194, 7193, 7197, 7198, 7195, 7196)
"""The most usual first: a few types stand in two."""
USUAL = (7152, 7154, 7155, 7156, 7159, 7160, 7166)
"""Organs of chest, abdomen and pelvis, vessels, lesions and tissues: offered before anybody searches."""
TARGET = Path(__file__).resolve().parents[1] / "resources" / "codes.json"


def listed(group: int) -> list[tuple[str, str, str, str]]:
    """(value, scheme, meaning, keyword) of a context group, by meaning."""
    found = []
    for scheme, keywords in cid_concepts[group].items():
        for keyword in keywords:
            for value, (meaning, groups) in concepts[scheme][keyword].items():
                if group in groups:
                    found.append((value, scheme, meaning, keyword))
    return sorted(found, key=lambda one: (one[2].lower(), one[0]))


def content() -> dict[str, object]:
    """All that is written."""
    categories = {keyword: (value, scheme, meaning) for value, scheme, meaning, keyword in listed(CATEGORIES)}
    of_type: dict[tuple[str, str], str] = {}
    for group in BY_CATEGORY:
        name = name_for_cid[group].removesuffix("SegmentationPropertyType").lower()
        (category,) = (one for one in categories if one.lower() == name)
        for value, scheme, _, _ in listed(group):
            of_type.setdefault((value, scheme), category)
    usual = {(value, scheme) for group in USUAL for value, scheme, _, _ in listed(group)}
    names = sorted(categories, key=lambda one: categories[one][2])
    types = [
        [value, scheme, meaning, names.index(of_type[value, scheme]), int((value, scheme) in usual)]
        for value, scheme, meaning, _ in listed(TYPES)
        if (value, scheme) in of_type
    ]
    return {
        "source": f"PS3.16, context groups {CATEGORIES} and {TYPES}, from pydicom {pydicom.__version__}",
        "categories": [list(categories[name]) for name in names],
        "types": types,
    }


def written(found: dict[str, object]) -> str:
    """JSON with one code a line."""
    parts = []
    for name, value in found.items():
        if isinstance(value, list):
            lines = ",\n".join("  " + json.dumps(one, ensure_ascii=False) for one in value)
            parts.append(f' "{name}": [\n{lines}\n ]')
        else:
            parts.append(f' "{name}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(written(content()), encoding="utf-8")
