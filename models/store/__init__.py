"""Weight files: their places, the check of their hashes and, in `pull` and `download`, their download.

Only `download`, and through it `pull`, imports an HTTP client; serving needs `weights` alone.
"""
