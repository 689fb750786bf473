"""Models: their cards, running them, making sense of what they give."""

import os

# From 1.29 on ONNX Runtime tells its maker which networks are loaded and how they run, under a number that
# it keeps for this machine; only this, set before it is loaded, stops all of it (Privacy.md in its package).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
