"""Machinery that knows no images: errors, parameters, registry, cache, tasks, settings."""
