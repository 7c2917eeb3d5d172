"""Measures speed, memory and quality; each module with a `main` prints a table."""
