"""What is printed: a viewport, all of them or a report, as pages of a PDF."""
