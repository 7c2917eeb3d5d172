"""Weight files: where they lie, proof that they are right and, in `puller` alone, how they get here.

Importing this package connects nothing and loads no HTTP client; serving needs no more than it.
"""
