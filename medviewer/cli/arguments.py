"""Flags that several commands share, and flags made from declared parameters."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from medviewer.kit.errors import BadValue
from medviewer.kit.params import Kind, Parameter

NUMBERS = ("--window", "--fuse-window", "--frame", "--at")
"""Flags whose value may begin with a minus."""
OPEN = "a file, a folder, a DICOMDIR or a ZIP archive"


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one sentence."""

    def error(self, message: str) -> Any:
        """Say what is wrong with the use, and end with 2."""
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")


def add_path(parser: argparse.ArgumentParser, help_text: str = OPEN) -> None:
    """The path to read."""
    parser.add_argument("path", metavar="PATH", type=Path, help=help_text)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Whether a program reads the answer."""
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Where files go."""
    parser.add_argument(
        "-o", "--output", metavar="DIR", type=Path, required=True, help="the folder to write to; it is made"
    )


def add_series(parser: argparse.ArgumentParser) -> None:
    """Which series."""
    parser.add_argument(
        "--series", metavar="UID", default="", help="the series, by its UID or by its key from info --json"
    )


def add_index(parser: argparse.ArgumentParser) -> None:
    """Which picture of the series, as `index`."""
    parser.add_argument(
        "--index",
        metavar="N",
        type=int,
        default=0,
        help="the picture's number in the series, counted from 0 in the order in the patient; -1 is the last",
    )


def add_look(parser: argparse.ArgumentParser) -> None:
    """Window and enhancement."""
    parser.add_argument(
        "--window",
        metavar="C,W",
        default="",
        help="centre and width in the picture's own unit, or auto, or the name of a preset such as Lung; "
        "without it the file's own window, or else an automatic one",
    )
    parser.add_argument(
        "--step",
        metavar="NAME:KEY=VALUE,...",
        action="append",
        default=[],
        help="an enhancement; several run in the order given, those on values before those on greys; "
        "match:reference=@FILE gives a picture the greys of another one",
    )
    before = parser.add_mutually_exclusive_group()
    before.add_argument(
        "--recipe",
        metavar="FILE",
        type=Path,
        help="a saved recipe, or the name of one in the list of recipes, applied before any --step",
    )
    before.add_argument(
        "--default",
        action="store_true",
        help="the recipe that was made the default of the series' modality and body part, before any --step",
    )


def with_joined_negatives(arguments: Sequence[str]) -> list[str]:
    """``--window -600,1500`` as one word: argparse takes a leading minus for a flag."""
    joined: list[str] = []
    for word in arguments:
        if joined and joined[-1] in NUMBERS and word[:1] == "-" and word[1:2].isdigit():
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def add_declared(
    parser: argparse.ArgumentParser, declared: Sequence[Parameter], positional: Sequence[str]
) -> None:
    """One argument per declared parameter: words in the order of *positional*, the others flags."""
    by_name = {parameter.name: parameter for parameter in declared}
    for name in positional:
        one = by_name[name]
        if one.kind is Kind.PATHS:
            # the last one: it takes all words that are left
            metavar = name.upper().removesuffix("S")
            parser.add_argument(name, metavar=metavar, type=Path, nargs="+", help=_help(one))
            continue
        may_lack: dict[str, Any] = {} if one.required else {"nargs": "?", "default": one.default}
        parser.add_argument(name, metavar=name.upper(), type=_reader(one), help=_help(one), **may_lack)
    for parameter in declared:
        words = _help(parameter)
        if parameter.name in positional:
            continue
        if parameter.kind is Kind.SWITCH:
            parser.add_argument(
                _flag(parameter), action=argparse.BooleanOptionalAction, default=parameter.default, help=words
            )
        elif parameter.kind is Kind.TEXTS:
            parser.add_argument(
                _flag(parameter), metavar="TEXT", action="append", default=list(parameter.default), help=words
            )
        else:
            parser.add_argument(
                *(["-o"] if parameter.name == "output" else []),
                _flag(parameter),
                metavar="|".join(parameter.choices) or parameter.name.upper(),
                type=_reader(parameter),
                default=parameter.default,
                required=parameter.required,
                help=words,
            )


def _help(parameter: Parameter) -> str:
    return f"{parameter.help or parameter.label} ({_limits(parameter)})".replace("%", "%%")


def _flag(parameter: Parameter) -> str:
    return "--" + parameter.name.replace("_", "-")


def _limits(parameter: Parameter) -> str:
    if parameter.required or parameter.default in (None, "", ()):
        return parameter.limits()
    return f"{parameter.limits()}; {parameter.default} unless given"


def _reader(parameter: Parameter) -> Callable[[str], Any]:
    """Reads one word; a wrong one becomes argparse's kind of complaint."""

    def read(text: str) -> Any:
        try:
            return parameter.parse(text)
        except BadValue as trouble:
            raise argparse.ArgumentTypeError(str(trouble).rstrip(".")) from None

    return read
