"""Arrows point down, and every large library has one home."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.architecture.house import HEADLESS, HOME, PACKAGE, dotted, found_in, modules

LARGE = {
    "PySide6": ("medviewer.gui",),
    "pyqtgraph": ("medviewer.gui.widgets", "medviewer.gui.viewport"),
    "pydicom": ("medviewer.dicom",),
    "imagecodecs": ("medviewer.dicom",),
    "openjpeg": ("medviewer.dicom",),
    "sqlite3": ("medviewer.studies",),
    "onnxruntime": ("medviewer.ai.runtime", "medviewer.training.variants"),
    "onnx": ("medviewer.ai", "medviewer.training"),
    "cv2": ("medviewer.imaging", "medviewer.export", "medviewer.dicom.video"),
    **dict.fromkeys(("tensorflow", "keras", "tf2onnx", "sklearn", "skl2onnx"), ("medviewer.training",)),
    "vtkmodules": tuple(
        f"medviewer.imaging.volume_rendering.{name}" for name in ("process", "actor", "surfaces")
    ),
    **dict.fromkeys(("scipy", "skimage", "SimpleITK", "pywt"), ("medviewer.imaging", "medviewer.training")),
    "trimesh": ("medviewer.imaging",),
    "PIL": ("medviewer.export",),
    # only tests compare with these
    **dict.fromkeys(("gdcm", "pylibjpeg"), ()),
}
"""Large libraries and where they may be imported, in a function or outside one."""

IMPORT_WITHOUT = """
import importlib, sys
blocked, wanted = sys.argv[1].split(","), sys.argv[2].split(",")
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in blocked:
            raise ImportError(f"{name} is made unimportable here")
sys.meta_path.insert(0, Refuse())
failed = []
for name in wanted:
    try:
        importlib.import_module(name)
    except ImportError as trouble:
        failed.append(f"{name}: {trouble}")
print("\\n".join(failed))
"""


def failing_imports(blocked: str, wanted: list[str]) -> str:
    """What cannot be imported in a fresh interpreter in which some libraries are not there."""
    command = [sys.executable, "-c", IMPORT_WITHOUT, blocked, ",".join(wanted)]
    answer = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def test_no_import_runs_upwards_in_a_circle_or_past_the_home_of_a_library() -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as lint; lint()",
        "--no-cache",
    ]
    answer = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_large_library_is_imported_in_its_home_only() -> None:
    strangers = []
    for path in modules():
        name = dotted(path)
        for node in [*found_in(path, ast.Import), *found_in(path, ast.ImportFrom)]:
            names = (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            )
            for library in (one.split(".")[0] for one in names):
                homes = LARGE.get(library)
                if homes is not None and not any((name + ".").startswith(home + ".") for home in homes):
                    strangers.append(f"{name} imports {library}")
    assert strangers == []


def test_everything_but_the_window_can_be_imported_on_a_computer_without_qt() -> None:
    wanted = [dotted(path) for floor in HEADLESS for path in modules(PACKAGE / floor)]
    assert failing_imports("PySide6,shiboken6,pyqtgraph", wanted) == ""


def test_nothing_but_training_needs_tensorflow_or_scikit_learn() -> None:
    wanted = [dotted(path) for path in modules() if PACKAGE / "training" not in path.parents]
    wanted.remove("medviewer.__main__")
    assert failing_imports("tensorflow,keras,tf2onnx,sklearn,skl2onnx", wanted) == ""


def test_the_tools_that_only_tests_use_are_not_needed_by_the_product() -> None:
    wanted = [dotted(path) for path in modules() if path.name != "__main__.py"]
    assert failing_imports("pytest,hypothesis,skimage,SimpleITK,importlinter", wanted) == ""


def test_nothing_but_the_rendering_process_needs_vtk() -> None:
    wanted = [dotted(path) for path in modules() if path.name != "__main__.py"]
    assert failing_imports("vtk,vtkmodules", wanted) == ""


HEAVY = [
    "vtkmodules",
    "PySide6",
    "cv2",
    "pydicom",
    "onnxruntime",
    "onnx",
    "scipy",
    "tensorflow",
    "sklearn",
    "pyqtgraph",
]


@pytest.mark.parametrize("asked", ["medviewer", "medviewer.session.state", "medviewer.training.commands"])
def test_what_is_asked_for_at_every_start_stays_light(asked: str) -> None:
    program = f"import sys, {asked}; print([name for name in {HEAVY} if name in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=HOME, capture_output=True, text=True, check=False
    )
    assert answer.stdout.strip() == "[]", answer.stderr
