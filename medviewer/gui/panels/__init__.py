"""What can be done to the picture, in tabs, and what there is to look at."""
