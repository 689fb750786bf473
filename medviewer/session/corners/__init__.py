"""What stands in the corners of a picture."""
