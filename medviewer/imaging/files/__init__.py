"""Files of grids and surfaces that other programs read: NIfTI, NRRD, STL and PLY."""
