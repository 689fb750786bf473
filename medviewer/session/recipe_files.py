"""Recipe files: reading them with everything checked, writing them, and what a file may be called."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import replace
from pathlib import Path

import medviewer
from medviewer.core.pipeline import Pipeline, RecipeFile, Step, recipe_file
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.session.networks import PREFIX

LARGEST_RECIPE = 1_000_000
LONGEST_NAME = 80
LONGEST_DESCRIPTION = 1000
_STEM_BYTES = 120
_REFUSED = ("Cc", "Cs", "Co", "Cn")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the direction of the words that follow a name on the screen."""


def read_recipe(path: Path) -> Pipeline:
    """The recipe in a file, its operations and values checked. Raises FileTrouble or BadValue."""
    return read_file(path).pipeline


def read_file(path: Path) -> RecipeFile:
    """What a recipe file says, its operations and values checked. Raises FileTrouble or BadValue."""
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_RECIPE:
            raise FileTrouble(f"{path.name} is too large for a recipe.", "Recipes are small JSON files.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise FileTrouble(
            f"The recipe {path.name} cannot be read.", "Check that the file is there."
        ) from None
    except UnicodeDecodeError:
        raise FileTrouble(f"{path.name} is no recipe.", "Recipes are small JSON files.") from None
    try:
        found = recipe_file(text)
    except BadValue as trouble:
        raise BadValue(f"{path.name}: {trouble.message}", trouble.advice) from None
    steps = tuple(_checked_step(step, at, path.name) for at, step in enumerate(found.pipeline.steps, 1))
    name, words = tidy(found.pipeline.name, LONGEST_NAME), tidy(found.pipeline.description)
    return replace(found, pipeline=Pipeline(steps, name, words))


def write_recipe(path: Path, pipeline: Pipeline) -> None:
    """Write a recipe file. Raises FileTrouble."""
    text = pipeline.to_json(f"medviewer {medviewer.__version__}")
    try:
        write_atomically(path, text.encode())
    except OSError as trouble:
        raise FileTrouble(
            f"The recipe could not be saved as {path.name}: {trouble.strerror}.",
            "Choose another place, or make room on the disk.",
        ) from None


def tidy(words: str, longest: int = LONGEST_DESCRIPTION) -> str:
    """*words* in one line, in any script, without signs that cannot be seen or turn what follows."""
    plain = unicodedata.normalize("NFC", words)
    kept = (" " if one.isspace() else one for one in plain if one.isspace() or _is_seen(one))
    return " ".join("".join(kept).split())[:longest].strip()


def checked_name(name: str) -> str:
    """*name* as a recipe may be called. Raises BadValue."""
    plain = tidy(name, len(name) + 1)
    if not plain or len(plain) > LONGEST_NAME:
        raise BadValue(
            f"A recipe cannot be called {plain!r:.40}.", f"A name has 1 to {LONGEST_NAME} letters or signs."
        )
    return plain


def same_name(name: str) -> str:
    """Equal for names that readers, and some disks, take for the same one."""
    return unicodedata.normalize("NFC", name).casefold()


def file_stem(name: str) -> str:
    """*name* as every system allows it in the name of a file, in its own script."""
    safe = "".join(one if one.isalnum() or one in " -+()" else "_" for one in name).strip()
    return safe.encode()[:_STEM_BYTES].decode(errors="ignore").strip() or "recipe"


def own_file(name: str) -> str:
    """The file of a recipe in the reader's folder: no two names share one, whatever the system."""
    number = hashlib.sha256(same_name(name).encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{file_stem(name)}-{number}.json"


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign) not in _REFUSED and sign not in _TURNING


def _checked_step(step: Step, at: int, file: str) -> Step:
    """A step with all its values. Raises BadValue that names the file, the step and what is wrong."""
    if step.operation not in ENHANCEMENTS:
        if step.operation.startswith(PREFIX):
            raise BadValue(
                f"Step {at} of {file} is the network {step.operation.removeprefix(PREFIX)!r:.60}, "
                "which is not here.",
                "Add its model in the AI panel.",
            )
        raise BadValue(
            f"Step {at} of {file} is {step.operation!r:.60}, which this medviewer does not have.",
            "Update medviewer, or install what adds it.",
        )
    found = ENHANCEMENTS[step.operation]
    try:
        return step.with_values(found.checked(dict(step.values)))
    except BadValue as trouble:
        raise BadValue(f"Step {at} of {file}, {found.title}: {trouble.message}", trouble.advice) from None
