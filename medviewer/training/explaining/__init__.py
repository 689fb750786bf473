"""Explaining a network while its gradients are at hand; `ai.explain` does it for any ONNX file."""
