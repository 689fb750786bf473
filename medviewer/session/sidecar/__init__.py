"""Files beside saved pictures that bring the very view back."""
