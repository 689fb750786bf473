"""Pages of documents that come from strangers."""
