"""The commands of cli.py, which use the same services as the HTTP routes."""
