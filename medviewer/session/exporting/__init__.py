"""Whole series on their way out: pictures, movies, contact sheets, values, volumes, labels and surfaces."""
