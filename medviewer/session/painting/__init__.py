"""Painting labels by hand: what is painted into, what is covered, and how it comes into the document."""
