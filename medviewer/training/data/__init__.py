"""Labelled pictures: where they lie, whether they can be used, and who may learn from which."""
