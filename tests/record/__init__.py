"""Records what the service and the command line answer, and compares a later record with it.

`python -m tests.record record` writes answers.json and commands.json beside this file; `compare` prints what
differs from them. The recorder knows the product by HTTP and by `python cli.py` only, so that it does not
change when the product's modules do.
"""
