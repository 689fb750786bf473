"""Which studies are on this disk: index, scan, search, thumbnails."""
