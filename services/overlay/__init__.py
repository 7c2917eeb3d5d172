"""Draws regions and their names on a photograph."""
