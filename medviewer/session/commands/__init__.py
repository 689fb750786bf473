"""What a reader can do, one file per part of the work."""
