"""Adapters behind the ports of stores and compute: image store, cache, threads, SQLite."""
