"""The page that says rule by rule what holds, made from the tests: `python packaging/conformance.py`."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
PAGE = HOME / "resources" / "help" / "conformance.md"
sys.path.insert(0, str(HOME))

from tests.rules import RULES  # noqa: E402

BEGINNING = """# What a correct display does, and which test holds it

Each rule below is held by the tests that stand under it: they run with every change, against independent
implementations (pydicom, SimpleITK, dcmtk, scikit-image) or numbers worked out by hand. The page is made from
the tests by `packaging/conformance.py`; a rule without a test fails the suite.

The rules are those of the DICOM standard (PS3.3, PS3.5) and of the mistakes that viewers are known for.
"""


def tests_by_rule() -> dict[str, list[tuple[str, str]]]:
    """For each rule the (file, test) pairs that are marked with it."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in sorted((HOME / "tests").rglob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        everywhere = [name for node in module.body for name in _of_module(node)]
        for test in _tests(module):
            own = [name for mark in test.decorator_list for name in _names(mark)]
            for name in dict.fromkeys((*everywhere, *own)):
                found[name].append((path.relative_to(HOME).as_posix(), test.name))
    return dict(found)


def page() -> str:
    """The page as it has to be."""
    found = tests_by_rule()
    parts = [BEGINNING]
    for rule, title in RULES.items():
        parts.append(f"\n## {rule} {title}\n")
        parts += [f"- {_sentence(test)} (`{path}`)" for path, test in found.get(rule, [])]
    return "\n".join(parts) + "\n"


def _tests(module: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def _of_module(node: ast.stmt) -> list[str]:
    """The rules of `pytestmark = ...`."""
    if not isinstance(node, ast.Assign) or not any(
        isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
    ):
        return []
    marks = node.value.elts if isinstance(node.value, (ast.List, ast.Tuple)) else [node.value]
    return [name for mark in marks for name in _names(mark)]


def _names(mark: ast.expr) -> list[str]:
    """The rules of one `pytest.mark.rule(...)`."""
    if not (isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "rule"):
        return []
    return [str(one.value) for one in mark.args if isinstance(one, ast.Constant)]


def _sentence(test: str) -> str:
    words = test.removeprefix("test_").replace("_", " ")
    return words[:1].upper() + words[1:]


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    missing = [rule for rule in RULES if rule not in tests_by_rule()]
    print(f"{PAGE.relative_to(HOME)} written; without a test: {', '.join(missing) or 'none'}")
