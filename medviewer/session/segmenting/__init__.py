"""Labels made, changed, combined and measured: what the Segment panel and its commands do."""
