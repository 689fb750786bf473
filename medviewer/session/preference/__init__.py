"""Preference studies: which of two pictures a reader likes better, without knowing what was done to them."""
