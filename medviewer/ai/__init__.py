"""Models: their cards, running them, making sense of what they give."""
