"""One module a command of cli.py, over the same services as HTTP."""
