"""Pure pixel functions: grey scale, render, enhance, measure, compare; the home of OpenCV."""
