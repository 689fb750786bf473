"""Networks made of layers that are known to export to ONNX; importing this declares them all."""

from medviewer.training.networks import cnn, pictures, residual, sequence, unet
from medviewer.training.networks.network import NETWORKS, Given, Network, built

__all__ = ["NETWORKS", "Given", "Network", "built", "cnn", "pictures", "residual", "sequence", "unet"]
