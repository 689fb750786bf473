"""Judging whatever answers for pictures, honestly and without TensorFlow: figures, intervals, a report."""
