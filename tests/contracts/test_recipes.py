"""The recipes of CONTRIBUTING.md, followed to the letter, so that the page cannot go stale."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from medviewer.export.exporter import EXPORTERS
from medviewer.export.picture import write_picture
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.imaging.segment.grid import Grid
from medviewer.imaging.segment.method import METHODS, Seed
from medviewer.kit.registry import Registry

PAGE = Path(__file__).resolve().parents[2] / ".github" / "CONTRIBUTING.md"
BLOCKS = dict(
    re.findall(r"<!-- recipe: (\w+) -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
)

Follow = Callable[[str, Registry[Any]], ModuleType]


@pytest.fixture
def follow() -> Iterator[Follow]:
    """Run a recipe as a module of its own; what it registers is gone after the test."""
    made: list[tuple[Registry[Any], dict[str, Any]]] = []

    def run(recipe: str, registry: Registry[Any]) -> ModuleType:
        len(registry)  # loads what is there before the recipe
        made.append((registry, dict(registry._items)))
        module = ModuleType(f"recipe_{recipe}")
        sys.modules[module.__name__] = module
        exec(compile(BLOCKS[recipe], f"{PAGE.name}: {recipe}", "exec"), module.__dict__)
        return module

    yield run
    for registry, before in made:
        registry._items.clear()
        registry._items.update(before)
    for name in [name for name in sys.modules if name.startswith("recipe_")]:
        del sys.modules[name]


def test_an_enhancement_is_one_function(follow: Follow) -> None:
    follow("enhancement", ENHANCEMENTS)
    operation = ENHANCEMENTS["soft_threshold"]
    assert [(one.name, one.minimum, one.maximum) for one in operation.parameters] == [
        ("level", 0, 1),
        ("softness", 0.01, 1),
    ]
    image = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    enhanced = operation(image, level=0.5, softness=0.05)
    assert enhanced[0, 0] < 0.01
    assert enhanced[-1, -1] > 0.99


def test_a_segmentation_method_is_one_function(follow: Follow) -> None:
    follow("segmentation", METHODS)
    method = METHODS["as_bright"]
    assert method.needs_seeds
    values = np.array([[0, 10, 200], [20, 300, 320]], np.int16)
    mask = method(Grid(values, (1.0, 1.0)), [Seed((1, 1))], within=30)
    assert mask.tolist() == [[False, False, False], [False, True, True]]


def test_a_file_format_is_one_function(follow: Follow, tmp_path: Path) -> None:
    follow("exporter", EXPORTERS)
    write_picture(np.zeros((2, 3), np.uint8), tmp_path / "picture.pgm")
    assert (tmp_path / "picture.pgm").read_bytes() == b"P5\n3 2\n255\n" + bytes(6)


def test_a_command_is_one_function(follow: Follow) -> None:
    from medviewer.session.command import COMMANDS  # noqa: PLC0415
    from medviewer.session.session import Session  # noqa: PLC0415

    follow("command", COMMANDS)
    session = Session()
    session.run("view.layout", rows=1, columns=2)
    session.run("view.activate", viewport=1)
    session.run("view.first")
    assert session.view.active == 0
    session.close()
