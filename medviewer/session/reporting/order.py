"""What a report is asked to hold, and who it may name."""

from __future__ import annotations

from typing import Literal, get_args

from medviewer.kit.frozen import frozen

Identity = Literal["none", "study", "patient"]
"""Nothing that says who it is; what the study is called and when it was made; also whose it is."""
IDENTITIES: tuple[Identity, ...] = get_args(Identity)
Paper = Literal["A4", "Letter"]
PAPERS: tuple[Paper, ...] = get_args(Paper)


@frozen
class Order:
    """One report."""

    identity: Identity = "none"
    shown: bool = True
    """the pictures that are shown now"""
    key_pictures: bool = True
    annotated: bool = True
    """every picture on which something was drawn"""
    measurements: bool = True
    labels: bool = True
    recipes: bool = True
    models: bool = True
