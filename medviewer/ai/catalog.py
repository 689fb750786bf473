"""Which models are there: those that came with the program, the user's own, and those of plugins.

Listing opens no model; see `metadata`.
"""

from __future__ import annotations

import difflib
import hashlib
import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from medviewer.ai.card import KEY, SAMPLE_KEY, Card
from medviewer.ai.card_text import LARGEST_CARD, read_card
from medviewer.ai.metadata import metadata
from medviewer.kit import paths
from medviewer.kit.errors import CardInvalid, ModelTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.registry import entry_points

log = logging.getLogger(__name__)

GROUP = "medviewer.models"
LARGEST_FILE = 2**31 - 1
NO_CARD = "has no card that says what it takes and gives"


@frozen
class Model:
    """One ``.onnx`` file."""

    path: Path
    card: Card | None
    sha256: str
    size_bytes: int
    faults: tuple[str, ...] = ()
    """why it cannot be used, one sentence each"""
    sample: str = ""
    """an input and the output it must give, as `selfcheck` wrote them"""
    card_beside: bool = False
    """whether the card lies beside the file, where only the user can have put it"""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.card.name if self.card else self.path.stem

    @property
    def version(self) -> str:
        """The version its card gives."""
        return self.card.version if self.card else ""

    @property
    def usable(self) -> bool:
        """Whether it can be run."""
        return self.card is not None and not self.faults

    @property
    def shipped(self) -> bool:
        """Whether it came with the program."""
        return self.path.parent == paths.resource("models")


def folders() -> tuple[Path, ...]:
    """Where models are looked for; a name found in an earlier folder hides the same name in a later one."""
    return (paths.user_folder("models"), paths.resource("models"), *_plugged())


def models(where: Sequence[Path] | None = None) -> tuple[Model, ...]:
    """All models in *where*, else in `folders`, by name; those with faults are in the list too."""
    found: dict[str, Model] = {}
    for folder in folders() if where is None else where:
        for path in sorted(Path(folder).glob("*.onnx")):
            model = read(path)
            found.setdefault(model.name, model)
    return tuple(found[name] for name in sorted(found))


def find(name_or_path: str | Path, where: Sequence[Path] | None = None) -> Model:
    """The usable model with this name or at this path. Raises ModelTrouble with what to do."""
    text = str(name_or_path)
    path = Path(text)
    if path.suffix.lower() == ".onnx" and path.is_file():
        return usable(read(path))
    known = {model.name: model for model in models(where)}
    if text in known:
        return usable(known[text])
    if path.is_file():
        raise ModelTrouble(f"{path.name} is no ONNX model.", "A model is a file that ends in .onnx.")
    near = difflib.get_close_matches(text, known, n=1)
    advice = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known) or 'none'}."
    raise ModelTrouble(f"There is no model called {text!r:.100}.", advice)


def usable(model: Model) -> Model:
    """*model*, when it can be run. Raises ModelTrouble, CardInvalid."""
    if model.card is None and not model.faults:
        raise ModelTrouble(
            f"{model.path.name} {NO_CARD}.",
            f"Write {model.path.stem}.card.json beside it; the manual shows how.",
        )
    if model.faults:
        raise ModelTrouble(" ".join(model.faults), "Repair or remove the file.")
    return model


def read(path: Path) -> Model:
    """The model at *path*; what is wrong with it is in `faults`."""
    try:
        facts = path.stat()
        beside = card_beside(path)
        other = beside.stat().st_mtime_ns if beside.is_file() else 0
        return _read(path.absolute(), facts.st_size, facts.st_mtime_ns, other)
    except OSError as trouble:
        return Model(path, None, "", 0, (f"{path.name} cannot be read: {trouble.strerror}.",))


def card_beside(path: Path) -> Path:
    """Where the card of a foreign file lies."""
    return path.with_name(f"{path.stem}.card.json")


def content(model: Model) -> bytes:
    """The bytes of *model*, exactly those that were listed. Raises ModelTrouble when the file has changed."""
    try:
        data = model.path.read_bytes()
    except OSError as trouble:
        raise ModelTrouble(f"{model.path.name} cannot be read: {trouble.strerror}.") from None
    if hashlib.sha256(data).hexdigest() != model.sha256:
        raise ModelTrouble(
            f"{model.path.name} has changed on the disk since it was listed.", "Choose it again."
        )
    return data


@lru_cache(maxsize=256)
def _read(path: Path, size: int, changed_ns: int, card_changed_ns: int) -> Model:
    if size > LARGEST_FILE:
        return Model(path, None, "", size, (f"{path.name} is larger than 2 GB.",))
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    try:
        about = metadata(data, path.name)
        text, beside = _card_text(path, about)
        card = read_card(text, path.name) if text is not None else None
    except CardInvalid as trouble:
        return Model(path, None, digest, size, (trouble.message,))
    except ModelTrouble as trouble:
        return Model(path, None, digest, size, (trouble.message,))
    return Model(path, card, digest, size, (), about.get(SAMPLE_KEY, ""), beside)


def _card_text(path: Path, about: dict[str, str]) -> tuple[str | None, bool]:
    beside = card_beside(path)
    if not beside.is_file():
        return about.get(KEY), False
    if beside.stat().st_size > LARGEST_CARD:
        raise CardInvalid(path.name, ["It is far too large for a card."])
    return beside.read_text(encoding="utf-8", errors="replace"), True


def _plugged() -> tuple[Path, ...]:
    found: list[Path] = []
    for point in entry_points(group=GROUP):
        try:
            found += [Path(folder) for folder in point.load()()]
        except (ImportError, AttributeError, TypeError, ValueError, OSError) as trouble:
            log.warning("the models of %s were skipped: %s", point.name, type(trouble).__name__)
    return tuple(found)
