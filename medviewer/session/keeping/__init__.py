"""Nothing that a reader does is lost: the work on each study, and the workplace, on disk."""
