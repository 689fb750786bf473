"""Studies elsewhere (DIMSE and DICOMweb): the room is kept, a later step moves in."""
