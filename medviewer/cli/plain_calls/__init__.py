"""Each enhancement by the plain calls of a library; importing this declares them all."""

from medviewer.cli.plain_calls import edges, greys, smoothing, structure
from medviewer.cli.plain_calls.declared import PLAIN

__all__ = ["PLAIN", "edges", "greys", "smoothing", "structure"]
