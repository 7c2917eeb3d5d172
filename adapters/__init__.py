"""Implementations of the ports that are no models: image store, cache, worker pool."""
