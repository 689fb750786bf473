"""What all networks here have in common."""

MOMENTUM = 0.9
"""Of the running means of batch normalisation. Keras's 0.99 needs some hundred steps to forget where it
began, and small sets have fewer."""
