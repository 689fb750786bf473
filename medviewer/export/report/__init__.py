"""Reports as HTML and as PDF: two ways to lay out one frozen value."""
