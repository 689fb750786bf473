"""The reader's work as DICOM objects: what is to be saved, gathered from the state, written by a worker."""
