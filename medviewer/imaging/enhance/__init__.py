"""Enhancements: operations with their parameters, and pipelines of them."""

from medviewer.imaging.enhance import contrast, edges, noise, sharpness

__all__ = ["contrast", "edges", "noise", "sharpness"]
