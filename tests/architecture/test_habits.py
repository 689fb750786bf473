"""Habits that keep the house readable: sentences, few broad excepts, nothing hidden or of one machine."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.house import HOME, PACKAGE, found_in, modules, named, tracked, tree

CATCHERS = {
    "medviewer/kit/runner.py",
    "medviewer/cli/main.py",
    "medviewer/gui/bridge.py",
    # the boundary of the decoding process: whatever a decoder does becomes an answer
    "medviewer/dicom/worker.py",
}
"""The places that catch everything and turn it into a sentence."""

ALLOWED_AT_THE_TOP = {
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "medviewer",
    "resources",
    "tests",
    "packaging",
}

# written in two halves, so that this file does not name them either
HOSTS = (
    "pypi" + ".org",
    "python" + "hosted",
    "npm" + "js",
    "deb.deb" + "ian",
    "archive.ubu" + "ntu",
    "conda" + "-forge",
)
PLACES = ("/wo" + "rk/", "/ro" + "ot/", "/opt/py" + "pi", "artifact" + "-registry", "index" + "-url =")


def test_the_top_of_the_repository_holds_what_was_agreed() -> None:
    entries = {path.relative_to(HOME).parts[0] for path in tracked()}
    assert {entry for entry in entries if not entry.startswith(".")} <= ALLOWED_AT_THE_TOP


def test_no_file_names_a_package_registry_or_a_place_on_one_machine() -> None:
    pattern = re.compile("|".join(re.escape(word) for word in (*HOSTS, *PLACES)).encode())
    told = []
    for path in tracked():
        found = pattern.search(path.read_bytes()) if path.suffix not in {".onnx", ".dcm", ".png"} else None
        if found:
            told.append(f"{named(path)}: {found[0].decode()}")
    assert told == []


@pytest.mark.parametrize("folder", ["medviewer", "tests", "packaging"])
def test_every_module_begins_with_its_one_sentence(folder: str) -> None:
    silent = []
    for path in modules(HOME / folder):
        words = ast.get_docstring(tree(path)) or ""
        if not words.split("\n\n")[0].rstrip().endswith((".", ":", "?")):
            silent.append(named(path))
    assert silent == []


def test_everything_is_caught_in_a_few_named_places_only() -> None:
    broad = set()
    for path in modules():
        for handler in found_in(path, ast.ExceptHandler):
            assert isinstance(handler, ast.ExceptHandler)
            caught = [
                name.id for name in ast.walk(handler.type or ast.Name("all")) if isinstance(name, ast.Name)
            ]
            passes_on = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
            if {"Exception", "BaseException", "all"} & set(caught) and not passes_on:
                broad.add(named(path))
    assert broad - CATCHERS == set()


def test_a_module_that_imports_inside_functions_says_why() -> None:
    unexplained = []
    for path in modules():
        words = path.read_text(encoding="utf-8")
        late = {
            node.lineno
            for function in found_in(path, ast.FunctionDef)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        lines = words.splitlines()
        reasons = [line for line in late if re.search(r"PLC0415\W+\w+", lines[line - 1])]
        reasons += [line for line in late if lines[line - 2].strip().startswith("#")]
        if late and not reasons and "import" not in (ast.get_docstring(tree(path)) or ""):
            unexplained.append(named(path))
    assert unexplained == []


def test_names_say_what_a_thing_is() -> None:
    empty = re.compile(r"^(utils?|helpers?|common|misc|manager)$|(Manager|Helper|Utils?)$")
    named_so = [named(path) for path in modules() if empty.search(path.stem)]
    for path in modules():
        named_so += [node.name for node in found_in(path, ast.ClassDef) if empty.search(node.name)]  # type: ignore[attr-defined]
    assert named_so == []


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for path in modules(PACKAGE)}
    assert [named(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_resources_are_found_by_the_one_function_that_knows_where_they_lie() -> None:
    knowing = {named(path) for path in modules() if "_resources" in path.read_text(encoding="utf-8")}
    assert knowing <= {"medviewer/kit/paths.py"}


def test_the_licence_is_whole() -> None:
    words = (HOME / "LICENSE").read_text(encoding="utf-8")
    assert words.count("\n") == 202
    assert "END OF TERMS AND CONDITIONS" in words
    assert "APPENDIX: How to apply the Apache License to your work." in words


def test_the_map_names_every_floor() -> None:
    words = Path(PACKAGE / "README.md").read_text(encoding="utf-8")
    floors = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert {floor for floor in floors if f"`{floor}`" not in words} == set()
