"""Objects that speak about pictures: segmentations, measurements, presentations, key images, captures."""
