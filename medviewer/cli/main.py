"""``medviewer COMMAND ...``: finds the command, runs it, and says in one sentence what went wrong."""

from __future__ import annotations

import argparse
import difflib
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import medviewer
from medviewer.cli import output
from medviewer.cli.arguments import Parser, add_declared, add_json, with_joined_negatives
from medviewer.cli.screen import has_screen
from medviewer.kit import log as log_file
from medviewer.kit.errors import BadValue, Cancelled, FileTrouble, MedviewerError
from medviewer.kit.params import parameters
from medviewer.kit.paths import user_folder
from medviewer.kit.registry import entry_points

log = logging.getLogger(__name__)

GROUP = "medviewer.commands"
"""Entry points that name a module whose COMMANDS have name, title and function(context, *, ...)."""
UNPACKED = ("medviewer.training.commands",)
"""What the entry points name as well, where the program runs from an unpacked tree that has none."""
FAILED, MISUSED = 1, 2

OWN = {
    "info": "what a file, a folder, a DICOMDIR or a ZIP archive holds, series by series",
    "objects": "segmentations, reports, structure sets and other objects: what they say, and about what",
    "tags": "the header of one file",
    "inspect": "what happened to one pixel on its way to the screen, and what decided it",
    "render": "one picture, as the window shows it, in a file",
    "numbers": "what an enhancement did to one picture: likeness, noise, clipping, contrast of regions",
    "measure": "lengths, angles, areas and values of one picture, or what was measured in the window",
    "enhance": "all pictures of a series, enhanced, in files",
    "export": "a series as pictures, movie, sheet, values, NIfTI or NRRD; labels and their surfaces",
    "segment": "parts of a stack or a picture, found by methods, measured, in a file",
    "infer": "let a model read a series",
    "explain": "where in a picture a model's answer comes from, as a picture and as numbers",
    "report": "a report of a study with the reader's work on it, as PDF or HTML",
    "dicom": "what a reader has kept of a study as DICOM objects: segmentations, measurements, key images",
    "preference": "what preference studies have shown: rankings with intervals, answers as tables",
    "models": "the models there are, and whether they still work",
    "bench": "how fast this machine is at what the viewer does",
}
"""Each lives in a module of its own name, imported when it is asked for."""

Window = Callable[[list[Path], bool], int]
"""Opens the window on some paths, or on the sample study."""


class Asked(Protocol):
    """A command declared elsewhere; its parameters are the keyword-only arguments of *function*."""

    name: str
    title: str
    function: Callable[..., Mapping[str, Any]]
    """(context, *, ...): gives plain values, which are printed"""
    positional: tuple[str, ...]
    """parameters without a flag, in this order"""


def main(arguments: Sequence[str] | None = None, window: Window | None = None) -> int:
    """Do what the command line says; the answer is the exit code: 0, 1 for bad input, 2 for wrong use.

    One of the three places that catch everything: nobody at a terminal should have to read a traceback.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    _begin_log()
    try:
        return _run(words, window)
    except SystemExit as end:  # argparse has said what there is to say
        return end.code if isinstance(end.code, int) else MISUSED
    except BadValue as trouble:
        output.complain(trouble)
        return MISUSED
    except MedviewerError as trouble:
        output.complain(trouble)
        return FAILED
    except (Cancelled, KeyboardInterrupt):
        output.remark("Stopped.")
        return 130
    except BrokenPipeError:
        # whoever read our answer has enough; Python must not complain about it while it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as trouble:  # noqa: BLE001
        log.error("unforeseen: %s", log_file.described(trouble))
        output.remark(
            f"Something went wrong inside medviewer ({type(trouble).__name__}); this is our mistake. "
            "The log says where."
        )
        return FAILED


def _run(words: list[str], window: Window | None) -> int:
    if words and words[0] in OWN:
        return _own(words[0], words[1:])
    plugged = {} if not words or words[0].startswith("-") else _plugged(words[0])
    if words and words[0] in plugged:
        return _asked(plugged[words[0]], words[1:])
    return _window(words, window)


def _own(name: str, words: list[str]) -> int:
    module: ModuleType = import_module(f"medviewer.cli.{name}")
    parser = Parser(
        prog=f"medviewer {name}",
        description=f"{OWN[name][0].upper()}{OWN[name][1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.declare(parser)
    return int(module.run(parser.parse_args(with_joined_negatives(words))) or 0)


def _plugged(name: str) -> dict[str, Asked]:
    """The commands of other packages; they are not even imported for a word that only a path can be."""
    if not _is_word([name]):
        return {}
    modules = {point.value for point in entry_points(group=GROUP)} | set(UNPACKED)
    found: dict[str, Asked] = {}
    for module in sorted(modules):
        try:
            declared = import_module(module).COMMANDS
        except (ImportError, AttributeError) as trouble:
            log.warning("the commands of %s were skipped: %s", module, type(trouble).__name__)
            continue
        found.update({one.name: one for one in declared})
    return found


def _asked(command: Asked, words: list[str]) -> int:
    lines = (command.function.__doc__ or command.title).strip().splitlines()
    parser = Parser(prog=f"medviewer {command.name}", description=lines[0], allow_abbrev=False)
    add_declared(parser, parameters(command.function), command.positional)
    add_json(parser)
    values = vars(parser.parse_args(words))
    is_json = values.pop("json")
    answer = command.function(output.context(getattr(command, "lasts", False)), **values)
    if is_json:
        output.tell_json(answer)
    elif told := getattr(command, "told", None):
        for line in told(dict(answer)).splitlines():
            output.tell(line)
    else:
        output.tell_values(answer)
    return 0


def _window(words: list[str], window: Window | None) -> int:
    parser = Parser(
        prog="medviewer",
        usage="medviewer [PATH ...] | medviewer --demo | medviewer COMMAND ...",
        description="Opens the window on files, folders, DICOMDIRs or ZIP archives.",
        epilog=_listing(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="what to open")
    parser.add_argument("--demo", action="store_true", help="open the sample study")
    parser.add_argument("--version", action="version", version=f"medviewer {medviewer.__version__}")
    values = parser.parse_args(words)
    for path in values.paths:
        if not os.path.lexists(path):
            kind = BadValue if _is_word(words) else FileTrouble
            raise kind(f"There is no file, folder or command called {str(path):.200}.", _nearest(path))
    if window is None or not has_screen():
        raise MedviewerError(
            "There is no screen to open a window on.", "The commands in medviewer --help need none."
        )
    return window(values.paths, values.demo)


def _is_word(words: list[str]) -> bool:
    """Whether the first of *words* reads like a command: a path has dots, digits or separators."""
    return words[0].isascii() and words[0].replace("-", "").isalpha()


def _listing() -> str:
    lines = [f"  {name:10} {words}" for name, words in OWN.items()]
    lines += ["  train      train a network (needs medviewer[train])", "  evaluate   measure a model on data"]
    lines += ["  compare    figures of several runs side by side, and what they differ by"]
    return "\n".join(["commands that need no window:", *lines, "", "medviewer COMMAND --help says more."])


def _nearest(path: Path) -> str:
    close = difflib.get_close_matches(str(path), (*OWN, "train", "evaluate", "compare"), n=1)
    return f"Did you mean {close[0]}?" if close else "See medviewer --help."


def _begin_log() -> None:
    """Log to the user's folder, so that standard error stays for sentences."""
    try:
        log_file.set_up(user_folder("logs"))
    except OSError:
        logging.getLogger("medviewer").addHandler(logging.NullHandler())
