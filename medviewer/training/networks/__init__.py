"""Networks made of layers that are known to export to ONNX."""
