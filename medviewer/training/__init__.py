"""Training networks on labelled pictures, judging them honestly, and exporting them for the viewer."""
