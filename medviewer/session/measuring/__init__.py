"""What readers draw and measure: changing it, copying it, what a length means, and a table of it all."""
