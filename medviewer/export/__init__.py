"""Ways out: pictures that other programs can show."""
