"""A plane through the stack instead of a slice, for ``medviewer render``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from medviewer.core.cut import PLANES
from medviewer.kit.errors import BadValue
from medviewer.session.commands.planes import SLABS, THICKEST_MM
from medviewer.session.planes import along_axis, middle, stack_of
from medviewer.session.session import Session


def add_plane(parser: ArgumentParser) -> None:
    """Which plane, where, how thick."""
    parser.add_argument(
        "--plane",
        choices=PLANES,
        default="",
        help="a plane through the stack instead of a slice; --frame says through which stack of several",
    )
    parser.add_argument(
        "--at",
        metavar="MM",
        type=float,
        help="where the plane lies, in mm of the patient: z of axial, y of coronal, x of sagittal planes; "
        "the middle of the stack unless given",
    )
    parser.add_argument(
        "--slab",
        metavar="MM",
        type=float,
        default=0.0,
        help=f"thickness of the plane, 0 to {THICKEST_MM:g}; 0 is one plane",
    )
    parser.add_argument(
        "--slab-mode", choices=tuple(SLABS), default="mean", help="what a slab shows; mean unless given"
    )


def check(values: Namespace) -> None:
    """Raise BadValue for a place or a slab of no plane."""
    if not values.plane and (values.at is not None or values.slab or values.slab_mode != "mean"):
        raise BadValue("--at and --slab are for planes.", "Say which one with --plane.")


def show(opened: Session, values: Namespace) -> None:
    """Put the plane in its place, by the commands of the window. Raises BadValue."""
    if not values.plane:
        return
    opened.run("plane.show", name=values.plane)
    geometry = stack_of(opened, opened.view.current)
    at = middle(geometry) if values.at is None else along_axis(geometry, values.plane, values.at)
    opened.run("plane.crosshair", position=at)
    opened.run("plane.slab", thickness=values.slab, mode=values.slab_mode)
