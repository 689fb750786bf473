"""Labels as surfaces in 3-D: which are to be seen, and how they are made without anybody waiting."""
