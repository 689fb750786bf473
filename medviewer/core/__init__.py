"""The words of radiology as frozen values."""
